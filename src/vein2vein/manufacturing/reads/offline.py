"""The offline pack of a batch: what is left to do, what is known, what runs, as paper needs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.core.uploads import Upload
from vein2vein.doors.naming import in_both
from vein2vein.doors.reading import read
from vein2vein.engines.definitions import Definition
from vein2vein.engines.definitions.model.process import StepBase
from vein2vein.engines.definitions.vocabulary import Verify
from vein2vein.engines.papers import model as papers
from vein2vein.engines.papers.offline import KnownValue, OfflinePack, OpenOperation, OpenStep, RunningTime
from vein2vein.journal.reads import database_kind, list_touching
from vein2vein.journal.sealing import latest_seal
from vein2vein.manufacturing import rules
from vein2vein.manufacturing.models import Batch, BatchOperation, BatchStep
from vein2vein.manufacturing.models import OfflinePack as Pack
from vein2vein.manufacturing.naming import names_in
from vein2vein.manufacturing.reads.floor import identifiers_of, list_timers
from vein2vein.manufacturing.reads.record import ROLES
from vein2vein.manufacturing.reads.standing import (
    PLANT_ROLES,
    applicable,
    batches_seen,
    definition_of,
    get_batch,
    open_hold_reasons,
    values_of,
)
from vein2vein.manufacturing.states import PackState, StepState


def find_open_pack(batch: Batch) -> Pack | None:
    """Return the offline pack of a batch that is in force, or None."""
    rows = Pack.objects.defer("attachment__content").select_related("attachment")
    return rows.filter(batch=batch, state=PackState.ISSUED).first()


@read("manufacturing.list_offline_packs", roles=PLANT_ROLES)
def list_offline_packs(batch_id: BatchId, *, by: Actor) -> list[Pack]:
    """Return every offline pack of a batch, the newest first."""
    batch = get_batch(batch_id, by=by)
    rows = Pack.objects.defer("attachment__content").select_related("attachment")
    return list(rows.filter(batch=batch).order_by("-issued_at", "-id"))


@read("manufacturing.get_offline_pack", roles=PLANT_ROLES)
def get_offline_pack(batch_id: BatchId, *, by: Actor) -> Upload:
    """Return the offline pack of a batch that is in force, as it was signed, or raise `NotFound`."""
    batch = get_batch(batch_id, by=by)
    found = Pack.objects.select_related("attachment").filter(batch=batch, state=PackState.ISSUED).first()
    if found is None:
        raise NotFound(
            Blocker(
                code="manufacturing.no_pack",
                message=N_("There is no offline pack of this batch in force"),
                field="batch_id",
                value=batch.number,
                mend=N_("Issue one, by signature, on the execution page"),
            )
        )
    return Upload(found.attachment.filename, bytes(found.attachment.content))


def get_pack(pack_id: UUID, *, by: Actor) -> Pack:
    """Return an offline pack of a batch that the actor may see, or raise `NotFound`."""
    found = Pack.objects.select_related("batch", "attachment").filter(pk=pack_id, batch__in=batches_seen(by)).first()
    if found is None:
        raise NotFound(
            Blocker(
                code="manufacturing.no_pack",
                message=N_("There is no such offline pack"),
                field="pack_id",
                value=str(pack_id),
                mend=N_("Choose it on the page of its batch"),
            )
        )
    return found


def count_late_entries(pack: Pack) -> int:
    """Return how many recordings were entered late into the record since a pack was issued."""
    found = list_touching(f"batch:{pack.batch_id}", limit=10_000)
    return sum(
        1
        for one in found
        if one.id > pack.journal_entry and "late" in one.payload and one.fact.startswith("manufacturing.Step")
    )


def offline_pack(batch: Batch, *, code: str, at: datetime, by: Actor, head: str) -> OfflinePack:
    """Return everything that an offline pack says; `engines.papers.offline_pack` makes the PDF of it."""
    definition, kind, seal = definition_of(batch), database_kind(), latest_seal()
    operations = tuple(_operations(batch, definition))
    donation = next((one.value for one in identifiers_of(batch) if one.name == "Donation number"), "")
    return OfflinePack(
        printed_at=at,
        zone=batch.site.zone,
        demonstration=definition.therapy.demonstration or kind == "demonstration",
        simulated=kind == "simulated",
        coi=batch.coi.code,
        batch_number=batch.number,
        document_code=code,
        therapy=papers.Two(definition.therapy.name.en, definition.therapy.name.zh),
        definition=definition.name,
        definition_hash=batch.definition.content_hash,
        site=papers.Two(batch.site.name_en, batch.site.name_zh),
        order_code=batch.order.code,
        subject=batch.order.subject_number,
        din=donation,
        containers=tuple(
            (one.code, papers.Two(*in_both(one.role)))
            for one in batch.coi.containers.filter(state="active").order_by("id")
        ),
        operations=operations,
        values=tuple(_values(batch, operations)),
        times=tuple(
            RunningTime(papers.Two(one.name_en, one.name_zh), one.begins_at, one.ends_at)
            for one in list_timers(batch, definition)
        ),
        holds=tuple(open_hold_reasons(batch)),
        signatures=(papers.Signature(by.name, papers.Two(""), papers.Two("issued", "已签发"), at),),
        journal_head=head,
        merkle_root="" if seal is None else seal.root,
        sealed_at=None if seal is None else seal.sealed_at,
    )


def _operations(batch: Batch, definition: Definition) -> Iterator[OpenOperation]:
    waiting = set(BatchStep.objects.filter(batch=batch, state=StepState.WAITING).values_list("code", flat=True))
    steps = list(enumerate(applicable(batch, definition), start=1))
    for row in BatchOperation.objects.select_related("workstation").filter(batch=batch).order_by("ordinal"):
        known = definition.process.operation(row.code)
        left = tuple(_open_step(place, one) for place, (code, one) in steps if code == row.code and one.id in waiting)
        if known is not None and left:
            name = papers.Two(known.name.en, known.name.zh)
            station = "" if row.workstation is None else row.workstation.code
            yield OpenOperation(str(row.ordinal), name, station, left)


def _open_step(place: int, step: StepBase) -> OpenStep:
    formula = getattr(step, "formula", None) or getattr(step, "quantity", None) or getattr(step, "volume", None)
    asked = [getattr(step, name, None) for name in ("parent", "container", "material", "into", "equipment_class")]
    both = [in_both(one) for one in asked if one]
    times = [getattr(step, name, None) for name in ("minimum", "maximum")]
    spans = " – ".join("…" if one is None else rules.span(one) for one in times) if any(times) else ""
    return OpenStep(
        number=str(place),
        kind=step.kind.value,
        instruction=papers.Two(step.text.en, step.text.zh),
        role=ROLES.get(step.role.value, step.role.value),
        limits=papers.Two(*rules.show_limits(getattr(step, "limits", None))),
        unit=str(getattr(step, "unit", None) or ""),
        formula=spans if formula is None else str(formula),
        asks_for=papers.Two(", ".join(one for one, _ in both), "、".join(one for _, one in both)),
        second_person=step.verify is Verify.SECOND_PERSON or bool(getattr(step, "identity", False)),
        signed=step.signature is not None,
    )


def _values(batch: Batch, operations: tuple[OpenOperation, ...]) -> Iterator[KnownValue]:
    """Yield the known values that a formula which is left uses."""
    formulas = " ".join(step.formula for one in operations for step in one.steps)
    names = names_in({"batch_id": str(batch.pk)})
    for name, value in values_of(batch).items():
        if name in formulas:
            yield KnownValue(name, papers.Two(*names.get(name, (name, name))), value.written())
