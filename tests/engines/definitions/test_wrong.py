"""Each wrong definition is refused with file, line, fault and mend."""

from __future__ import annotations

import pytest

from tests.engines.definitions import shipped
from tests.engines.definitions.wrong import Wrong, agreeing, making, reading, releasing, supplying
from vein2vein.engines.definitions import DefinitionFaults, Fault, check, read

ALL = (*reading.WRONG, *agreeing.WRONG, *making.WRONG, *releasing.WRONG, *supplying.WRONG)


def faults_of(files: dict[str, bytes]) -> list[Fault]:
    try:
        return check(read(files))
    except DefinitionFaults as error:
        return list(error.faults)


@pytest.mark.parametrize("wrong", [pytest.param(one, id=one.name) for one in ALL])
def test_wrong_definition_is_refused_with_file_line_fault_and_mend(wrong: Wrong) -> None:
    files = shipped.files(wrong.base)
    text = files[wrong.file].decode()
    assert wrong.old in text, "the shipped definition changed: choose another place to spoil"
    files[wrong.file] = text.replace(wrong.old, wrong.new, -1 if wrong.everywhere else 1).encode()
    faults = faults_of(files)
    at = files[wrong.at].decode()
    line = at.count("\n", 0, at.index(wrong.marker)) + 1
    found = {(fault.file, fault.line, fault.fault, fault.mend) for fault in faults}
    assert (wrong.at, line, wrong.fault, wrong.mend) in found, "\n".join(map(str, faults))


def test_there_are_enough_wrong_definitions_and_no_two_alike() -> None:
    assert len({one.name for one in ALL}) == len(ALL) >= 60
    assert len({one.fault for one in ALL}) >= 60


@pytest.mark.parametrize("name", shipped.NAMES)
def test_shipped_definition_has_no_fault(name: str) -> None:
    assert check(shipped.definition(name)) == []


@pytest.mark.parametrize("name", shipped.NAMES)
def test_shipped_definition_says_that_it_is_a_demonstration(name: str) -> None:
    therapy = shipped.definition(name).therapy
    assert therapy.demonstration
    assert "演示" in therapy.statement.zh
