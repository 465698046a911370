"""Temperature logger traces: our own documented CSV, UTF-8, at most 5 MiB.

    Logger serial,TL-2026-0042
    Model,Demonstration logger
    Time zone,+08:00
    Unit,C
    Interval s,300
    time,temperature_C
    2026-11-03 09:00:00,4.6
    2026-11-03 09:05:00,4.7
    End of readings,2

Times are local to the stated zone (an offset from UTC); the last line carries the number of readings,
so that a file cut anywhere is noticed.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.instruments.raw_text import shown, text_lines

HEADER = ("Logger serial", "Model", "Time zone", "Unit", "Interval s")
COLUMNS = "time,temperature_C"
END = "End of readings"
LONGEST_GAP_INTERVALS = 3
COLDEST, WARMEST = Decimal(-200), Decimal(100)
MAX_FAULTS = 20
MAX_HEADER = 80
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})")
_CELSIUS = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,6})?")
_ZONE = re.compile(r"([+-])(0[0-9]|1[0-4]):(00|15|30|45)")
_READ_OUT = N_("Read the logger out again and upload the whole CSV unchanged.")
_CLOCK = N_("Check the logger's clock and read it out again; if it recurs, quarantine the shipment and the logger.")


@dataclass(frozen=True, slots=True)
class Trace:
    """A logger's readings, oldest first: (aware UTC, °C exactly as in the file)."""

    serial: str
    model: str
    utc_offset: timedelta
    points: tuple[tuple[datetime, Decimal], ...]
    start: datetime
    stop: datetime
    interval: timedelta
    filename: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Window:
    """The span that a trace must cover: aware times, `start` before `stop`."""

    start: datetime
    stop: datetime

    def __post_init__(self) -> None:
        """Refuse times without a zone and an empty span."""
        if self.start.tzinfo is None or self.stop.tzinfo is None or self.start >= self.stop:
            raise ValueError("a window needs aware times, start before stop")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "stop", self.stop.astimezone(UTC))


def read_trace(
    data: bytes,
    filename: str,
    *,
    expected_serial: str | None = None,
    expected_window: Window | None = None,
    allow_gaps: bool = False,
) -> Trace:
    """Return the trace in `data`, or raise `Refused` naming each fault by line (the first twenty).

    Gaps longer than three intervals are refused unless `allow_gaps`, when `judge` reports them. With
    `expected_window` a trace is refused that covers it only in another time zone, or nowhere touches it.
    """
    lines = text_lines(data, filename)
    header = _header(lines)
    faults: list[Blocker] = []
    offset = _zone(header["Time zone"], faults)
    interval = _interval(header["Interval s"], faults)
    if header["Unit"] not in {"C", "°C"}:
        mend = N_("Set the logger's software to degrees Celsius and read it out again.")
        faults.append(_fault("unit", N_("The temperatures are not in degrees Celsius."), "Unit", header["Unit"], mend))
    if expected_serial is not None and header["Logger serial"] != expected_serial:
        message = N_("This trace is of another logger; the shipment was packed with %(expected)s.")
        mend = N_("Read out the logger that is bound to this shipment.")
        faults.append(
            _fault("serial", message, "Logger serial", header["Logger serial"], mend, expected=expected_serial)
        )
    refuse_any(faults)
    points = _points(lines[len(HEADER) + 1 :], offset)
    refuse_any(_order_faults(points))
    if not allow_gaps:
        refuse_any(_gap_faults(points, interval))
    if expected_window is not None:
        refuse_any(_place_faults(points, interval, offset, expected_window))
    return Trace(
        serial=header["Logger serial"],
        model=header["Model"],
        utc_offset=offset,
        points=tuple(points),
        start=points[0][0],
        stop=points[-1][0],
        interval=interval,
        filename=filename,
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _fault(code: str, message: str, field: str, value: str, mend: str = _READ_OUT, **params: str) -> Blocker:
    return Blocker(f"trace.{code}", message, field, shown(value), mend, params)


def _header(lines: Sequence[str]) -> Mapping[str, str]:
    """Return the header block by name; raises `Refused` for each line that is not what it must be."""
    header: dict[str, str] = {}
    faults: list[Blocker] = []
    for number, name in enumerate(HEADER, start=1):
        line = lines[number - 1] if number <= len(lines) else ""
        key, _, value = line.partition(",")
        header[name] = value.strip()
        if key.strip() != name or not 0 < len(header[name]) <= MAX_HEADER:
            message = N_("Line %(line)s must hold “%(name)s,” and its value.")
            faults.append(_fault("header", message, name, line, line=str(number), name=name))
    columns = lines[len(HEADER)] if len(lines) > len(HEADER) else ""
    if columns.strip() != COLUMNS:
        message = N_("Line %(line)s must be “%(name)s”.")
        faults.append(_fault("header", message, "columns", columns, line=str(len(HEADER) + 1), name=COLUMNS))
    refuse_any(faults)
    return header


def _zone(text: str, faults: list[Blocker]) -> timedelta:
    found = _ZONE.fullmatch(text)
    if not found:
        mend = N_("Write the offset from UTC as +08:00.")
        faults.append(_fault("zone", N_("This is not a time zone."), "Time zone", text, mend))
        return timedelta(0)
    sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return -offset if sign == "-" else offset


def _interval(text: str, faults: list[Blocker]) -> timedelta:
    seconds = int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 0
    if not 1 <= seconds <= 86400:
        mend = N_("Write whole seconds between readings, from 1 to 86400.")
        faults.append(_fault("interval", N_("This is not an interval."), "Interval s", text, mend))
    return timedelta(seconds=seconds)


def _points(lines: Sequence[str], offset: timedelta) -> list[tuple[datetime, Decimal]]:
    """Return the readings; raises `Refused` for lines that are none and for a missing or wrong end."""
    body = list(lines)
    while body and not body[-1].strip():
        body.pop()
    last = body.pop() if body else ""
    key, _, count = last.partition(",")
    if key != END or not re.fullmatch(r"[0-9]{1,9}", count):
        raise Refused(
            _fault("truncated", N_("The file is cut off: its closing line with the count is missing."), END, last)
        )
    if int(count) != len(body):
        message = N_("The file says %(said)s readings and holds %(held)s: lines are missing or were added.")
        raise Refused(_fault("truncated", message, END, count, said=count, held=str(len(body))))
    if len(body) < 2:
        raise Refused(_fault("too_few", N_("A trace needs two readings or more."), END, count))
    faults: list[Blocker] = []
    points = list(_readings(body, offset, faults))
    refuse_any(faults)
    return points


def _readings(body: Sequence[str], offset: timedelta, faults: list[Blocker]) -> Iterator[tuple[datetime, Decimal]]:
    zone = timezone(offset)
    for number, line in enumerate(body, start=len(HEADER) + 2):
        if len(faults) >= MAX_FAULTS:
            return
        time, comma, celsius = line.partition(",")
        found = _TIME.fullmatch(time.strip())
        try:
            at = (
                datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=zone).astimezone(UTC) if found else None
            )
        except (ValueError, OverflowError):
            at = None
        value = Decimal(celsius.strip()) if _CELSIUS.fullmatch(celsius.strip()) else None
        if at is None:
            mend = N_("Times read 2026-11-03 09:05:00, local to the header's zone.")
            faults.append(_fault("time", N_("Line %(line)s has no time."), "time", line, mend, line=str(number)))
        elif not comma or value is None:
            message = N_("Line %(line)s has no temperature that is a number.")
            faults.append(_fault("temperature", message, "temperature_C", celsius, line=str(number)))
        elif not COLDEST <= value <= WARMEST:
            message = N_("Line %(line)s has a temperature that no logger here can read.")
            faults.append(_fault("temperature", message, "temperature_C", celsius, _CLOCK, line=str(number)))
        else:
            yield at, value


