"""The published NucleoView export is read exactly; every other instrument's is refused by its name."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from vein2vein.core.refusals import Refused
from vein2vein.engines.instruments.counter import read_counter
from vein2vein.engines.instruments.trace import read_trace

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("VEIN2VEIN_CONFORMANCE", ROOT / "../shared/conformance")) / "instruments"
FILES = sorted(path for path in FOLDER.glob("*") if path.is_file())
NUCLEOVIEW = [path for path in FILES if "nucleoview" in path.name]
OTHERS = [path for path in FILES if path not in NUCLEOVIEW]
NAMES = {
    "Appbio_AbsoluteQ": "Absolute Q",
    "Beckman_Vi-Cell-BLU": "Vi-CELL BLU",
    "Beckman_Vi-Cell-XR": "Vi-CELL XR",
    "appbio_quantstudio": "QuantStudio",
    "cfxmaestro": "CFX Maestro",
    "chememotec_nc_view": "NC-View",
    "qiacuity": "QIAcuity",
}

pytestmark = pytest.mark.skipif(not FILES, reason=f"no reference data in {FOLDER}: set VEIN2VEIN_CONFORMANCE")


@pytest.mark.parametrize("file", NUCLEOVIEW, ids=lambda file: file.name)
def test_reads_nucleoview(file: Path) -> None:
    data = file.read_bytes()
    result = read_counter(data, file.name)
    assert result.sha256 == hashlib.sha256(data).hexdigest()
    assert result.total_cells_per_ml > 0
    if file.name == "chemometec_nucleoview_example01.csv":
        assert result.viability_percent == Decimal("68.2")
        assert result.live_cells_per_ml == Decimal("2.45E6")
        assert result.dead_cells_per_ml == Decimal("1.14E6")
        assert result.total_cells_per_ml == Decimal("3.58E6")
        assert (result.sample_id, result.operator) == ("cellsABCD", "DrScientist")
        assert result.measured_at == datetime(2023, 11, 20, 14, 30, 16, tzinfo=UTC)
        assert result.utc_offset == timedelta(hours=2)
        assert (result.serial, result.checksum) == ("9000201099909999", "ECEC5A41")


@pytest.mark.parametrize("file", OTHERS, ids=lambda file: file.name)
def test_refuses_another_instrument_by_name(file: Path) -> None:
    with pytest.raises(Refused) as refusal:
        read_counter(file.read_bytes(), file.name)
    (blocker,) = refusal.value.blockers
    assert blocker.code == "counter.other_instrument"
    expected = next((name for start, name in NAMES.items() if file.name.startswith(start)), "")
    assert expected in blocker.value
    assert blocker.mend


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_instrument_export_is_a_logger_trace(file: Path) -> None:
    with pytest.raises(Refused):
        read_trace(file.read_bytes(), file.name)
