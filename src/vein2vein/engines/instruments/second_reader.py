"""The second, independent reading of a counter export, by allotropy; imported only when needed (some 4 s)."""

from __future__ import annotations

import importlib
import io
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.instruments.raw_text import shown

if TYPE_CHECKING:
    from vein2vein.engines.instruments.counter import CounterResult

_FIELDS = frozenset(
    {
        "Image",
        "Sample ID",
        "Operator",
        "Viability (%)",
        "Live (cells/ml)",
        "Dead (cells/ml)",
        "Total (cells/ml)",
        "Sample Volume (ul)",
        "Dilution Volume (ul)",
        "Multiplication factor",
        "Instrument type",
        "Instrument s/n",
        "Date time",
        "Application SW version",
    }
)


def disagreements(lines: list[str], result: CounterResult) -> list[Blocker]:
    """Return a blocker for each figure in which allotropy's reading of `lines` differs from `result`."""
    # Its one parser, not its factory: that one imports those of all instruments.
    nucleoview = importlib.import_module("allotropy.parsers.chemometec_nucleoview.nucleoview_parser")
    documents = importlib.import_module("allotropy.allotrope.allotrope")
    files = importlib.import_module("allotropy.named_file_contents")
    errors = importlib.import_module("allotropy.exceptions")
    contents = io.BytesIO(_as_allotropy_reads(lines, result.utc_offset).encode())
    try:
        model = nucleoview.ChemometecNucleoviewParser().to_allotrope(files.NamedFileContents(contents, "export.csv"))
        theirs = _figures(documents.serialize_and_validate_allotrope(model))
    except (errors.AllotropyError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as fault:
        return [_differs("file", result.filename, type(fault).__name__)]
    return _compare(theirs, result)


def _as_allotropy_reads(lines: list[str], offset: timedelta) -> str:
    """Return the lines that matter, the zone spelt for allotropy, commas blanked (it takes them for columns).

    Other lines are kept from it: it uses their names as regular expressions.
    """
    minutes = int(offset.total_seconds()) // 60
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    kept = [line.replace(",", " ") for line in lines if line.partition(";")[0].strip() in _FIELDS]
    return "\r\n".join(["NucleoView; ;", *kept, f"Time zone offset;{zone}", "//[checksum]", ""])


def _figures(model: Mapping[str, Any]) -> dict[str, Any]:
    top = model["cell counting aggregate document"]
    measured = top["cell counting document"][0]["measurement aggregate document"]["measurement document"][0]
    found = measured["processed data aggregate document"]["processed data document"][0]
    return {
        "Viability (%)": found["viability (cell counter)"]["value"],
        "Live (cells/ml)": found["viable cell density (cell counter)"]["value"] * 1e6,
        "Dead (cells/ml)": found["dead cell density (cell counter)"]["value"] * 1e6,
        "Total (cells/ml)": found["total cell density (cell counter)"]["value"] * 1e6,
        "Date time": measured["measurement time"],
        "Instrument s/n": top["device system document"]["equipment serial number"],
        "Sample ID": measured["sample document"]["sample identifier"],
    }


def _compare(theirs: Mapping[str, Any], result: CounterResult) -> list[Blocker]:
    numbers = {
        "Viability (%)": result.viability_percent,
        "Live (cells/ml)": result.live_cells_per_ml,
        "Dead (cells/ml)": result.dead_cells_per_ml,
        "Total (cells/ml)": result.total_cells_per_ml,
    }
    faults = [
        _differs(key, str(ours), str(theirs[key]))
        for key, ours in numbers.items()
        # A density of zero comes back from allotropy as a "not applicable" negative zero.
        if not math.isclose(float(ours), float(theirs[key]), rel_tol=1e-9, abs_tol=1e-6)
    ]
    if datetime.fromisoformat(theirs["Date time"]) != result.measured_at:
        faults.append(_differs("Date time", result.measured_at.isoformat(), str(theirs["Date time"])))
    if str(theirs["Instrument s/n"]).removeprefix("s/n").strip() != result.serial.replace(",", " "):
        faults.append(_differs("Instrument s/n", result.serial, str(theirs["Instrument s/n"])))
    # allotropy cuts a sample's name at its first hyphen; what it keeps must begin ours.
    if not result.sample_id.replace(",", " ").startswith(str(theirs["Sample ID"])):
        faults.append(_differs("Sample ID", result.sample_id, str(theirs["Sample ID"])))
    return faults


def _differs(field: str, ours: str, theirs: str) -> Blocker:
    return Blocker(
        "counter.second_reading",
        N_("Two readers of the file disagree: %(ours)s and %(theirs)s."),
        field,
        shown(ours),
        N_("Export the sample again; if it happens again, enter the result by hand with the raw file attached."),
        {"ours": shown(ours), "theirs": shown(theirs)},
    )
