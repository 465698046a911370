"""Pages of the laboratory: batches under test, one batch's samples, tests and results, raw files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, TestId
from vein2vein.core.refusals import N_
from vein2vein.doors.keeping import kept
from vein2vein.doors.naming import chinese, named
from vein2vein.doors.pages import Offer, actor_of, offer
from vein2vein.doors.work import Menu, WorkItem, place, work
from vein2vein.laboratory import reads, rules
from vein2vein.laboratory.cases import build_case, failing
from vein2vein.laboratory.reads import ResultView, TestRow
from vein2vein.laboratory.states import InvestigationState, SampleState, TestState
from vein2vein.manufacturing.reads import Batch, get_batch
from vein2vein.manufacturing.reads import definition_of as manufacturing_definition
from vein2vein.manufacturing.states import BatchState
from vein2vein.orders.courses import Due, dues_of

LISTED = 200
TESTERS = frozenset({Role.QC_ANALYST, Role.QC_REVIEWER})
place("laboratory:batches", N_("Laboratory"), Menu.PLANT, roles=frozenset(reads.READERS))


@dataclass(frozen=True, slots=True)
class TestShown:
    """A test on the page: its result, and the forms that go on with it."""

    __test__ = False

    view: ResultView
    name: str
    sample_code: str
    shown: str
    criterion: str
    offers: tuple[Offer, ...]
    failed: bool

    @property
    def open(self) -> bool:
        """Say whether a result or its review is still to come."""
        return self.view.state in (TestState.PLANNED, TestState.RESULTED)

    @property
    def wanted(self) -> bool:
        """Say whether this person can go on with it now."""
        return self.open and any(one.allowed and not one.blockers for one in self.offers)


@dataclass(slots=True)
class SampleTests:
    """The tests on one kind of sample, folded: how many are done, open and out of specification."""

    code: str
    tests: list[TestShown] = field(default_factory=list)
    unfolded: bool = False

    @property
    def failed(self) -> int:
        """Return how many results are out of specification."""
        return sum(one.failed for one in self.tests)

    @property
    def open(self) -> int:
        """Return how many tests wait for a result or its review."""
        return sum(one.open for one in self.tests)

    @property
    def done(self) -> int:
        """Return how many tests are over."""
        return len(self.tests) - self.open


@require_GET
@kept
def batches(request: HttpRequest) -> HttpResponse:
    """List the batches under test."""
    found = reads.list_under_test(actor_of(request), limit=LISTED, waiting=False)
    return render(request, "laboratory/batches.html", {"batches": found})


@require_GET
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show one batch's samples and tests, with the forms to receive, record, review and investigate."""
    by = actor_of(request)
    found = get_batch(BatchId(batch_id), by=by)
    samples = reads.list_samples(batch_id=BatchId(batch_id), limit=500, by=by)
    waiting = sum(one.state == SampleState.TAKEN for one in samples)
    given = {"batch_id": found.pk}
    groups = _folded(_tests(found, by))
    context = {
        "batch": found,
        "samples": samples,
        "to_come": waiting,
        "came": len(samples) - waiting,
        "receive": offer("laboratory.receive_sample", by=by, given=given) if waiting else None,
        "failing": [each for one in groups for each in one.tests if each.failed],
        "count": offer("laboratory.read_counter_result", by=by, given=given),
        "groups": groups,
        "investigations": [
            (one, _conclude(one.code, by) if one.state == InvestigationState.OPEN else None)
            for one in reads.list_investigations(batch_id=BatchId(batch_id), by=by)
        ],
    }
    return render(request, "laboratory/batch.html", context)


def _folded(tests: Iterable[TestShown]) -> list[SampleTests]:
    """Return the tests by sample; unfolded is what is out of specification, and the first that wants this person."""
    groups: dict[str, SampleTests] = {}
    for test in tests:
        groups.setdefault(test.sample_code, SampleTests(test.sample_code)).tests.append(test)
    found = list(groups.values())
    wanted = next((one for one in found if any(each.wanted for each in one.tests)), None)
    for one in found:
        one.unfolded = bool(one.failed) or one is wanted
    return found


