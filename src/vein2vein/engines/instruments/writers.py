"""Writing exports as the instruments would, for examples, rehearsals and tests; every value is made up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zlib import crc32


def _three_digits(value: Decimal) -> str:
    if not value:
        return "0.00E0"
    power = value.adjusted()
    mantissa = value.scaleb(-power).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    if mantissa >= 10:
        mantissa, power = (mantissa / 10).quantize(Decimal("0.01")), power + 1
    return f"{mantissa}E{power}"


def _hours_east(at: datetime) -> str:
    minutes = int((at.utcoffset() or at - at).total_seconds()) // 60
    sign = "-" if minutes < 0 else ""
    whole, rest = divmod(abs(minutes), 60)
    return f"{sign}{whole}" + (f":{rest:02d}" if rest else "")


def write_counter(
    *,
    sample_id: str,
    measured_at: datetime,
    live_cells_per_ml: Decimal,
    dead_cells_per_ml: Decimal,
    operator: str = "qc.analyst",
    serial: str = "DEMO-NC200-0001",
    run: int = 1,
) -> bytes:
    """Return a NucleoView NC-200 export (CRLF, semicolons) of one made-up count at the aware time `measured_at`."""
    total = live_cells_per_ml + dead_cells_per_ml
    viability = (100 * live_cells_per_ml / total).quantize(Decimal("0.1"), ROUND_HALF_EVEN)
    image = f"{measured_at:%Y%m%d}-{run:04d}-c-{sample_id}"
    lines = [
        "Viability and Cell Count Assay - vein2vein demonstration; ;",
        f"Image;{image};",
        f"Operator;{operator};",
        f"Viability (%);{viability};",
        f"Live (cells/ml);{_three_digits(live_cells_per_ml)};",
        f"Dead (cells/ml);{_three_digits(dead_cells_per_ml)};",
        f"Total (cells/ml);{_three_digits(total)};",
        " ; ;",
        "Estimated cell diameter (um);9.4;",
        "Cell diameter standard deviation (um);2.1;",
        "(%) of cells in aggregates with five or more cells;1;",
        "Sample Volume (ul);200.0;",
        "Dilution Volume (ul);0.000;",
        "Multiplication factor;1.000;",
        *[";"] * 14,
        f"cm filename;{image}.cm",
        "Protocol template title;Viability and Cell Count Assay",
        "Protocol template purpose;Cell Count and Viability with AO and DAPI",
        "Protocol template filename;Viability and Cell Count Assay - NC-200.cmsx",
        "Protocol adaptation title;vein2vein demonstration",
        "Protocol adaptation purpose;Cell Count and Viability with AO and DAPI",
        "Protocol adaptation filename;00000000000000000000000000000000.cmsu",
        "Instrument type;NucleoView NC-200",
        f"Instrument s/n;s/n {serial}",
        f"Date time;{measured_at:%Y%m%d %H%M%S}",
        f"Time zone offset;{_hours_east(measured_at)}",
        f"Login ID;{operator}",
        "PC;DEMONSTRATION",
        "Application SW version;1.4.2.0",
        "21 CFR Part 11;enabled",
        "Event log format;Plain text",
        "csv file version;2",
        "",
    ]
    body = "\r\n".join(lines) + "\r\n"
    return f"{body}//[{crc32(body.encode()):08X}]\r\n".encode()


def write_trace(*, serial: str, model: str, interval_s: int, points: Sequence[tuple[datetime, Decimal]]) -> bytes:
    """Return a temperature logger's CSV (see `trace`) with `points` (aware time, °C) in the first one's zone."""
    first = points[0][0]
    zone = first.strftime("%z")
    lines = [
        f"Logger serial,{serial}",
        f"Model,{model}",
        f"Time zone,{zone[:3]}:{zone[3:5]}",
        "Unit,C",
        f"Interval s,{interval_s}",
        "time,temperature_C",
        *[f"{at.astimezone(first.tzinfo):%Y-%m-%d %H:%M:%S},{celsius}" for at, celsius in points],
        f"End of readings,{len(points)}",
    ]
    return ("\n".join(lines) + "\n").encode()


def steady_readings(
    *, start: datetime, stop: datetime, interval: timedelta, around_c: Decimal, swing_c: Decimal
) -> list[tuple[datetime, Decimal]]:
    """Return readings from `start` to `stop` or just past it that wander within `around_c` ± `swing_c`, to 0.1 °C."""
    count = -((start - stop) // interval) + 1
    # A slow and a quick triangle wave with no common period: lifelike, and the same every time.
    waves = (((index * 3) % 97, (index * 5) % 13) for index in range(count))
    shares = (Decimal(abs(slow - 48)) / 48 + Decimal(abs(quick - 6)) / 6 - 1 for slow, quick in waves)
    return [
        (
            start + index * interval,
            (around_c + swing_c * max(min(share, Decimal(1)), Decimal(-1))).quantize(Decimal("0.1")),
        )
        for index, share in enumerate(shares)
    ]
