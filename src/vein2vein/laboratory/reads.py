"""What may be asked about samples, tests, results and their raw data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, LotId, SiteId, TestId
from vein2vein.core.refusals import N_, Blocker, NotFound
from vein2vein.core.uploads import Upload
from vein2vein.doors.preparing import Prepared
from vein2vein.doors.reading import page, read
from vein2vein.engines.definitions import Quantity
from vein2vein.engines.definitions.model.specification import Method
from vein2vein.engines.definitions.model.specification import Test as TestDefinition
from vein2vein.laboratory.models import Investigation, RawFile, Result, Sample, Test
from vein2vein.laboratory.rules import SampleView, TestView, shown
from vein2vein.laboratory.states import InvestigationState, SampleState, TestState
from vein2vein.manufacturing.reads import get_batch, values_of
from vein2vein.therapies.reads import get_definition

TestRow = Test
"""A test as reads return it, for those who only name its type."""

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


def _missing(what: str, field: str, value: object) -> NotFound:
    return NotFound(
        Blocker(
            code="laboratory.not_found",
            message=N_("There is no such %(what)s"),
            field=field,
            value=str(value)[:80],
            mend=N_("Choose it from the list"),
            params={"what": what},
        )
    )


def _test(test_id: UUID) -> QuerySet[Test]:
    rows = Test.objects.select_related("batch", "batch__site", "definition", "coi").filter(pk=test_id)
    return rows.defer("definition__files", "definition__canonical")


def _latest(batch_id: UUID) -> QuerySet[Result]:
    rows = Result.objects.select_related("raw_file").filter(test__batch_id=batch_id).defer("raw_file__content")
    return rows.order_by("test_id", "-revision").distinct("test_id")


def _of_test(test_id: UUID) -> QuerySet[Result]:
    rows = Result.objects.select_related("raw_file", "instrument", "sample__container").filter(test_id=test_id)
    return rows.order_by("-revision")[:1]


_TEST = Prepared(_test, UUID)
_TESTS = Prepared(lambda batch_id: Test.objects.filter(batch_id=batch_id).order_by("id"), UUID)
_LATEST = Prepared(_latest, UUID)
_LATEST_OF_TEST = Prepared(_of_test, UUID)


@read("laboratory.get_test", roles=READERS)
def get_test(*, test_id: TestId, by: Actor) -> Test:
    """Return a test that the actor may see, or raise `NotFound`."""
    found = _TEST.first(test_id)
    if found is None or not by.sees(SiteId(found.batch.site_id)):
        raise _missing("test", "test_id", test_id)
    return found


@read("laboratory.list_tests", roles=READERS)
def list_tests(
    *,
    batch_id: BatchId | None = None,
    state: TestState | None = None,
    limit: int = 100,
    after: UUID | None = None,
    by: Actor,
) -> list[Test]:
    """Return tests, oldest first, of a batch and in a state where these are given."""
    rows = Test.objects.select_related("batch", "coi").defer("coi__label_sets")
    if by.sites is not None:
        rows = rows.filter(batch__site_id__in=by.sites)
    if batch_id is not None:
        rows = rows.filter(batch_id=batch_id)
    if state is not None:
        rows = rows.filter(state=state)
    return page(rows, limit, after)


@read("laboratory.list_samples", roles=READERS)
def list_samples(
    *,
    batch_id: BatchId | None = None,
    state: SampleState | None = None,
    limit: int = 100,
    after: UUID | None = None,
    by: Actor,
) -> list[Sample]:
    """Return samples, oldest first, of a batch and in a state where these are given."""
    rows = Sample.objects.select_related("container", "batch", "coi").defer("coi__label_sets")
    if by.sites is not None:
        rows = rows.filter(batch__site_id__in=by.sites)
    if batch_id is not None:
        rows = rows.filter(batch_id=batch_id)
    if state is not None:
        rows = rows.filter(state=state)
    return page(rows, limit, after)


@dataclass(frozen=True, slots=True)
class ResultView:
    """A test with the result that stands, if there is one, and the hash of its raw data."""

    test_id: UUID
    code: str
    name_en: str
    name_zh: str
    stage: str
    attempt: int
    state: str
    computed: bool
    criterion: str
    unit: str
    result_id: UUID | None
    shown: str
    value: str
    outcome: str
    measured_at: datetime | None
    recorded_by: str
    recorded_by_id: str
    reviewed_by: str
    reviewed_at: datetime | None
    raw_file_id: UUID | None
    raw_sha256: str


@dataclass(frozen=True, slots=True)
class UnderTest:
    """A batch in the list: how many of its tests wait for a result and for a review."""

    batch_id: UUID
    number: str
    coi: str
    therapy_code: str
    order_id: UUID
    to_test: int
    to_review: int


_TESTED = ("batch_id", "batch__number", "coi__code", "batch__order__therapy_code", "batch__order_id")


def open_tests(batch_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return, by batch, how many of its tests wait for a result or its review; nothing where none does."""
    waits = Q(state=TestState.PLANNED, computed=False) | Q(state=TestState.RESULTED)
    return dict(Test.objects.filter(waits, batch_id__in=list(batch_ids)).values_list("batch_id").annotate(Count("id")))


