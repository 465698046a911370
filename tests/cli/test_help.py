"""Help is text: asking for it starts no database and makes none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["people", "demo"])
def test_help_makes_no_database(name: str, tmp_path: Path) -> None:
    environment = os.environ | {"V2V_STATE": str(tmp_path / "state")}
    environment.pop("V2V_TEST_CLUSTER", None)
    command = [sys.executable, "-m", "vein2vein.cli", name, "--help"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Usage: vein2vein {name}")
    assert not (tmp_path / "state" / "postgres").exists()
