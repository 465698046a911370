"""Results written down with their raw data: typed, or read from a counter's export; corrected before review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId, TestId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.engines.codes import Kind
from vein2vein.engines.definitions.vocabulary import Attribute
from vein2vein.engines.instruments.counter import CounterResult, read_counter
from vein2vein.identity.scans import read_code
from vein2vein.laboratory import facts, reads, rules
from vein2vein.laboratory.actions.planning import find_sample, refs, stream
from vein2vein.laboratory.models import RawFile, Result, Sample, Test
from vein2vein.laboratory.states import TestState
from vein2vein.manufacturing.reads import get_batch
from vein2vein.materials.actions import consume_lot
from vein2vein.materials.reads import get_scanned_lot
from vein2vein.network.reads import get_equipment, view_equipment
from vein2vein.network.rules import equipment_blockers

if TYPE_CHECKING:
    from vein2vein.manufacturing.models import Batch
    from vein2vein.materials.models import Lot
    from vein2vein.network.models import Equipment

COUNTER = "cell_counter"

journal.explain(
    "laboratory_result_in_line",
    Blocker(
        code="laboratory.result_recorded_meanwhile",
        message=N_("Somebody else recorded this result first"),
        field="test_id",
        mend=N_("Load the page again and look"),
    ),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A result about to be written: what was found, on which sample and instrument, from which files."""

    value: Decimal | None
    outcome: str
    replicates: tuple[Decimal, ...]
    measured_at: datetime
    method_version: str
    sample: Sample
    instrument: Equipment | None
    raw: RawFile
    second_raw: RawFile | None = None
    comment: str = ""
    kit: Lot | None = None


@journal.action("laboratory.record_result", roles=[Role.QC_ANALYST])
def record_result(
    *,
    test_id: TestId,
    scanned_sample: str,
    measured_at: datetime,
    method_version: str,
    raw_file: Upload,
    value: Decimal | None = None,
    unit: str = "",
    outcome: str = "",
    replicates: list[Decimal] | None = None,
    scanned_instrument: str = "",
    scanned_kit: str = "",
    comment: str = "",
    by: Actor,
) -> Result:
    """Write down a test's result (a value in the test's unit, or an outcome) with the raw file that it comes from.

    The sample and, where the method needs them, instrument and kit are scanned; the instrument must be fit for use,
    the kit's lot released, of the right kind and in date now: one unit of it is drawn (N7). With replicates, each is
    given and `value` is their mean.
    """
    test = reads.get_test(test_id=test_id, by=by)
    at = journal.current().at
    view = reads.view_test(test)
    refuse_any(rules.state_blockers(view, TestState.PLANNED))
    refuse_any(rules.raw_blockers(filename=raw_file.filename, size=len(raw_file.content)))
    each = tuple(replicates or ())
    entered = rules.Entered(value, unit or test.unit, outcome, each, method_version, measured_at)
    refuse_any(rules.result_blockers(view, entered))
    sample = find_sample(scanned_sample, test.batch)
    refuse_any(
        [
            *rules.sample_blockers(reads.view_sample(sample), view, at),
            *rules.measured_blockers(measured_at, taken_at=sample.taken_at, at=at),
        ]
    )
    instrument = _instrument(scanned_instrument, test.equipment_class, at)
    raw, fresh = keep_raw(test.batch, raw_file)
    kit = _kit(test, scanned_kit, by)
    found = Measured(
        value, outcome, each, measured_at, method_version, sample, instrument, raw, comment=comment, kit=kit
    )
    return _write(test, found, [raw] if fresh else [], by)


def _kit(test: Test, scanned: str, by: Actor) -> Lot | None:
    """Draw one unit of the kit that the method uses from the lot that was scanned; none where it uses none."""
    method = reads.method_of(test)
    if method is None or method.kit is None:
        refuse_any(rules.no_kit_blockers(scanned))
        return None
    refuse_any(rules.kit_blockers(scanned, method.kit))
    lot = get_scanned_lot(scanned)
    batch = test.batch
    consume_lot(
        lot_code=lot.code,
        material_code=method.kit,
        quantity=Decimal(1),
        unit=lot.unit,
        market=batch.market,
        holder=f"batch:{batch.pk}",
        whole_units=True,
        by=by,
    )
    return lot


def _instrument(scanned: str, needed_class: str, at: datetime) -> Equipment | None:
    """Return the instrument that was scanned, of the method's class and fit for use; none where none is needed."""
    if not scanned.strip():
        if not needed_class:
            return None
        raise Refused(
            Blocker(
                code="laboratory.no_instrument",
                message=N_("This method needs a %(needed)s, and none was scanned"),
                field="scanned_instrument",
                mend=N_("Scan the label on the instrument"),
                params={"needed": needed_class},
            )
        )
    code = read_code(scanned, (Kind.EQUIPMENT, Kind.WORKSTATION), "scanned_instrument").value
    equipment = get_equipment(code.partition("-")[2].rpartition("-")[0])
    refuse_any(equipment_blockers(view_equipment(equipment), at, equipment_class=needed_class or None))
    return equipment


