"""What may be asked of quality: deviations, monitoring, cases and verdicts, doses, dispositions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, DeviationId, OrderId
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.core.uploads import Upload
from vein2vein.doors.preparing import Prepared, Scoped
from vein2vein.doors.reading import page, read
from vein2vein.engines.assays import Line, assess, case_to_json
from vein2vein.laboratory.cases import build_case
from vein2vein.manufacturing.reads import batches_seen, definition_of, get_batch
from vein2vein.manufacturing.states import BatchState
from vein2vein.orders.queues import awaiting_reserve
from vein2vein.quality.models import Assessment, DeclaredDose, Deviation, Disposition, EnvironmentRecord
from vein2vein.quality.states import Decision, DeviationState

if TYPE_CHECKING:
    from vein2vein.manufacturing.models import Batch

READERS = (
    Role.OPERATOR,
    Role.SUPERVISOR,
    Role.QC_ANALYST,
    Role.QC_REVIEWER,
    Role.QA_REVIEWER,
    Role.QUALIFIED_PERSON,
    Role.PLANNER,
    Role.ADMINISTRATOR,
)


def missing(field: str, value: object) -> NotFound:
    """Return the refusal of a record that is not there, or not for whoever asks."""
    return NotFound(
        Blocker(
            code="quality.not_found",
            message=N_("There is no such record"),
            field=field,
            value=str(value)[:80],
            mend=N_("Choose it from the list"),
        )
    )


def _scoped(rows: QuerySet[Deviation], by: Actor) -> QuerySet[Deviation]:
    return rows if by.sites is None else rows.filter(batch__site_id__in=by.sites)


@read("quality.get_deviation", roles=READERS)
def get_deviation(*, deviation_id: DeviationId, by: Actor) -> Deviation:
    """Return a deviation, or raise `NotFound`."""
    rows = Deviation.objects.select_related("batch", "coi", "order", "hold")
    found = _scoped(rows, by).filter(pk=deviation_id).first()
    if found is None:
        raise missing("deviation_id", deviation_id)
    return found


@read("quality.list_deviations", roles=READERS)
def list_deviations(
    *,
    batch_id: BatchId | None = None,
    state: DeviationState | None = None,
    limit: int = 50,
    after: UUID | None = None,
    newest: bool = False,
    by: Actor,
) -> list[Deviation]:
    """Return deviations, oldest or newest first, of a batch and in a state where these are given."""
    rows = _scoped(Deviation.objects.select_related("batch", "coi", "order").defer("coi__label_sets"), by)
    if batch_id is not None:
        rows = rows.filter(batch_id=batch_id)
    if state is not None:
        rows = rows.filter(state=state)
    return page(rows, limit, after, newest=newest)


def _open_deviations(by: Actor, limit: int) -> QuerySet[Deviation]:
    rows = _scoped(Deviation.objects.select_related("batch", "coi", "order").defer("coi__label_sets"), by).order_by(
        "id"
    )
    return rows.exclude(state=DeviationState.CLOSED)[:limit]


_OPEN_DEVIATIONS = Scoped(_open_deviations)


def list_open_deviations(by: Actor, *, limit: int) -> list[Deviation]:
    """Return the deviations that are not closed, oldest first."""
    return _OPEN_DEVIATIONS.of(by, limit)


_DEVIATION_OF = Prepared(lambda source: Deviation.objects.filter(source=source).order_by("id")[:1], str)


def find_deviation_of(source: str) -> Deviation | None:
    """Return the deviation that was opened for a source, or None."""
    return _DEVIATION_OF.first(source)


def blocking_deviations(batch_id: UUID, coi_id: UUID) -> list[Deviation]:
    """Return the deviations that keep a batch from its release: of the batch itself, and of its chain."""
    rows = Deviation.objects.filter(blocks_release=True).exclude(state=DeviationState.CLOSED)
    return list((rows.filter(batch_id=batch_id) | rows.filter(coi_id=coi_id)).order_by("id"))


def batch_deviations(batch_id: UUID) -> list[Deviation]:
    """Return the open deviations of a batch itself, without those of what became of its product since."""
    rows = Deviation.objects.filter(blocks_release=True, batch_id=batch_id).exclude(state=DeviationState.CLOSED)
    return list(rows.order_by("id"))


@read("quality.list_environment_records", roles=READERS)
def list_environment_records(*, batch_id: BatchId, by: Actor) -> list[EnvironmentRecord]:
    """Return the environmental monitoring of a batch, by room and time."""
    get_batch(batch_id, by=by)
    rows = EnvironmentRecord.objects.select_related("room").filter(batch_id=batch_id)
    return list(rows.order_by("room__code", "began_at"))


@read("quality.get_case", roles=READERS)
def get_case(*, batch_id: BatchId, by: Actor) -> Upload:
    """Return the case of a batch as it stands today: a file from which anyone can compute the verdict again."""
    batch = get_batch(batch_id, by=by)
    text = case_to_json(build_case(batch, definition_of(batch), clock.now().date()))
    return Upload(f"{batch.number}-case.json", text.encode())


@read("quality.list_verdicts", roles=READERS)
def list_verdicts(*, batch_id: BatchId, by: Actor) -> list[Line]:
    """Return how every test of a batch stands today, in the order of the specification."""
    batch = get_batch(batch_id, by=by)
    return list(assess(build_case(batch, definition_of(batch), clock.now().date())).lines)


def latest_assessment(batch_id: UUID) -> Assessment | None:
    """Return the last conformity assessment of a batch, or None."""
    return Assessment.objects.filter(batch_id=batch_id).order_by("-id").first()


@read("quality.list_assessments", roles=READERS)
def list_assessments(*, batch_id: BatchId, by: Actor) -> list[Assessment]:
    """Return the conformity assessments of a batch, oldest first."""
    get_batch(batch_id, by=by)
    return list(Assessment.objects.filter(batch_id=batch_id).order_by("id"))


def latest_dose(batch_id: UUID) -> DeclaredDose | None:
    """Return the dose of a batch as last declared, or None."""
    return DeclaredDose.objects.select_related("result__test").filter(batch_id=batch_id).order_by("-id").first()


@read("quality.list_doses", roles=READERS)
def list_doses(*, batch_id: BatchId, by: Actor) -> list[DeclaredDose]:
    """Return the doses declared for a batch, oldest first; the last one counts."""
    get_batch(batch_id, by=by)
    return list(DeclaredDose.objects.filter(batch_id=batch_id).order_by("id"))


@read("quality.list_dispositions", roles=READERS)
def list_dispositions(*, batch_id: BatchId, by: Actor) -> list[Disposition]:
    """Return what was decided about a batch, first to last."""
    get_batch(batch_id, by=by)
    return dispositions_of(batch_id)


_DISPOSITIONS = Prepared(
    lambda batch_id: (
        Disposition.objects.select_related(
            "dose__result__test", "assessment", "batch__site", "batch__definition", "request"
        )
        .filter(batch_id=batch_id)
        .order_by("id")
    ),
    UUID,
)


def dispositions_of(batch_id: UUID) -> list[Disposition]:
    """Return what was decided about a batch, whoever asks; for gates and papers."""
    return _DISPOSITIONS.all(batch_id)


def decisions_of(batch_id: UUID) -> tuple[Decision, ...]:
    """Return the decisions about a batch, first to last."""
    return tuple(Decision(one.decision) for one in dispositions_of(batch_id))


def _undecided(by: Actor, limit: int) -> QuerySet[Batch]:
    decided = Disposition.objects.filter(batch=OuterRef("pk"), final=True)
    return batches_seen(by).filter(~Exists(decided), state=BatchState.REVIEWED)[:limit]


_UNDECIDED = Scoped(_undecided)


def list_undecided(by: Actor, *, limit: int) -> list[Batch]:
    """Return the reviewed batches about which nothing is decided finally, oldest first."""
    return _UNDECIDED.of(by, limit)


def batches_with_reserve_wanted(by: Actor) -> list[Batch]:
    """Return the released batches whose reserve a treating physician asks for."""
    wanted = {one.pk: one.released_batch for one in awaiting_reserve()}
    if not wanted:
        return []
    found = batches_seen(by).filter(order_id__in=wanted, number__in=wanted.values())
    return [one for one in found if wanted[one.order_id] == one.number]


@dataclass(frozen=True, slots=True)
class MadeBatch:
    """A batch that is made, with how far quality has come with it."""

    batch: Batch
    overall: str
    decisions: tuple[Decision, ...]

    @property
    def pk(self) -> UUID:
        """Return the batch's id."""
        return self.batch.pk


def list_made(by: Actor, *, limit: int, after: UUID | None = None) -> list[MadeBatch]:
    """Return the batches that are made, newest first, with the last verdict about each and what was decided."""
    last = Assessment.objects.filter(batch=OuterRef("pk")).order_by("-id").values("overall")[:1]
    rows = batches_seen(by).exclude(state=BatchState.OPEN).annotate(overall=Subquery(last))
    batches: list[Any] = page(rows, limit, after, newest=True)
    taken = defaultdict[UUID, list[Decision]](list)
    decided = Disposition.objects.filter(batch__in=batches).order_by("id")
    for batch_id, decision in decided.values_list("batch_id", "decision"):
        taken[batch_id].append(Decision(decision))
    return [MadeBatch(one, one.overall or "", tuple(taken[one.pk])) for one in batches]


def order_of_batch(batch_id: BatchId) -> OrderId:
    """Return the order that a batch was made for, whoever asks; the order's own read says who may see it."""
    return OrderId(get_batch(batch_id, by=journal.system("quality")).order_id)


def final_disposition(batch_id: UUID) -> Disposition | None:
    """Return the decision that no further signature is awaited after, or None."""
    return next((one for one in dispositions_of(batch_id) if one.final), None)
