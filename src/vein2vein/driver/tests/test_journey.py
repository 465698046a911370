"""`vein2vein journey`: an order, a counter's export and a logger's file become papers and a journal that proves it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from vein2vein.driver import commands
from vein2vein.driver.database import simulated
from vein2vein.journal.commands import verify_file
from vein2vein.quality.commands import group as quality

EXAMPLES = Path(settings.ROOT) / "examples"


@pytest.fixture(autouse=True)
def _tables_are_copied(tables: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "simulated", partial(simulated, tables_of=tables))
    for cost in ("ARGON2_TIME_COST", "ARGON2_MEMORY_KIB"):
        monkeypatch.setattr(settings, cost, getattr(settings, cost))  # the command lowers it for its own process


def journey(order: Path, out: Path) -> Result:
    return CliRunner().invoke(commands.journey, ["--order", str(order), "--out", str(out)])


@pytest.mark.requirement("E")
@pytest.mark.parametrize("name", ["order-rapid-myeloma.json", "order-lupus.json"])
def test_an_order_is_carried_to_the_infused_dose(name: str, tmp_path: Path) -> None:
    done = journey(EXAMPLES / name, tmp_path)
    assert done.exit_code == 0, done.output[-2000:]
    told = done.stdout.splitlines()
    assert "verifies against the root" in told[-1]
    root = next(line.removeprefix("root ") for line in told if line.startswith("root "))
    papers = {"batch-record", "certificate", "dose-report", "release-for-infusion"}
    for paper in (f"{paper}-{language}.pdf" for paper in papers for language in ("en", "zh")):
        assert (tmp_path / paper).read_bytes().startswith(b"%PDF-"), paper
    assert len(list(tmp_path.glob("label-*.pdf"))) > 8
    verify = partial(CliRunner().invoke, verify_file)
    export = tmp_path / "journal.jsonl"
    assert "orders.InfusionRecorded" in export.read_text()
    assert verify([str(export), "--root", root]).exit_code == 0
    lines = export.read_text().splitlines(keepends=True)
    export.write_text("".join(lines[:20] + lines[21:]))
    assert verify([str(export), "--root", root]).exit_code != 0
    (case,) = tmp_path.glob("*.json")
    assert CliRunner().invoke(quality, ["assess", str(case)]).exit_code == 0


@pytest.mark.requirement("G")
def test_an_order_without_weight_makes_nothing(tmp_path: Path) -> None:
    order, out = json.loads((EXAMPLES / "order-rapid-myeloma.json").read_text()), tmp_path / "out"
    order["entry"] = [one for one in order["entry"] if one["resource"]["resourceType"] != "Observation"]
    (tmp_path / "order.json").write_text(json.dumps(order))
    done = journey(tmp_path / "order.json", out)
    assert done.exit_code != 0
    assert "weight" in f"{done.output}{done.exception}"
    assert not out.exists()
