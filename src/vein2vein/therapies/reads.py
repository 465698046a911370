"""Reading definitions: versions, their content, and what changed between two of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.ids import DefinitionId
from vein2vein.core.records import parsed
from vein2vein.core.refusals import N_, Blocker, NotFound, Refused
from vein2vein.doors.reading import page, read
from vein2vein.engines import definitions
from vein2vein.engines.definitions import Definition, DefinitionFaults
from vein2vein.engines.definitions.model.supply import Material
from vein2vein.therapies.models import DefinitionVersion, Rehearsal
from vein2vein.therapies.rules import altered_blocker
from vein2vein.therapies.states import DefinitionState


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version without its files: what lists show."""

    id: UUID
    therapy_code: str
    version: str
    name_en: str
    name_zh: str
    content_hash: str
    state: str
    effective_from_on: date | None
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """One difference between two versions: where, what it was, what it became."""

    path: str
    was: str
    became: str


@dataclass(frozen=True, slots=True)
class OpenWork:
    """A batch that is not closed yet, and the version that it began with and keeps; `kind` is its stream's."""

    kind: str
    id: UUID
    number: str
    state: str
    version: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """A version against the one in force (`against`, empty when there is none), and the open batches it touches."""

    version: str
    against: str
    differences: tuple[DifferenceView, ...]
    rehearsal: str
    open_work: tuple[OpenWork, ...] = ()


_open_work: list[Callable[[str, Actor], Sequence[OpenWork]]] = []


def register_open_work(find: Callable[[str, Actor], Sequence[OpenWork]]) -> None:
    """Install how a context above finds what is open by a therapy's code, for those who may see it; at start-up."""
    if find not in _open_work:
        _open_work.append(find)


def list_open_work(therapy_code: str, *, by: Actor) -> list[OpenWork]:
    """Return the open batches of a therapy that `by` may see, oldest first; each keeps the version it began with."""
    found = [one for find in _open_work for one in find(therapy_code, by)]
    return sorted(found, key=lambda one: (one.opened_at, one.number))


NOT_REHEARSED = N_("No virtual patient has been carried through this version yet.")
PASSED = N_("Virtual patients came through it, the difficult ones included.")
NOT_PASSED = N_("Virtual patients did not come through it.")


@dataclass(frozen=True, slots=True)
class VirtualWay:
    """What became of the virtual patients of one way: an ordinary one's and a slow one's days, and the difficult."""

    demand: str
    ordinary_d: float | None
    slow_d: float | None
    infused: int
    lost: tuple[tuple[str, str], ...]
    """Difficulty and outcome of those who got no dose."""


@dataclass(frozen=True, slots=True)
class RehearsalView:
    """A rehearsal as it is shown."""

    passes: bool
    patients: int
    rehearsed_at: datetime
    blockers: tuple[Blocker, ...]
    warnings: tuple[Blocker, ...]
    ways: tuple[VirtualWay, ...]


def find_rehearsal(definition_id: UUID) -> Rehearsal | None:
    """Return the newest rehearsal of a version, or None."""
    return Rehearsal.objects.filter(definition_id=definition_id).order_by("-rehearsed_at", "-id").first()


def rehearsal_view(row: Rehearsal) -> RehearsalView:
    """Return a rehearsal with what was found of each way."""
    raw = parsed(row.verdict)
    ways: dict[str, list[dict[str, Any]]] = {}
    for one in raw.get("virtual", []):
        ways.setdefault(str(one["demand"]), []).append(one)
    return RehearsalView(
        passes=row.passes,
        patients=row.patients,
        rehearsed_at=row.rehearsed_at,
        blockers=tuple(_blocker(one) for one in raw.get("blockers", [])),
        warnings=tuple(_blocker(one) for one in raw.get("warnings", [])),
        ways=tuple(_way(name, found) for name, found in ways.items()),
    )


def _blocker(raw: Mapping[str, Any]) -> Blocker:
    texts = {name: str(raw.get(name, "")) for name in ("code", "message", "field", "value", "mend")}
    return Blocker(**texts, params={name: str(value) for name, value in (raw.get("params") or {}).items()})


def _way(name: str, virtual: Sequence[Mapping[str, Any]]) -> VirtualWay:
    days = {str(one["difficulty"]): one.get("vein_to_vein_d") for one in virtual}
    return VirtualWay(
        demand=name,
        ordinary_d=days.get("ordinary"),
        slow_d=days.get("slow"),
        infused=sum(one.get("outcome") == "infused" for one in virtual),
        lost=tuple(
            (str(one["difficulty"]), str(one.get("outcome", ""))) for one in virtual if one.get("outcome") != "infused"
        ),
    )


def said_of(row: Rehearsal | None) -> str:
    """Return the sentence that says how a version's rehearsal stands."""
    return NOT_REHEARSED if row is None else PASSED if row.passes else NOT_PASSED


def find_version(definition_id: UUID) -> DefinitionVersion | None:
    """Return a version by its id, or None."""
    return DefinitionVersion.objects.filter(pk=definition_id).first()


def get_version(definition_id: UUID) -> DefinitionVersion:
    """Return a version by its id, or raise `NotFound`."""
    found = find_version(definition_id)
    if found is None:
        raise no_definition(definition_id)
    return found


def no_definition(definition_id: UUID) -> NotFound:
    """Return the refusal of a definition that is not there."""
    return NotFound(
        Blocker(
            "therapies.no_definition",
            N_("There is no such definition"),
            field="definition_id",
            value=str(definition_id),
        )
    )


