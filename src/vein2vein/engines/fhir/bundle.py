"""A Bundle taken apart: its resources by reference, each checked, none doubled, no reference dangling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.fhir.faults import MAX_FAULTS, fault
from vein2vein.engines.fhir.schema import fhirpath, resource_faults

TYPES = ("transaction", "collection", "message")
MAX_ENTRIES = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource of a Bundle and its FHIRPath there."""

    path: str
    full_url: str
    resource: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Return the resource type."""
        return str(self.resource["resourceType"])


@dataclass(frozen=True, slots=True)
class Bundle:
    """A checked Bundle."""

    type: str
    entries: tuple[Entry, ...]
    by_reference: Mapping[str, Entry]

    def of(self, kind: str) -> tuple[Entry, ...]:
        """Return the entries of one resource type, in the Bundle's order."""
        return tuple(entry for entry in self.entries if entry.kind == kind)

    def follow(self, reference: object) -> Entry | None:
        """Return the entry that a Reference points to, or None."""
        target = reference.get("reference") if isinstance(reference, Mapping) else None
        return self.by_reference.get(target) if isinstance(target, str) else None


def read_bundle(value: object) -> Bundle:
    """Return the Bundle in a JSON value; raises `Refused` naming every fault by FHIRPath."""
    if not isinstance(value, dict) or "resourceType" not in value:
        mend = N_("Send the order as a FHIR R4 Bundle; its first property is resourceType.")
        raise Refused(fault("fhir.not_fhir", N_("This JSON is not FHIR."), "Bundle", type(value).__name__, mend))
    if value["resourceType"] != "Bundle":
        mend = N_("Send the order as one Bundle that holds all its resources.")
        message = N_("This is not a Bundle.")
        raise Refused(fault("fhir.not_a_bundle", message, "Bundle.resourceType", value["resourceType"], mend))
    refuse_any(_null_faults(value))
    refuse_any(resource_faults(value, "Bundle"))
    if value.get("type") not in TYPES:
        mend = N_("Send a transaction, a collection or a message.")
        raise Refused(
            fault(
                "fhir.bundle_type",
                N_("This type of Bundle is not an order."),
                "Bundle.type",
                value.get("type", ""),
                mend,
            )
        )
    given = value.get("entry", [])
    if len(given) > MAX_ENTRIES:
        mend = N_("Send one order only.")
        message = N_("The Bundle holds more than %(limit)s entries.")
        raise Refused(fault("fhir.too_many", message, "Bundle.entry", len(given), mend, limit=str(MAX_ENTRIES)))
    entries, faults = _entries(given, value["type"])
    refuse_any(faults[:MAX_FAULTS])
    by_reference = _index(entries, faults)
    refuse_any(faults[:MAX_FAULTS])
    for entry in entries:
        faults += _reference_faults(entry, by_reference)
    refuse_any(faults[:MAX_FAULTS])
    return Bundle(value["type"], tuple(entries), by_reference)


def _null_faults(value: Mapping[str, Any]) -> list[Blocker]:
    """Return a blocker for each null, which FHIR writes by leaving the element out."""
    mend = N_("Leave the element out.")
    message = N_("FHIR knows no null here.")
    nulls = (fhirpath("Bundle", [*steps, name]) for steps, name, part in _walk(value, []) if part is None)
    return [fault("fhir.null", message, path, "null", mend) for path in islice(nulls, MAX_FAULTS)]


def _entries(given: list[Any], bundle_type: str) -> tuple[list[Entry], list[Blocker]]:
    entries: list[Entry] = []
    faults: list[Blocker] = []
    for index, part in enumerate(given):
        path = f"Bundle.entry[{index}]"
        resource = part.get("resource")
        method = part.get("request", {}).get("method")
        if bundle_type == "transaction" and method not in {"POST", "PUT"}:
            mend = N_("Give every entry of a transaction a request with method POST or PUT.")
            message = N_("An order only adds resources.")
            faults.append(fault("fhir.request", message, f"{path}.request.method", method or "", mend))
        if not isinstance(resource, dict):
            mend = N_("Put the resource into the entry, or leave the entry out.")
            faults.append(fault("fhir.no_resource", N_("The entry holds no resource."), f"{path}.resource", "", mend))
            continue
        faults += resource_faults(resource, f"{path}.resource")
        entries.append(Entry(f"{path}.resource", str(part.get("fullUrl", "")), resource))
    return entries, faults


def _index(entries: list[Entry], faults: list[Blocker]) -> dict[str, Entry]:
    index: dict[str, Entry] = {}
    for entry in entries:
        identity = entry.resource.get("id")
        names = {entry.full_url, f"{entry.kind}/{identity}" if identity else ""} - {""}
        for name in sorted(names):
            if name in index and index[name] is not entry:
                mend = N_("Send each resource once, under its own fullUrl and id.")
                message = N_("This resource is doubled: it is already at %(first)s.")
                faults.append(fault("order.doubled_resource", message, entry.path, name, mend, first=index[name].path))
            index.setdefault(name, entry)
    return index


def _reference_faults(entry: Entry, by_reference: Mapping[str, Entry]) -> Iterator[Blocker]:
    """Yield a blocker for each reference that leads nowhere and each modifier nobody here understands."""
    contained = {f"#{part.get('id')}" for part in entry.resource.get("contained", [])}
    for steps, name, value in _walk(entry.resource, []):
        path = fhirpath(entry.path, [*steps, name])
        if name == "reference" and isinstance(value, str) and value not in by_reference and value not in contained:
            mend = N_("Put the resource that is referred to into the Bundle, or correct the reference.")
            yield fault(
                "order.dangling_reference", N_("The reference leads nowhere in this Bundle."), path, value, mend
            )
        elif name in {"modifierExtension", "implicitRules"}:
            mend = N_("Send the order without it; it could change the meaning of what is read here.")
            yield fault("order.modifier", N_("This modifier is not understood here."), path, "", mend)


def _walk(value: Any, steps: list[Any]) -> Iterator[tuple[list[Any], Any, Any]]:
    """Yield each element below `value`: the way to it, its name or index, itself."""
    parts: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    for name, part in parts:
        yield steps, name, part
        yield from _walk(part, [*steps, name])