def _order_faults(points: Sequence[tuple[datetime, Decimal]]) -> list[Blocker]:
    faults: list[Blocker] = []
    first = len(HEADER) + 3
    for number, ((before, _), (at, _)) in enumerate(itertools.pairwise(points), start=first):
        if at == before:
            message = N_("Line %(line)s repeats the time of the line before.")
            faults.append(_fault("doubled", message, "time", at.isoformat(), _CLOCK, line=str(number)))
        elif at < before:
            message = N_("Line %(line)s is earlier than the line before.")
            faults.append(_fault("order", message, "time", at.isoformat(), _CLOCK, line=str(number)))
    return faults[:MAX_FAULTS]


def _gap_faults(points: Sequence[tuple[datetime, Decimal]], interval: timedelta) -> list[Blocker]:
    faults: list[Blocker] = []
    first = len(HEADER) + 3
    for number, ((before, _), (at, _)) in enumerate(itertools.pairwise(points), start=first):
        if at - before > LONGEST_GAP_INTERVALS * interval:
            message = N_("Before line %(line)s the logger was silent for %(minutes)s minutes.")
            minutes = str(int((at - before).total_seconds() // 60))
            mend = N_("Read the logger out again; if the gap is real, quarantine the shipment for quality to assess.")
            faults.append(_fault("gap", message, "time", at.isoformat(), mend, line=str(number), minutes=minutes))
    return faults[:MAX_FAULTS]


def _place_faults(
    points: Sequence[tuple[datetime, Decimal]], interval: timedelta, offset: timedelta, window: Window
) -> list[Blocker]:
    """Return a blocker when the trace lies elsewhere in time, naming the zone in which it would fit."""
    slack = LONGEST_GAP_INTERVALS * interval
    start, stop = points[0][0], points[-1][0]
    if start <= window.start + slack and stop >= window.stop - slack:
        return []
    given = f"{start.isoformat()} – {stop.isoformat()}"
    # Whole hours first, then whichever puts the first reading nearest to the journey's start.
    shifts = (offset - timedelta(minutes=15 * quarter) for quarter in range(-48, 57))
    for shift in sorted(
        shifts, key=lambda shift: (bool((offset - shift).seconds % 3600), abs(start + shift - window.start))
    ):
        if start + shift <= window.start + slack and stop + shift >= window.stop - slack:
            zone = datetime(2000, 1, 1, tzinfo=timezone(offset - shift)).strftime("%z")
            message = N_("The readings do not cover the journey, but would if the logger's zone were %(zone)s.")
            mend = N_("Check the zone the logger was set to and read it out again with the right one.")
            return [_fault("wrong_zone", message, "Time zone", given, mend, zone=f"{zone[:3]}:{zone[3:]}")]
    if stop < window.start or start > window.stop:
        message = N_("The readings are of another time than this journey (%(start)s – %(stop)s).")
        mend = N_("Read out this journey's recording from the logger.")
        span = {"start": window.start.isoformat(), "stop": window.stop.isoformat()}
        return [_fault("elsewhere", message, "time", given, mend, **span)]
    return []
