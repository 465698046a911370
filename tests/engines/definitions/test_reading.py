"""Reading refuses whatever bytes are given with faults, never with anything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.definitions import shipped
from vein2vein.engines.definitions import (
    FILES,
    DefinitionFaults,
    canonical,
    check,
    content_hash,
    load,
    read,
    read_folder,
)

RAPID = "rapid-bcma-cd19"


def faults(content: bytes, file: str = "therapy.yaml") -> list[str]:
    with pytest.raises(DefinitionFaults) as refused:
        read(shipped.files(RAPID) | {file: content})
    return [fault.fault for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "the file is empty"),
        (b"# nothing\n", "the file is empty"),
        (b"\x00\x01\x02", "the control character U+0000 has no place here"),
        (b"\x89PNG\r\n\x1a\n", "the file is not UTF-8 text"),
        ("编号: 一".encode("gb18030"), "the file is not UTF-8 text"),
        ("id: x".encode("utf-16"), "the file is not UTF-8 text"),
        (b"\xef\xbb\xbfid: x\n", "the control character U+FEFF has no place here"),
        (b"a" * (1024 * 1024 + 1), "the file is larger than 1 MiB"),
        (b"- " * 5000, "the file is nested too deeply or holds too much"),
        (b"[" * 100_000, "the file is nested too deeply or holds too much"),
        (b"{a: " * 5000, "the file is nested too deeply or holds too much"),
        (b"a: [" + b"1," * 70_000 + b"]", "the file is nested too deeply or holds too much"),
        (b"a: &a [1]\nb: [*a, *a]\n", "anchors and aliases are not used here"),
        (b"? [a, b]\n: c\n", "a key must be a word"),
        (b"<<: {id: x}\n", "the key “<<” is not known here"),
        (b'id: "a\\0b"\n', "the text holds a control character"),
        (b"just words", "here stands a single value, where a mapping belongs"),
    ],
)
def test_bytes_that_are_no_definition(content: bytes, fault: str) -> None:
    assert fault in faults(content)


def test_a_missing_and_a_foreign_file_are_named() -> None:
    files = shipped.files(RAPID)
    del files["supply.yaml"]
    files["notes.txt"] = b"hello"
    with pytest.raises(DefinitionFaults) as refused:
        read(files)
    assert {(fault.file, fault.fault) for fault in refused.value.faults} == {
        ("supply.yaml", "the file is missing"),
        ("notes.txt", "this file is no part of a definition"),
    }


@pytest.mark.parametrize("missing", [b"DEFINITION", b"COMMENT"])
def test_a_construct_without_its_words_is_read_or_refused(missing: bytes) -> None:
    files = shipped.files(RAPID)
    rows = files["construct.gb"].split(b"\n")
    files["construct.gb"] = b"\n".join(row for row in rows if not row.startswith(missing))
    read_and_check(files)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DefinitionFaults):
        read_folder(tmp_path / "nowhere")


def test_every_fault_of_several_files_is_reported_at_once() -> None:
    files = shipped.files(RAPID)
    files["therapy.yaml"] = files["therapy.yaml"].replace(b"phase: phase_2", b"phase: two")
    files["supply.yaml"] = files["supply.yaml"].replace(b"hold_time: 120 h", b"hold_time: long")
    with pytest.raises(DefinitionFaults) as refused:
        read(files)
    assert [fault.file for fault in refused.value.faults] == ["supply.yaml", "therapy.yaml"]


def read_and_check(files: dict[str, bytes]) -> None:
    """Do both; only the promised exception is let through."""
    try:
        definition = read(files)
    except DefinitionFaults as refused:
        for fault in refused.faults:
            assert fault.file
            assert fault.fault
            assert fault.mend
        return
    for fault in check(definition):
        assert fault.line > 0, str(fault)
        assert str(fault)
    assert load(canonical(definition)) == definition


@settings(max_examples=50, deadline=None)
@given(
    name=st.sampled_from(shipped.NAMES),
    file=st.sampled_from(FILES),
    at=st.floats(0, 1),
    length=st.integers(0, 60),
    spoiled=st.binary(max_size=40),
)
def test_spoiled_bytes_raise_nothing_else(name: str, file: str, at: float, length: int, spoiled: bytes) -> None:
    files = shipped.files(name)
    start = int(at * len(files[file]))
    files[file] = files[file][:start] + spoiled + files[file][start + length :]
    read_and_check(files)


@settings(max_examples=50, deadline=None)
@given(name=st.sampled_from(shipped.NAMES), file=st.sampled_from(FILES), data=st.data())
def test_lines_removed_doubled_or_swapped_raise_nothing_else(name: str, file: str, data: st.DataObject) -> None:
    files = shipped.files(name)
    rows = files[file].split(b"\n")
    one, other = (data.draw(st.integers(0, len(rows) - 1)) for _ in range(2))
    match data.draw(st.sampled_from(["remove", "double", "swap", "value"])):
        case "remove":
            del rows[one]
        case "double":
            rows.insert(other, rows[one])
        case "swap":
            rows[one], rows[other] = rows[other], rows[one]
        case _:
            rows[one] = rows[one].partition(b":")[0] + b":" + rows[other].partition(b":")[2]
    files[file] = b"\n".join(rows)
    read_and_check(files)


@settings(max_examples=40, deadline=None)
@given(content=st.binary(max_size=300), file=st.sampled_from(FILES))
def test_any_bytes_raise_nothing_else(content: bytes, file: str) -> None:
    read_and_check(shipped.files(RAPID) | {file: content})


@given(
    one=st.dictionaries(st.text(max_size=8), st.binary(max_size=16), max_size=3),
    other=st.dictionaries(st.text(max_size=8), st.binary(max_size=16), max_size=3),
)
def test_content_hash_tells_files_apart(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert (content_hash(one) == content_hash(other)) == (one == other)


def test_content_hash_does_not_depend_on_the_order_of_files() -> None:
    files = shipped.files(RAPID)
    assert content_hash(files) == content_hash(dict(reversed(files.items())))
    assert len(content_hash(files)) == 64
