"""From a scanned text to the row it names; what is not a good code, or is void, is refused here once for all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from vein2vein.core.refusals import N_, Blocker, NotFound, Refused
from vein2vein.doors.preparing import Prepared
from vein2vein.engines.codes import BadCode, Kind, Scanned, make, scan
from vein2vein.identity.models import Container, Label
from vein2vein.identity.rules import label_state_blocker
from vein2vein.identity.states import IN_FORCE, LabelKind, LabelState

CONTAINER_KINDS = (Kind.LABEL, Kind.CONTAINER, Kind.SAMPLE)
"""What may be scanned on a container."""

DONATION_KINDS = (Kind.DIN, Kind.SGTIN, Kind.GIAI, Kind.GDTI)
"""The globally unique donation identifiers that are accepted."""


@dataclass(frozen=True, slots=True)
class ScannedContainer:
    """A container in hand, and the label on it that is in force."""

    container: Container
    label: Label


def read_code(text: str, kinds: Collection[Kind], field: str) -> Scanned:
    """Return the scan if it is of one of `kinds`; raises `Refused` saying what was scanned instead."""
    try:
        found = scan(text, field)
    except BadCode as error:
        raise Refused(error.blocker()) from None
    if found.kind in kinds:
        return found
    raise Refused(
        Blocker(
            "identity.wrong_kind",
            N_("A %(found)s code was scanned where a %(wanted)s code is needed"),
            field=field,
            value=found.kind.value,
            mend=N_("Scan the %(wanted)s code"),
            params={"found": found.kind.value, "wanted": " / ".join(kind.value for kind in kinds)},
        )
    )


def make_code(kind: Kind, serial: str, field: str) -> str:
    """Return the code of `kind` for a serial that was given; raises `Refused` for one that no code can carry."""
    try:
        return make(kind, serial)
    except BadCode as error:
        raise Refused(replace(error.blocker(), field=field)) from None


def _unknown(field: str) -> NotFound:
    return NotFound(
        Blocker(
            "identity.unknown_code",
            N_("This code is good, but nothing here bears it"),
            field=field,
            mend=N_("Scan the label again; if it is refused again, keep the container safe and call the supervisor"),
        )
    )


def wristband(text: str, field: str = "scanned_wristband") -> Label:
    """Return the wristband that was scanned, in force or not; raises `Refused` or `NotFound`."""
    code = read_code(text, (Kind.WRISTBAND,), field)
    found = Label.objects.filter(code=code.value, kind=LabelKind.WRISTBAND).first()
    if found is None:
        raise _unknown(field)
    return found


def label(text: str, field: str = "scanned_label") -> Label:
    """Return the container label that was scanned, in whatever state; raises `Refused` or `NotFound`."""
    code = read_code(text, (Kind.LABEL,), field)
    found = Label.objects.filter(code=code.value, kind=LabelKind.CONTAINER).select_related("container").first()
    if found is None:
        raise _unknown(field)
    return found


_CONTAINER = Prepared(lambda code: Container.objects.filter(code=code), str)


def container(text: str, field: str = "scanned_label") -> ScannedContainer:
    """Return the container that was scanned, by its label or by its own code; raises `Refused` or `NotFound`.

    A void or never activated label is refused (N3). After a reprint the container's own code is on the void
    label too, so that the new label itself must be scanned.
    """
    code = read_code(text, CONTAINER_KINDS, field)
    if code.kind is Kind.LABEL:
        scanned = label(text, field)
        if scanned.state not in IN_FORCE or scanned.container is None:
            raise Refused(label_state_blocker(scanned.state))
        return ScannedContainer(scanned.container, scanned)
    found = _CONTAINER.first(code.value)
    if found is None:
        raise _unknown(field)
    labels = list(found.labels.all())
    current = next((one for one in labels if one.state in IN_FORCE), None)
    if current is None or any(one.state == LabelState.VOIDED for one in labels):
        raise Refused(
            Blocker(
                "identity.relabelled",
                N_("This container was labelled again: its own code is on the void label too"),
                field=field,
                mend=N_("Scan the label code (LBL) of the label that is in force"),
            )
        )
    return ScannedContainer(found, current)


def donation_number(text: str, field: str = "donation_number") -> str:
    """Return the donation identifier that was scanned (ISBT 128 DIN or a GS1 key), or "" for none."""
    if not text.strip():
        return ""
    code = read_code(text, DONATION_KINDS, field)
    return code.value
