"""Cell counter exports: ChemoMetec NucleoView, NucleoCounter NC-200.

The raw lines are read here, exactly; `allotropy` reads the same text a second time and must agree.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.instruments import second_reader
from vein2vein.engines.instruments.other_instruments import seems_to_be
from vein2vein.engines.instruments.raw_text import shown, text_lines

VIABILITY, LIVE, DEAD, TOTAL = "Viability (%)", "Live (cells/ml)", "Dead (cells/ml)", "Total (cells/ml)"
DILUTION, FACTOR = "Dilution Volume (ul)", "Multiplication factor"
TEXTS = ("Image", "Operator", "Protocol template title", "Instrument type", "Instrument s/n", "Application SW version")
MAX_FAULTS = 20
MAX_TEXT = 200
_CHECKSUM = re.compile(r"//\[([0-9A-F]{8})\]")
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?")
_OFFSET = re.compile(r"([+-]?)([0-9]{1,2})(?::([0-5][0-9])|\.([0-9]{1,2}))?")
_EXPORT_AGAIN = N_("Export the sample again from NucleoView as CSV and upload that file unchanged.")


@dataclass(frozen=True, slots=True)
class CounterResult:
    """One sample's count: percent, cells per mL and microlitres, as Decimals exactly as in the file."""

    image_id: str
    sample_id: str
    operator: str
    viability_percent: Decimal
    live_cells_per_ml: Decimal
    dead_cells_per_ml: Decimal
    total_cells_per_ml: Decimal
    dilution_volume_ul: Decimal
    multiplication_factor: Decimal
    measured_at: datetime
    utc_offset: timedelta
    instrument_type: str
    serial: str
    software_version: str
    protocol: str
    checksum: str
    filename: str
    sha256: str