def list_under_test(by: Actor, *, limit: int, waiting: bool) -> list[UnderTest]:
    """Return the oldest batches that wait for results or reviews; or, with all that were tested, the newest."""
    rows = Test.objects.all() if by.sites is None else Test.objects.filter(batch__site_id__in=by.sites)
    to_test, to_review = Q(state=TestState.PLANNED, computed=False), Q(state=TestState.RESULTED)
    if waiting:
        rows = rows.filter(to_test | to_review)
    found = rows.values(*_TESTED).order_by("batch_id" if waiting else "-batch_id")
    counted = found.annotate(to_test=Count("id", filter=to_test), to_review=Count("id", filter=to_review))
    return [UnderTest(*(one[name] for name in (*_TESTED, "to_test", "to_review"))) for one in counted[:limit]]


@read("laboratory.list_results", roles=READERS)
def list_results(*, batch_id: BatchId, by: Actor) -> list[ResultView]:
    """Return every test of a batch, invalidated ones too, with its latest result."""
    get_batch(batch_id, by=by)
    return [view_result(test) for test in list_tests(batch_id=batch_id, limit=500, by=by)]


def view_result(test: Test) -> ResultView:
    """Return a test with its latest result."""
    result = latest_result(test)
    raw = None if result is None else result.raw_file
    return ResultView(
        test_id=test.pk,
        code=test.code,
        name_en=test.name_en,
        name_zh=test.name_zh,
        stage=test.stage,
        attempt=test.attempt,
        state=test.state,
        computed=test.computed,
        criterion=test.criterion,
        unit=test.unit,
        result_id=None if result is None else result.pk,
        shown="" if result is None else shown(result.value, result.unit, result.outcome),
        value="" if result is None or result.value is None else str(result.value),
        outcome="" if result is None else result.outcome,
        measured_at=None if result is None else result.measured_at,
        recorded_by="" if result is None else result.recorded_by_name,
        recorded_by_id="" if result is None else str(result.recorded_by_id),
        reviewed_by="" if result is None else result.reviewed_by_name,
        reviewed_at=None if result is None else result.reviewed_at,
        raw_file_id=None if raw is None else raw.pk,
        raw_sha256="" if raw is None else raw.sha256,
    )


def latest_result(test: Test) -> Result | None:
    """Return the result of a test that stands (its last revision), or None where it is planned again."""
    if test.state == TestState.PLANNED:
        return None
    return _LATEST_OF_TEST.first(test.pk)


def standing_results(batch_id: UUID) -> list[tuple[Test, Result | None]]:
    """Return every test of a batch that is not invalidated, with its result; for the contexts above."""
    return [(test, result) for test, result in all_results(batch_id) if test.state != TestState.INVALIDATED]


def all_results(batch_id: UUID) -> list[tuple[Test, Result | None]]:
    """Return every test of a batch, invalidated ones too, with its latest result (None where none stands)."""
    latest = {row.test_id: row for row in _LATEST.all(batch_id)}
    tests = _TESTS.all(batch_id)
    return [(test, None if test.state == TestState.PLANNED else latest.get(test.pk)) for test in tests]


def reviewed_result(batch_id: UUID, code: str) -> Result | None:
    """Return the reviewed result of a batch's test, or None."""
    test = Test.objects.filter(batch_id=batch_id, code=code, state=TestState.REVIEWED).first()
    return None if test is None else latest_result(test)