def is_known(content_hash: str) -> bool:
    """Say whether a definition with exactly this content was submitted before."""
    return DefinitionVersion.objects.filter(content_hash=content_hash).exists()


def get_definition(definition_id: UUID) -> Definition:
    """Return the definition of a version, verified against its content hash; raises `NotFound` or `Refused`."""
    return journal.once(("definition", definition_id), lambda: _definition(definition_id))


def _definition(definition_id: UUID) -> Definition:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xmin::text, ctid::text, content_hash FROM therapies_definitionversion WHERE id = %s",
            [definition_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise no_definition(definition_id)
    # Whoever writes the row, by whatever way, gives it another xmin or ctid: what was verified so stands.
    return _verified(definition_id, *row)


@lru_cache(maxsize=64)
def _verified(definition_id: UUID, xmin: str, ctid: str, content_hash: str) -> Definition:
    del xmin, ctid, content_hash
    return content_of(get_version(definition_id))


def content_of(version: DefinitionVersion) -> Definition:
    """Return the definition that a version holds, verified; raises `Refused` when it was altered."""
    files = {name: str(text).encode() for name, text in version.files.items()}
    if definitions.content_hash(files) != version.content_hash:
        raise Refused(altered_blocker(str(version)))
    try:
        found, canonical = _read(version.content_hash, tuple(sorted(files.items())))
    except DefinitionFaults as error:
        raise Refused(altered_blocker(str(version))) from error
    if canonical != version.canonical:
        raise Refused(altered_blocker(str(version)))
    return found


@lru_cache(maxsize=64)
def _read(content_hash: str, files: tuple[tuple[str, bytes], ...]) -> tuple[Definition, str]:
    found = definitions.read(dict(files))
    return found, definitions.canonical(found)


def effective_definition(therapy_code: str, on: date) -> DefinitionVersion | None:
    """Return the version in force on a day (the newest approved one that has taken effect), or None."""
    return (
        DefinitionVersion.objects.filter(
            therapy_code=therapy_code, state=DefinitionState.APPROVED, effective_from_on__lte=on
        )
        .order_by("-effective_from_on")
        .first()
    )


def list_effective(on: date) -> list[DefinitionVersion]:
    """Return for each therapy the version in force on a day, by the therapy's code."""
    approved = DefinitionVersion.objects.filter(state=DefinitionState.APPROVED, effective_from_on__lte=on)
    return list(approved.order_by("therapy_code", "-effective_from_on").distinct("therapy_code"))


def find_material(material_code: str) -> Material | None:
    """Return a material as the newest approved definition that names it tells of it, or None."""
    rows = DefinitionVersion.objects.filter(state=DefinitionState.APPROVED).order_by("-effective_from_on", "-id")
    found = (content_of(row).supply.material(material_code) for row in rows)
    return next((one for one in found if one is not None), None)


def materials_elsewhere(version: DefinitionVersion) -> dict[str, Sequence[Material]]:
    """Return the materials of every other therapy's approved definitions, by the definition's name."""
    rows = DefinitionVersion.objects.filter(state=DefinitionState.APPROVED).exclude(therapy_code=version.therapy_code)
    return {f"{row.therapy_code} {row.version}": content_of(row).supply.materials for row in rows}


def view(version: DefinitionVersion) -> VersionView:
    """Return a version as lists show it."""
    return VersionView(
        id=version.id,
        therapy_code=version.therapy_code,
        version=version.version,
        name_en=version.name_en,
        name_zh=version.name_zh,
        content_hash=version.content_hash,
        state=version.state,
        effective_from_on=version.effective_from_on,
        submitted_at=version.submitted_at,
    )


@read("therapies.list_definitions")
def list_definitions(
    *,
    therapy_code: str | None = None,
    state: DefinitionState | None = None,
    limit: int = 50,
    after: UUID | None = None,
    by: Actor,
) -> list[VersionView]:
    """Return versions, oldest first, after the one with id `after`."""
    rows = DefinitionVersion.objects.defer("files", "canonical")
    if therapy_code is not None:
        rows = rows.filter(therapy_code=therapy_code)
    if state is not None:
        rows = rows.filter(state=state)
    return [view(row) for row in page(rows, limit, after)]


@read("therapies.get_definition_version")
def get_definition_version(*, definition_id: DefinitionId, by: Actor) -> DefinitionVersion:
    """Return a version with its files and canonical form."""
    return get_version(definition_id)


@read("therapies.compare_definition")
def compare_definition(*, definition_id: DefinitionId, on: date, by: Actor) -> ComparisonView:
    """Return what changes against the version in force on a day, which open batches it touches, and the rehearsal."""
    version = get_version(definition_id)
    against = effective_definition(version.therapy_code, on)
    found: Sequence[DifferenceView] = ()
    if against is not None and against.pk != version.pk:
        found = differences(content_of(against), content_of(version))
    return ComparisonView(
        version=str(version),
        against="" if against is None else str(against),
        differences=tuple(found),
        rehearsal=said_of(find_rehearsal(version.pk)),
        open_work=tuple(list_open_work(version.therapy_code, by=by)),
    )


def differences(was: Definition, became: Definition) -> list[DifferenceView]:
    """Return what changed between two definitions."""
    return [DifferenceView(change.path, change.was, change.became) for change in definitions.diff(was, became)]