def read_counter(
    data: bytes, filename: str, *, utc_offset: timedelta | None = None, latest: datetime | None = None
) -> CounterResult:
    """Return the count in a NucleoView NC-200 export of at most 5 MiB, or raise `Refused` naming every fault.

    `utc_offset` stands in for a zone that the file lacks and must agree with one that it has;
    a measurement later than `latest` is refused.
    """
    other = seems_to_be(data)
    if other is not None:
        raise Refused(_other_instrument(other))
    lines = text_lines(data, filename)
    fields, checksum = _split(lines)
    faults: list[Blocker] = []
    numbers = {key: _number(fields, key, faults) for key in (VIABILITY, LIVE, DEAD, TOTAL, DILUTION, FACTOR)}
    texts = {key: _text(fields, key, faults) for key in TEXTS}
    offset = _offset(fields, utc_offset, faults)
    measured_at = _measured_at(fields, offset, latest, faults)
    sample_id = fields.get("Sample ID") or _sample_of(texts["Image"], faults)
    refuse_any(faults)
    refuse_any(_inconsistent(numbers))
    result = CounterResult(
        image_id=texts["Image"],
        sample_id=sample_id,
        operator=texts["Operator"],
        viability_percent=numbers[VIABILITY],
        live_cells_per_ml=numbers[LIVE],
        dead_cells_per_ml=numbers[DEAD],
        total_cells_per_ml=numbers[TOTAL],
        dilution_volume_ul=numbers[DILUTION],
        multiplication_factor=numbers[FACTOR],
        measured_at=measured_at,
        utc_offset=offset,
        instrument_type=texts["Instrument type"],
        serial=texts["Instrument s/n"].removeprefix("s/n").strip(),
        software_version=texts["Application SW version"],
        protocol=texts["Protocol template title"],
        checksum=checksum,
        filename=filename,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    refuse_any(second_reader.disagreements(lines, result))
    return result


def _other_instrument(name: str) -> Blocker:
    return Blocker(
        "counter.other_instrument",
        N_("This is not a NucleoView NC-200 export; it seems to be %(name)s."),
        "Instrument type",
        name,
        N_("Choose the counter's own export of this sample, or enter the result under the right instrument."),
        {"name": name},
    )


def _split(lines: list[str]) -> tuple[dict[str, str], str]:
    """Return the fields by name and the closing checksum; raises `Refused` for a torn or foreign file."""
    body = [line for line in lines if line.strip(" ;\t")]
    end = _CHECKSUM.fullmatch(body[-1].strip()) if body else None
    fields: dict[str, str] = {}
    faults: list[Blocker] = []
    for number, line in enumerate(body[1 : -1 if end else None], start=2):
        if len(faults) >= MAX_FAULTS:
            break
        key, *values = (part.strip() for part in line.split(";"))
        given = [value for value in values if value]
        shown_values = ";".join(given)
        if not values or not key or key.startswith("//"):
            message = N_("Line %(line)s is not a name and a value.")
            faults.append(_fault("line", message, f"line {number}", line, line=str(number)))
            continue
        if len(given) > 1:
            faults.append(_fault("many_samples", N_("The export holds more than one value here."), key, shown_values))
        if key in fields:
            faults.append(_fault("doubled", N_("The field stands in the file twice."), key, shown_values))
        fields.setdefault(key, given[0] if given else "")
    if VIABILITY not in fields or not fields.keys() & {LIVE, TOTAL, "Image"}:
        raise Refused(_other_instrument("an unknown kind of file"))
    kind = fields.get("Instrument type", "NC-200")
    if "NC-200" not in kind:
        raise Refused(_other_instrument(shown(kind)))
    if not end:
        raise Refused(
            _fault("truncated", N_("The file is cut off: its closing checksum line is missing."), "checksum", body[-1])
        )
    refuse_any(faults)
    return fields, end.group(1)


def _fault(code: str, message: str, field: str, value: str, mend: str = _EXPORT_AGAIN, **params: str) -> Blocker:
    return Blocker(f"counter.{code}", message, shown(field), shown(value), mend, params)


def _number(fields: Mapping[str, str], key: str, faults: list[Blocker]) -> Decimal:
    text = fields.get(key, "")
    if not text:
        faults.append(_fault("missing", N_("The field is missing."), key, ""))
    elif _NUMBER.fullmatch(text):
        return Decimal(text)
    elif re.fullmatch(r"[0-9]+,[0-9]+([eE][+-]?[0-9]+)?", text):
        mend = N_("Set the decimal sign of NucleoView's computer to a point and export again.")
        faults.append(_fault("decimal_comma", N_("The number is written with a comma."), key, text, mend))
    else:
        faults.append(_fault("not_a_number", N_("The value is not a number that is zero or more."), key, text))
    return Decimal(0)


def _text(fields: Mapping[str, str], key: str, faults: list[Blocker]) -> str:
    text = fields.get(key, "")
    if not text:
        faults.append(_fault("missing", N_("The field is missing."), key, ""))
    elif len(text) > MAX_TEXT:
        faults.append(_fault("too_long", N_("The text is too long."), key, text))
    return text


def _sample_of(image: str, faults: list[Blocker]) -> str:
    """Return the sample's name: NucleoView writes the image as date-number-c-sample."""
    parts = image.split("-", 3)
    if len(parts) == 4 and parts[3]:
        return parts[3]
    mend = N_("Name the sample in NucleoView before counting, so that the image reads date-number-c-sample.")
    faults.append(_fault("sample", N_("The image does not name its sample."), "Image", image, mend))
    return ""


def _offset(fields: Mapping[str, str], given: timedelta | None, faults: list[Blocker]) -> timedelta:
    text = fields.get("Time zone offset", "")
    if not text:
        if given is None:
            mend = N_("State the counter's offset from UTC when uploading, or switch the zone on in NucleoView.")
            faults.append(_fault("zone", N_("The export does not say its time zone."), "Time zone offset", "", mend))
        return given or timedelta(0)
    found = _OFFSET.fullmatch(text)
    hours = Decimal(0)
    if found:
        sign, whole, minutes, fraction = found.groups()
        hours = Decimal(whole) + (Decimal(minutes) / 60 if minutes else Decimal(f"0.{fraction or 0}"))
        hours = -hours if sign == "-" else hours
    minutes_east = hours * 60
    if not found or minutes_east % 15 or not -720 <= minutes_east <= 840:
        mend = N_("Write hours from UTC, from -12 to +14, such as 8 or 5:30.")
        faults.append(_fault("zone", N_("This is not a time zone."), "Time zone offset", text, mend))
        return timedelta(0)
    offset = timedelta(minutes=int(minutes_east))
    if given is not None and given != offset:
        mend = N_("Correct the counter's clock and zone, or the zone recorded for this instrument.")
        faults.append(
            _fault("zone", N_("The export's time zone is not the instrument's."), "Time zone offset", text, mend)
        )
    return offset


def _measured_at(
    fields: Mapping[str, str], offset: timedelta, latest: datetime | None, faults: list[Blocker]
) -> datetime:
    text = fields.get("Date time", "")
    try:
        local = datetime.strptime(text, "%Y%m%d %H%M%S").replace(tzinfo=timezone(offset))
        at = local.astimezone(UTC)
    except (ValueError, OverflowError):
        mend = N_("Export again; NucleoView writes date and time as 20261105 143000.")
        faults.append(_fault("date", N_("This is not a date and time."), "Date time", text, mend))
        return datetime(1970, 1, 1, tzinfo=UTC)
    if latest is not None and at > latest:
        mend = N_("Check the counter's clock and its time zone.")
        faults.append(_fault("future", N_("The measurement lies in the future."), "Date time", text, mend))
    return at


def _half_digit(value: Decimal) -> Decimal:
    """Return half a unit of the third significant digit, to which NucleoView rounds its densities."""
    return Decimal(5).scaleb(value.adjusted() - 3) if value else Decimal(0)


def _inconsistent(numbers: Mapping[str, Decimal]) -> list[Blocker]:
    """Return what does not add up beyond the rounding of the file's own figures."""
    live, dead, total, viability = numbers[LIVE], numbers[DEAD], numbers[TOTAL], numbers[VIABILITY]
    faults: list[Blocker] = []
    if viability > 100:
        faults.append(_fault("viability", N_("The viability is above one hundred percent."), VIABILITY, str(viability)))
    if not total:
        mend = N_("Count again; check that the cassette was filled.")
        faults.append(_fault("no_cells", N_("No cells were counted."), TOTAL, str(total), mend))
        return faults
    if numbers[FACTOR] <= 0:
        faults.append(
            _fault("dilution", N_("The multiplication factor is not above zero."), FACTOR, str(numbers[FACTOR]))
        )
    slack = _half_digit(live) + _half_digit(dead) + _half_digit(total)
    if abs(live + dead - total) > slack:
        message = N_("Live %(live)s and dead %(dead)s cells do not add up to the total.")
        faults.append(_fault("sum", message, TOTAL, str(total), live=str(live), dead=str(dead)))
    low = (live - _half_digit(live)) / (total + _half_digit(total)) * 100 - Decimal("0.05")
    high = (live + _half_digit(live)) / (total - _half_digit(total)) * 100 + Decimal("0.05")
    if not low <= viability <= high:
        message = N_("The viability is not live %(live)s by total %(total)s cells.")
        faults.append(_fault("viability", message, VIABILITY, str(viability), live=str(live), total=str(total)))
    return faults