def list_workers(batch_id: UUID) -> list[str]:
    """Return the accounts of everybody who tested or reviewed for a batch."""
    rows = Result.objects.filter(test__batch_id=batch_id, computed=False)
    pairs = rows.values_list("recorded_by_id", "reviewed_by_id")
    return sorted({str(one) for pair in pairs for one in pair if one is not None})


def open_investigations(batch_id: UUID) -> list[str]:
    """Return the codes of a batch's laboratory investigations that are not concluded."""
    rows = Investigation.objects.filter(test__batch_id=batch_id, state=InvestigationState.OPEN)
    return list(rows.order_by("id").values_list("code", flat=True))


@read("laboratory.list_investigations", roles=READERS)
def list_investigations(
    *, batch_id: BatchId | None = None, limit: int = 50, after: UUID | None = None, by: Actor
) -> list[Investigation]:
    """Return laboratory investigations, oldest first."""
    rows = Investigation.objects.select_related("test", "test__batch")
    if by.sites is not None:
        rows = rows.filter(test__batch__site_id__in=by.sites)
    if batch_id is not None:
        rows = rows.filter(test__batch_id=batch_id)
    return page(rows, limit, after)


def get_investigation(code: str, *, by: Actor) -> Investigation:
    """Return an investigation by its code, or raise `NotFound`."""
    found = Investigation.objects.select_related("test", "test__batch").filter(code=code.strip().upper()).first()
    if found is None or not by.sees(SiteId(found.test.batch.site_id)):
        raise _missing("investigation", "investigation", code)
    return found


@read("laboratory.get_raw_file", roles=READERS)
def get_raw_file(*, raw_file_id: UUID, by: Actor) -> Upload:
    """Return a raw file exactly as it came in."""
    found = RawFile.objects.select_related("batch").filter(pk=raw_file_id).first()
    if found is None or not by.sees(SiteId(found.batch.site_id)):
        raise _missing("raw file", "raw_file_id", raw_file_id)
    return Upload(found.filename, bytes(found.content))


@read("laboratory.list_results_of_lot", roles=READERS)
def list_results_of_lot(*, lot_id: LotId, limit: int = 50, after: UUID | None = None, by: Actor) -> list[Result]:
    """Return the results that rest on a lot of a kit, oldest first: what its recall calls into question."""
    rows = Result.objects.select_related("test__batch", "kit").filter(kit_id=lot_id)
    if by.sites is not None:
        rows = rows.filter(test__batch__site_id__in=by.sites)
    return page(rows, limit, after)


def definition_of(test: Test) -> TestDefinition:
    """Return a test as the batch's definition describes it."""
    found = get_definition(test.definition_id).specification.test(test.code)
    if found is None:
        raise _missing("test", "test_code", test.code)
    return found


def method_of(test: Test) -> Method | None:
    """Return the method that the definition tests by."""
    rule = definition_of(test)
    return get_definition(test.definition_id).specification.method(rule.method)


def view_test(test: Test) -> TestView:
    """Return a test as the rules see it."""
    rule = definition_of(test)
    return TestView(
        code=test.code,
        batch=str(test.batch_id),
        sample_code=test.sample_code,
        state=test.state,
        computed=test.computed,
        qualitative=bool(rule.outcomes),
        unit=test.unit,
        method_version=test.method_version,
        replicates=test.replicates,
        outcomes=tuple(one.id for one in rule.outcomes),
    )


def view_sample(sample: Sample) -> SampleView:
    """Return a sample as the rules see it."""
    return SampleView(
        container_code=sample.container.code,
        coi=str(sample.coi_id),
        batch=str(sample.batch_id),
        sample_code=sample.sample_code,
        state=sample.state,
        taken_at=sample.taken_at,
        culture_until=sample.culture_until,
    )


def formula_values(batch_tests: Sequence[tuple[Test, Result | None]], test: Test) -> dict[str, Quantity]:
    """Return what a computed test's formula may use: the batch's process values and the reviewed results."""
    found = values_of(test.batch)
    for other, result in batch_tests:
        if other.state == TestState.REVIEWED and result is not None and result.value is not None:
            found[other.code] = Quantity(result.value, result.unit)
    return found