def _tests(found: Batch, by: Actor) -> Iterator[TestShown]:
    batch_id = BatchId(found.pk)
    failed = failing(build_case(found, manufacturing_definition(found), clock.now().date()))
    samples = {test.pk: test.sample_code for test in reads.list_tests(batch_id=batch_id, limit=500, by=by)}
    for view in reads.list_results(batch_id=batch_id, by=by):
        name = view.name_zh if chinese() else view.name_en
        test = reads.get_test(test_id=TestId(view.test_id), by=by)
        outcomes = _outcomes(test)
        criterion = " / ".join(outcomes.get(one, one) for one in view.criterion.split(" / "))
        shown = outcomes.get(view.outcome, view.shown)
        out = view.code in failed and view.state in (TestState.RESULTED, TestState.REVIEWED)
        offered = tuple(one for one in _offers(view, by) if one.allowed)
        yield TestShown(view, name, samples[view.test_id], shown, criterion, offered, out)


def _outcomes(test: TestRow) -> dict[str, str]:
    """Return the outcomes that a test can have, as its definition names them in the reader's language."""
    told = reads.definition_of(test).outcomes
    return {one.id: one.name.zh if chinese() else one.name.en for one in told}


def _offers(view: ResultView, by: Actor) -> Iterator[Offer]:
    given = {"test_id": view.test_id}
    if view.state == TestState.PLANNED and not view.computed:
        row = reads.get_test(test_id=TestId(view.test_id), by=by)
        test = reads.view_test(row)
        fixed = given | {"method_version": test.method_version} | ({"unit": test.unit} if test.unit else {})
        made = offer(
            "laboratory.record_result",
            by=by,
            given=fixed,
            choices={"outcome": list(_outcomes(row).items())} if test.qualitative else None,
        )
        hidden = {"value", "unit", "replicates"} if test.qualitative else {"outcome"}
        if test.replicates == 1:
            hidden.add("replicates")
        method = reads.method_of(row)
        if method is None or method.kit is None:
            hidden.add("scanned_kit")
        yield replace(made, fields=tuple(item for item in made.fields if item.name not in hidden))
    if view.state == TestState.RESULTED:
        own = rules.own_review_blockers(recorded_by=view.recorded_by_id, by=str(by.account_id), name=by.name)
        yield offer("laboratory.review_result", by=by, given=given, blockers=own)
        if not view.computed:
            yield offer("laboratory.correct_result", by=by, given=given)
    if view.state in (TestState.RESULTED, TestState.REVIEWED) and not view.computed:
        yield offer("laboratory.open_investigation", by=by, given=given)
        yield offer("laboratory.invalidate_result", by=by, given=given)


def _conclude(code: str, by: Actor) -> Offer:
    return offer("laboratory.conclude_investigation", by=by, given={"investigation": code})


@require_GET
def raw_file(request: HttpRequest, raw_file_id: UUID) -> HttpResponse:
    """Return a raw file exactly as it came in, to be saved and never shown as a page of ours."""
    found = reads.get_raw_file(raw_file_id=raw_file_id, by=actor_of(request))
    made = HttpResponse(found.content, content_type="application/octet-stream")
    made["Content-Disposition"] = 'attachment; filename="raw-data"'
    made["X-Content-Type-Options"] = "nosniff"
    return made


@work("laboratory.tests")
def waiting(by: Actor) -> list[WorkItem]:
    """Return what the laboratory wants of this person: samples to receive, tests to do, results to review."""
    found: list[WorkItem] = []
    if by.has_any(frozenset({Role.QC_ANALYST})):
        found += [
            WorkItem(gettext("Receive the sample"), one.container.code, _url(one.batch_id), urgent=True)
            for one in reads.list_samples(state=SampleState.TAKEN, limit=200, by=by)
            if one.batch.state != BatchState.TERMINATED
        ]
    tested = reads.list_under_test(by, limit=LISTED, waiting=True) if by.has_any(TESTERS) else []
    dues = dues_of((one.order_id for one in tested), of=(Due.SLOT, Due.INFUSION))
    for one in tested:
        for role, title, count in (
            (Role.QC_ANALYST, gettext("Test the batch"), one.to_test),
            (Role.QC_REVIEWER, gettext("Review results"), one.to_review),
        ):
            if count and role in by.roles:
                about = ngettext("%(count)d test", "%(count)d tests", count) % {"count": count}
                due = dues.get(one.order_id)
                about = f"{named(one.therapy_code)} · {about}"
                found.append(WorkItem(title, one.number, _url(one.batch_id), due, about=about))
    return found


def _url(batch_id: UUID) -> str:
    return reverse("laboratory:batch", args=[batch_id])


urlpatterns = [
    path("laboratory", batches, name="batches"),
    path("laboratory/<uuid:batch_id>", batch, name="batch"),
    path("laboratory/raw/<uuid:raw_file_id>", raw_file, name="raw_file"),
]
