"""`./vein2vein quality assess FILE`: the verdict on an exported case, computed again."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from vein2vein.quality import reads
from vein2vein.quality.commands import group
from vein2vein.quality.tests.ready import Quality


def test_the_exported_case_is_judged_again_without_a_database(quality: Quality, tmp_path: Path) -> None:
    case = reads.get_case(batch_id=quality.batch_id, by=quality.find("qp"))
    file = tmp_path / case.filename
    file.write_bytes(case.content)
    judged = CliRunner().invoke(group, ["assess", str(file)])
    assert (judged.exit_code, judged.output.splitlines()[-1]) == (0, "conforms")
    stored = reads.latest_assessment(quality.batch.pk)
    assert stored is not None
    assert CliRunner().invoke(group, ["assess", "--json", str(file)]).output.strip() == stored.verdict
    file.write_bytes(case.content.replace(b'"value":"97.1"', b'"value":"77.1"'))
    worse = CliRunner().invoke(group, ["assess", str(file)])
    assert (worse.exit_code, worse.output.splitlines()[-1]) == (1, "does_not_conform")
    file.write_bytes(case.content[:-9])
    assert CliRunner().invoke(group, ["assess", str(file)]).exit_code == 3


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"{}"])
def test_what_is_no_case_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "case.json"
    file.write_bytes(content)
    assert CliRunner().invoke(group, ["assess", str(file)]).exit_code == 3