def keep_raw(batch: Batch, upload: Upload) -> tuple[RawFile, bool]:
    """Return the batch's raw file with this content, and whether it is new."""
    known = RawFile.objects.filter(batch=batch, sha256=upload.sha256).first()
    if known is not None:
        return known, False
    return (
        RawFile(
            batch=batch,
            filename=upload.filename,
            sha256=upload.sha256,
            size_bytes=len(upload.content),
            content=upload.content,
        ),
        True,
    )


def _write(test: Test, found: Measured, files: list[RawFile], by: Actor) -> Result:
    at = journal.current().at
    result = Result(
        test=test,
        revision=test.results.count() + 1,
        value=found.value,
        unit=test.unit if found.value is not None else "",
        outcome=found.outcome,
        replicate_values=[str(one) for one in found.replicates],
        sample=found.sample,
        instrument=found.instrument,
        kit=found.kit,
        raw_file=found.raw,
        second_raw_file=found.second_raw,
        method_version=found.method_version,
        measured_at=found.measured_at,
        recorded_at=at,
        recorded_by_id=by.account_id,
        recorded_by_name=by.name,
        comment=found.comment,
    )
    used = [] if found.instrument is None else [f"equipment:{found.instrument.pk}"]
    used += [] if found.kit is None else [f"lot:{found.kit.pk}"]
    journal.transition(
        test,
        "record",
        recorded_fact(test, result, container=found.sample.container.code, raw_sha256=found.raw.sha256),
        stream=stream(test.batch),
        refs=refs(test.batch, f"container:{found.sample.container_id}", *used),
        inserts=[*files, result],
    )
    return result


def recorded_fact(test: Test, result: Result, *, container: str = "", raw_sha256: str = "") -> facts.ResultRecorded:
    """Return what the journal says of a result."""
    return facts.ResultRecorded(
        batch_id=test.batch_id,
        batch_number=test.batch.number,
        coi_id=test.coi_id,
        test_id=test.pk,
        test_code=test.code,
        attempt=test.attempt,
        result_id=result.pk,
        value=result.value,
        unit=result.unit,
        outcome=result.outcome,
        shown=rules.shown(result.value, result.unit, result.outcome),
        computed=result.computed,
        container_code=container,
        instrument_code="" if result.instrument is None else result.instrument.code,
        method_version=result.method_version,
        raw_sha256=raw_sha256,
        kit_lot="" if result.kit is None else result.kit.number,
        measured_at=result.measured_at,
        recorded_by=result.recorded_by_name,
    )


@journal.action("laboratory.read_counter_result", roles=[Role.QC_ANALYST])
def read_counter_result(
    *,
    batch_id: BatchId,
    scanned_sample: str,
    scanned_instrument: str,
    export: Upload,
    second_export: Upload | None = None,
    scanned_kit: str = "",
    by: Actor,
) -> list[Result]:
    """Read viability and viable cells per mL from a cell counter's exports (NucleoView CSV) of a scanned sample.

    The sample's code must stand in the file and the instrument's serial must be the scanned one's. A definition
    that asks for two replicates needs two counts; the result is their mean. Where the counter's method needs a kit,
    its lot is scanned and one unit of it drawn for all that is counted (N7).
    """
    batch = get_batch(batch_id, by=by)
    at = journal.current().at
    sample = find_sample(scanned_sample, batch)
    instrument = _instrument(scanned_instrument, COUNTER, at)
    if instrument is None:
        raise AssertionError("a counter is always needed here")
    uploads = [export] if second_export is None else [export, second_export]
    refuse_any(
        [one for upload in uploads for one in rules.raw_blockers(filename=upload.filename, size=len(upload.content))]
    )
    if second_export is not None:
        refuse_any(rules.same_file_blockers(export.sha256, second_export.sha256))
    counts = [_count(upload, sample, instrument, at) for upload in uploads]
    tests = _counted_tests(batch, sample)
    view = reads.view_sample(sample)
    refuse_any([one for test in tests for one in rules.sample_blockers(view, reads.view_test(test), at)])
    kits = _counter_kits(tests, scanned_kit, by)
    kept = [keep_raw(batch, upload) for upload in uploads]
    fresh = [raw for raw, is_new in kept if is_new]
    results: list[Result] = []
    for test in tests:
        used = counts[: test.replicates]  # a test that asks for one count is answered by the first
        values = tuple(_value_for(test, count) for count in used)
        mean = rules.mean_of(values)
        each = values if test.replicates > 1 else ()
        entered = rules.Entered(mean, test.unit, "", each, test.method_version, used[-1].measured_at)
        refuse_any(rules.result_blockers(reads.view_test(test), entered))
        found = Measured(
            value=mean,
            outcome="",
            replicates=values,
            measured_at=used[-1].measured_at,
            method_version=test.method_version,
            sample=sample,
            instrument=instrument,
            raw=kept[0][0],
            second_raw=kept[1][0] if len(used) > 1 else None,
            kit=kits.get(test.method_code),
        )
        results.append(_write(test, found, fresh if not results else [], by))
    return results


