"""All published demand scenarios get their published facility sets, in less than a second."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path

import pytest

from vein2vein.engines.networks import COLUMNS, label

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("VEIN2VEIN_CONFORMANCE", ROOT / "../shared/conformance")) / "network-design"
FILE = FOLDER / "demands-1-3000.csv"

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason=f"no published scenarios in {FOLDER}: set VEIN2VEIN_CONFORMANCE"
)


def test_every_published_label_is_reproduced_within_a_second() -> None:
    with FILE.open(newline="", encoding="utf-8") as file:
        published = [[row[name] for name in COLUMNS] for row in csv.DictReader(file)]
    began = time.process_time()
    with FILE.open(newline="", encoding="utf-8") as file:
        found = [one.row() for one in label(file)]
    took_s = time.process_time() - began
    assert len(found) == 3000
    assert [(ours, theirs) for ours, theirs in zip(found, published, strict=True) if ours != theirs] == []
    assert took_s < 1.0
