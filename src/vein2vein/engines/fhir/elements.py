"""Reading single elements of a checked resource, each fault noted with FHIRPath, value and mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from stdnum import ean
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_2

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.fhir import codes
from vein2vein.engines.fhir.bundle import Bundle, Entry
from vein2vein.engines.fhir.faults import fault

NOT_YET = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(slots=True)
class Reading:
    """A Bundle being read: the faults found so far and the time that no date may pass."""

    bundle: Bundle
    authored_at: datetime = NOT_YET
    authored_on: date = date.min
    faults: list[Blocker] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def note(self, code: str, message: str, path: str, value: object, mend: str, **params: str) -> None:
        """Add one fault."""
        self.faults.append(fault(f"order.{code}", message, path, value, mend, **params))

    def missing(self, path: str, what: str) -> None:
        """Note that an order cannot do without the element at `path`."""
        self.note("missing", N_("The order lacks this."), path, "", what)

    def only(self, kind: str, mend: str) -> Entry | None:
        """Return the one entry of a kind, noting its absence or its doubles."""
        found = self.bundle.of(kind)
        if not found:
            self.missing(f"Bundle.entry.resource.ofType({kind})", mend)
            return None
        for double in found[1:]:
            self.used.add(double.path)
            message = N_("An order holds one %(kind)s; this is one more.")
            value = double.resource.get("id", double.full_url)
            self.note("doubled", message, double.path, value, N_("Send one order for one patient."), kind=kind)
        self.used.add(found[0].path)
        return found[0]

    def points_to(self, entry: Entry, element: str, target: Entry | None) -> None:
        """Note when a reference is missing or leads to another resource than `target`."""
        if target is None:
            return
        reference = entry.resource.get(element)
        if reference is None:
            self.missing(f"{entry.path}.{element}", N_("Refer to the order's own resource here."))
        elif self.bundle.follow(reference) is not target:
            value = reference.get("reference", "")
            message = N_("This refers to something else than the order's %(kind)s.")
            mend = N_("Refer to the same resource throughout the order.")
            self.note("other_reference", message, f"{entry.path}.{element}", value, mend, kind=target.kind)

    def identifier(self, entry: Entry, systems: Iterable[str], mend: str) -> Mapping[str, Any]:
        """Return the first identifier with a value in one of `systems` (none named: any), or an empty one."""
        wanted = tuple(systems)
        for found in entry.resource.get("identifier", []):
            if found.get("value") and (found.get("system") in wanted if wanted else True):
                return dict(found)
        self.missing(f"{entry.path}.identifier", mend)
        return {}

    def day(self, value: object, path: str) -> date | None:
        """Return the day of a full FHIR date or time that is not after the order; None with a fault noted."""
        text = value if isinstance(value, str) else ""
        try:
            day = date.fromisoformat(text[:10])
        except ValueError:
            self.note("date", N_("This is not a full date."), path, text, N_("Write year, month and day: 2026-11-02."))
            return None
        if day > self.authored_on:
            mend = N_("Correct the date, or the order's authoredOn.")
            self.note("future", N_("This date is after the order's."), path, text, mend)
        return day

    def moment(self, value: object, path: str) -> datetime | None:
        """Return a time with its zone, as aware UTC, that is not after the order; None with a fault noted."""
        at = self.instant(value, path)
        if at is not None and at > self.authored_at:
            mend = N_("Correct the time, or the order's authoredOn.")
            self.note("future", N_("This time is after the order's."), path, value, mend)
        return at

    def instant(self, value: object, path: str) -> datetime | None:
        """Return a time with its zone as aware UTC; None with a fault noted."""
        text = value if isinstance(value, str) else ""
        try:
            at = datetime.fromisoformat(text)
            if "T" in text and at.tzinfo is not None:
                return at.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        mend = N_("Write date, time and zone: 2026-11-02T09:30:00+08:00.")
        self.note("zone", N_("This is not a time with its zone."), path, text, mend)
        return None

    def set_authored(self, value: object, path: str, now: datetime | None) -> None:
        """Take the order's own time, which no other may pass and which may not itself be after `now`."""
        at = self.instant(value, path)
        if at is None:
            return
        # A date without a time is the hospital's local one: its calendar day, not that of UTC.
        self.authored_at, self.authored_on = at, date.fromisoformat(str(value)[:10])
        if now is not None and at > now + timedelta(minutes=5):
            self.note("future", N_("The order lies in the future."), path, value, N_("Check the hospital's clock."))

    def check_donation_number(self, value: str, path: str) -> None:
        """Note an ISBT 128 donation number whose check character (mod 37-2) is missing or wrong."""
        if len(value) != 14 or not value.isascii() or not value[:13].isalnum() or value != value.upper():
            mend = N_("Write the thirteen characters and the keyed check character, as the label shows them.")
            self.note("donation_number", N_("This is not a donation number."), path, value, mend)
        elif mod_37_2.calc_check_digit(value[:13]) != value[13]:
            mend = N_("Scan or copy the donation number again from the label.")
            self.note("check_character", N_("The check character is wrong."), path, value, mend)

    def check_location_number(self, value: str, path: str) -> None:
        """Note a GS1 location number (GLN) whose check digit is wrong."""
        if len(value) != 13 or not value.isascii() or not value.isdigit() or not _is_gs1(value):
            mend = N_("Copy the thirteen digits of the GLN again.")
            self.note("check_character", N_("The check digit of the GLN is wrong."), path, value, mend)


def _is_gs1(value: str) -> bool:
    try:
        ean.validate(value)
    except ValidationError:
        return False
    return True


def codings(concept: object) -> tuple[tuple[str, str, str], ...]:
    """Return (system, code, display) of each coding in a CodeableConcept; empty texts where not given."""
    given = concept.get("coding", []) if isinstance(concept, Mapping) else []
    return tuple((str(c.get("system", "")), str(c.get("code", "")), str(c.get("display", ""))) for c in given)


def first_code(concept: object, systems: Iterable[str]) -> tuple[str, str, str] | None:
    """Return the first coding of a CodeableConcept in one of `systems`, or None."""
    wanted = tuple(systems)
    return next((found for found in codings(concept) if found[0] in wanted and found[1]), None)


def loinc(entry: Entry) -> str:
    """Return the LOINC code of an Observation, or an empty text."""
    found = first_code(entry.resource.get("code"), [codes.LOINC])
    return found[1] if found else ""


def initials(names: Iterable[Mapping[str, Any]]) -> str:
    """Return the initials of the first name in Latin letters; of an ideographic one the family name's sign only."""
    given = [name for name in names if name.get("family")]
    latin = next((name for name in given if str(name["family"])[:1].isascii()), None)
    if latin is not None:
        parts = [*latin.get("given", []), str(latin["family"])]
        return "".join(str(part)[:1].upper() for part in parts)
    return f"{str(given[0]['family'])[:1]}*" if given else ""