def _counter_kits(tests: list[Test], scanned: str, by: Actor) -> dict[str, Lot]:
    """Return the lot of the kit by method, one unit drawn of it; a count needs one kit at the most."""
    methods = {test.method_code: test for test in tests}
    using = {code: test for code, test in methods.items() if (found := reads.method_of(test)) is not None and found.kit}
    if not using:
        refuse_any(rules.no_kit_blockers(scanned))
        return {}
    lot = _kit(next(iter(using.values())), scanned, by)
    return {} if lot is None else dict.fromkeys(using, lot)


def _count(upload: Upload, sample: Sample, instrument: Equipment, at: datetime) -> CounterResult:
    count = read_counter(upload.content, upload.filename, latest=at + rules.CLOCK_TOLERANCE)
    refuse_any(
        [
            *rules.counter_blockers(
                sample_id=count.sample_id,
                sample_code=sample.container.code,
                serial=count.serial,
                instrument_serial=instrument.serial,
            ),
            *rules.measured_blockers(count.measured_at, taken_at=sample.taken_at, at=at),
        ]
    )
    return count


_COUNTED = {Attribute.VIABILITY: "%", Attribute.CONTENT: "cell/mL"}


def _counted_tests(batch: Batch, sample: Sample) -> list[Test]:
    """Return the tests on this sample that a counter answers and that are still to be done."""
    rows = Test.objects.select_related("batch").filter(
        batch=batch, sample_code=sample.sample_code, equipment_class=COUNTER, state=TestState.PLANNED, computed=False
    )
    found = [test for test in rows.order_by("id") if _COUNTED.get(reads.definition_of(test).attribute) == test.unit]
    if not found:
        raise Refused(
            Blocker(
                code="laboratory.nothing_to_count",
                message=N_("No test on this sample waits for a cell count"),
                field="scanned_sample",
                value=sample.container.code,
                mend=N_("Look at the list of tests; a result that stands is corrected or investigated, never replaced"),
            )
        )
    return found


def _value_for(test: Test, count: CounterResult) -> Decimal:
    return count.viability_percent if test.unit == "%" else count.live_cells_per_ml


@journal.action("laboratory.correct_result", roles=[Role.QC_ANALYST])
def correct_result(
    *,
    test_id: TestId,
    raw_file: Upload,
    reason: str,
    value: Decimal | None = None,
    outcome: str = "",
    replicates: list[Decimal] | None = None,
    by: Actor,
) -> Result:
    """Correct a result that was written down wrongly, before its review, from the very same raw file; the old stays."""
    test = reads.get_test(test_id=test_id, by=by)
    view = reads.view_test(test)
    refuse_any(rules.state_blockers(view, TestState.RESULTED))
    was = reads.latest_result(test)
    if was is None:
        raise AssertionError("a test with a result has one")
    raw_sha256 = "" if was.raw_file is None else was.raw_file.sha256
    refuse_any(
        rules.correction_blockers(
            computed=test.computed, raw_sha256=raw_sha256, given_sha256=raw_file.sha256, reason=reason
        )
    )
    each = tuple(replicates or ())
    entered = rules.Entered(value, test.unit, outcome, each, was.method_version, was.measured_at)
    refuse_any(rules.result_blockers(view, entered))
    result = Result(
        test=test,
        revision=was.revision + 1,
        value=value,
        unit=test.unit if value is not None else "",
        outcome=outcome,
        replicate_values=[str(one) for one in each],
        sample=was.sample,
        instrument=was.instrument,
        kit=was.kit,
        raw_file=was.raw_file,
        second_raw_file=was.second_raw_file,
        method_version=was.method_version,
        measured_at=was.measured_at,
        recorded_at=journal.current().at,
        recorded_by_id=by.account_id,
        recorded_by_name=by.name,
        reason=reason,
    )
    journal.transition(
        test,
        "correct",
        facts.ResultCorrected(
            batch_id=test.batch_id,
            batch_number=test.batch.number,
            coi_id=test.coi_id,
            test_id=test.pk,
            test_code=test.code,
            was=rules.shown(was.value, was.unit, was.outcome),
            became=rules.shown(result.value, result.unit, result.outcome),
            raw_sha256=raw_sha256,
            reason=reason,
            recorded_by=by.name,
        ),
        stream=stream(test.batch),
        refs=refs(test.batch),
        inserts=[result],
    )
    return result
