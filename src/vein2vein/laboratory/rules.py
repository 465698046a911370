"""What stands in the way of a sample, a result, a review or a repeat: pure functions over plain values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from vein2vein.core.actor import Role
from vein2vein.core.numbers import written
from vein2vein.core.refusals import N_, Blocker
from vein2vein.core.uploads import LARGEST_BYTES
from vein2vein.laboratory.states import Conclusion, SampleState, TestState

CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far an instrument's clock may be ahead of or behind ours."""


@dataclass(frozen=True, slots=True)
class SampleView:
    """A sample as the rules see it."""

    container_code: str
    coi: str
    batch: str
    sample_code: str
    state: str
    taken_at: datetime
    culture_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TestView:
    """A planned test as the rules see it."""

    __test__ = False

    code: str
    batch: str
    sample_code: str
    state: str
    computed: bool
    qualitative: bool
    unit: str
    method_version: str
    replicates: int
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person gives as a test's result."""

    value: Decimal | None
    unit: str
    outcome: str
    replicates: tuple[Decimal, ...]
    method_version: str
    measured_at: datetime


def chain_blockers(*, scanned: str, coi: str, wanted: str) -> list[Blocker]:
    """Return why a scanned container does not belong to the batch at hand (N2, N5)."""
    if coi == wanted:
        return []
    return [
        Blocker(
            code="laboratory.other_chain",
            message=N_("%(scanned)s belongs to another patient's chain of identity"),
            field="scanned_sample",
            value=scanned,
            mend=N_("Stop, put the sample aside, and scan the one that belongs to this batch"),
            params={"scanned": scanned},
        )
    ]


def receipt_blockers(sample: SampleView) -> list[Blocker]:
    """Return why a sample cannot be received."""
    if sample.state == SampleState.TAKEN:
        return []
    return [
        Blocker(
            code="laboratory.sample_received_already",
            message=N_("Sample %(sample)s was received already"),
            field="scanned_sample",
            value=sample.container_code,
            mend=N_("Go on with its tests"),
            params={"sample": sample.container_code},
        )
    ]


def sample_blockers(sample: SampleView, test: TestView, at: datetime) -> list[Blocker]:
    """Return why this sample cannot be tested so: not received, another one's, or a culture not grown yet."""
    found = []
    if sample.state != SampleState.RECEIVED:
        found.append(
            Blocker(
                code="laboratory.sample_not_received",
                message=N_("Sample %(sample)s was not received in the laboratory"),
                field="scanned_sample",
                value=sample.container_code,
                mend=N_("Receive the sample first"),
                params={"sample": sample.container_code},
            )
        )
    if sample.batch != test.batch or sample.sample_code != test.sample_code:
        found.append(
            Blocker(
                code="laboratory.wrong_sample",
                message=N_("The test %(test)s is done on the sample %(wanted)s, and %(found)s was scanned"),
                field="scanned_sample",
                value=sample.container_code,
                mend=N_("Scan the sample that the test is planned on"),
                params={"test": test.code, "wanted": test.sample_code, "found": sample.sample_code},
            )
        )
    if sample.culture_until is not None and at < sample.culture_until:
        found.append(
            Blocker(
                code="laboratory.culture_not_grown",
                message=N_("The satellite culture grows until %(until)s"),
                field="scanned_sample",
                value=sample.container_code,
                mend=N_("Test it when that time has come"),
                params={"until": sample.culture_until.isoformat(timespec="minutes")},
            )
        )
    return found


def state_blockers(test: TestView, *wanted: TestState) -> list[Blocker]:
    """Return why nothing of this kind can be done with a test now."""
    if test.state in wanted:
        return []
    return [
        Blocker(
            code="laboratory.test_state",
            message=N_("The test %(test)s is %(state)s"),
            field="test_id",
            value=test.code,
            mend=N_("Load the page again; a result that stands is corrected or investigated, never replaced"),
            params={"test": test.code, "state": test.state},
        )
    ]


def raw_blockers(*, filename: str, size: int) -> list[Blocker]:
    """Return why raw data are no raw data (N16)."""
    if not size:
        return [
            Blocker(
                code="laboratory.no_raw_data",
                message=N_("A result without raw data is not reportable"),
                field="raw_file",
                value=filename,
                mend=N_("Hand in the instrument's file, or a scan of the worksheet"),
            )
        ]
    if size > LARGEST_BYTES:
        return [
            Blocker(
                code="laboratory.raw_data_too_large",
                message=N_("The file is larger than 5 MiB"),
                field="raw_file",
                value=filename,
                mend=N_("Hand in the report, and keep the larger file in its archive"),
            )
        ]
    return []


def result_blockers(test: TestView, entered: Entered) -> list[Blocker]:
    """Return what is wrong with a result as it was entered: shape, unit, outcome, replicates, method version."""
    found = _shape_blockers(test, entered)
    if entered.method_version != test.method_version:
        found.append(
            Blocker(
                code="laboratory.method_version",
                message=N_("The specification asks for version %(wanted)s of the method"),
                field="method_version",
                value=entered.method_version,
                mend=N_("Do the test by the method version that the definition names"),
                params={"wanted": test.method_version},
            )
        )
    return found


def _shape_blockers(test: TestView, entered: Entered) -> list[Blocker]:
    if test.computed:
        return [_fault("computed", N_("This result is computed by the system and never typed"), "value", "")]
    if test.qualitative:
        return _outcome_blockers(test, entered)
    if entered.value is None or entered.outcome:
        message = N_("This test gives a number")
        return [_fault("number_needed", message, "value", entered.outcome, N_("Give the value in %(unit)s"), test.unit)]
    found = []
    if not entered.value.is_finite() or entered.value < 0:
        found.append(_fault("not_measurable", N_("A measurement is zero or more"), "value", str(entered.value)))
    if test.unit == "%" and entered.value > 100:
        found.append(_fault("above_hundred", N_("A share is one hundred percent at most"), "value", str(entered.value)))
    if entered.unit != test.unit:
        mend = N_("Give the value in %(unit)s")
        found.append(_fault("unit", N_("The result is not in the test's unit"), "unit", entered.unit, mend, test.unit))
    return found + _replicate_blockers(test, entered)


def _outcome_blockers(test: TestView, entered: Entered) -> list[Blocker]:
    if entered.value is None and entered.outcome in test.outcomes:
        return []
    mend = N_("Choose one of: %(unit)s")
    return [
        _fault(
            "outcome",
            N_("This is not an outcome that the test can have"),
            "outcome",
            entered.outcome,
            mend,
            ", ".join(test.outcomes),
        )
    ]


def _replicate_blockers(test: TestView, entered: Entered) -> list[Blocker]:
    if not entered.replicates and test.replicates == 1:
        return []
    if len(entered.replicates) != test.replicates:
        return [
            _fault(
                "replicates",
                N_("The method gives %(unit)s replicates, and each is written down"),
                "replicates",
                str(len(entered.replicates)),
                N_("Give the value of each replicate"),
                str(test.replicates),
            )
        ]
    mean = sum(entered.replicates, Decimal(0)) / len(entered.replicates)
    if entered.value is not None and abs(mean - entered.value) > abs(mean) * Decimal("0.005"):
        return [
            _fault(
                "mean",
                N_("The mean of the replicates is %(unit)s"),
                "value",
                str(entered.value),
                N_("Look at the raw data again"),
                f"{mean.normalize():f}",
            )
        ]
    return []


def _fault(code: str, message: str, field: str, value: str, mend: str = "", unit: str = "") -> Blocker:
    return Blocker(f"laboratory.{code}", message, field, value, mend, {"unit": unit})


def measured_blockers(measured_at: datetime, *, taken_at: datetime, at: datetime) -> list[Blocker]:
    """Return why a time of measurement cannot be: before the sample was taken, or in the future."""
    if measured_at < taken_at - CLOCK_TOLERANCE:
        message = N_("It was measured before the sample was taken")
    elif measured_at > at + CLOCK_TOLERANCE:
        message = N_("It was measured at a time that has not come")
    else:
        return []
    return [
        Blocker(
            code="laboratory.measured_at",
            message=message,
            field="measured_at",
            value=measured_at.isoformat(),
            mend=N_("Check the instrument's clock and zone, and that this is the file of this sample"),
        )
    ]


def counter_blockers(*, sample_id: str, sample_code: str, serial: str, instrument_serial: str) -> list[Blocker]:
    """Return why a counter's export is not the count of this sample on this instrument."""
    found = []
    if sample_id.strip().upper() != sample_code:
        found.append(
            Blocker(
                code="laboratory.other_sample_in_file",
                message=N_("The file is of sample %(found)s, and %(wanted)s was scanned"),
                field="export",
                value=sample_id,
                mend=N_("Hand in the export of this sample; name samples on the counter by scanning their label"),
                params={"found": sample_id, "wanted": sample_code},
            )
        )
    if serial != instrument_serial:
        found.append(
            Blocker(
                code="laboratory.other_instrument_in_file",
                message=N_("The file comes from instrument %(found)s, and %(wanted)s was scanned"),
                field="export",
                value=serial,
                mend=N_("Scan the instrument that the sample was counted on"),
                params={"found": serial, "wanted": instrument_serial},
            )
        )
    return found


def same_file_blockers(first: str, second: str) -> list[Blocker]:
    """Return why two files are not two counts."""
    if first != second:
        return []
    return [
        Blocker(
            code="laboratory.same_file_twice",
            message=N_("The same file was handed in twice: these are not two counts"),
            field="second_export",
            mend=N_("Count a second cassette and hand in its export"),
        )
    ]


def own_review_blockers(*, recorded_by: str, by: str, name: str) -> list[Blocker]:
    """Return why somebody may not review a result: it is their own."""
    if recorded_by != by:
        return []
    return [
        Blocker(
            code="laboratory.own_review",
            message=N_("Nobody reviews a result of their own"),
            field="by",
            value=name,
            mend=N_("Ask another reviewer"),
        )
    ]


def correction_blockers(*, computed: bool, raw_sha256: str, given_sha256: str, reason: str) -> list[Blocker]:
    """Return why a result cannot be corrected so: a correction reads the same raw data again (N16)."""
    found = reason_blockers(reason)
    if computed:
        found.append(_fault("computed", N_("This result is computed by the system and never typed"), "value", ""))
    if raw_sha256 != given_sha256:
        found.append(
            Blocker(
                code="laboratory.other_raw_data",
                message=N_("A correction is read from the same raw data; this is another file"),
                field="raw_file",
                value=given_sha256,
                mend=N_("A new measurement needs a laboratory investigation and the retest rule"),
            )
        )
    return found


def reason_blockers(reason: str, field: str = "reason") -> list[Blocker]:
    """Return why a reason is none."""
    if reason.strip():
        return []
    return [
        Blocker(
            code="laboratory.no_reason",
            message=N_("This needs a reason"),
            field=field,
            mend=N_("Say why, so that a reader in ten years understands"),
        )
    ]


def conclusion_blockers(
    *, rule: str, roles: Collection[Role], opened_by: str, by: str, finding: str, recorded_by: str, name: str
) -> list[Blocker]:
    """Return why somebody may not conclude an investigation: their own result, or QA must (`after_investigation`)."""
    found = reason_blockers(finding, "finding")
    if by == recorded_by:
        found += own_review_blockers(recorded_by=recorded_by, by=by, name=name)
    if rule == "after_investigation" and Role.QA_REVIEWER not in roles:
        found.append(
            Blocker(
                code="laboratory.quality_concludes",
                message=N_("An investigation of this test is concluded by quality assurance"),
                field="by",
                value=name,
                mend=N_("Ask a QA reviewer"),
            )
        )
    if by == opened_by:
        found.append(
            Blocker(
                code="laboratory.own_investigation",
                message=N_("Who opened an investigation does not conclude it"),
                field="by",
                value=name,
                mend=N_("Ask another reviewer"),
            )
        )
    return found


def invalidation_blockers(*, test: str, investigation_of: str, conclusion: str) -> list[Blocker]:
    """Return why a result stays: no concluded investigation of it found an error of the laboratory (N16)."""
    if investigation_of == test and conclusion == Conclusion.LABORATORY_ERROR:
        return []
    return [
        Blocker(
            code="laboratory.no_investigation",
            message=N_("A result is invalidated only by an investigation of it that found an error of the laboratory"),
            field="investigation",
            value=conclusion,
            mend=N_("Open an investigation and have it concluded; a result that stands is never tested away"),
        )
    ]


def retest_allowed(rule: str, maximum: int, attempts: int) -> bool:
    """Say whether a test may be repeated once more after `attempts` of it."""
    return rule != "never" and attempts <= maximum


def shown(value: Decimal | None, unit: str, outcome: str) -> str:
    """Return a result as a reader sees it."""
    if value is None:
        return outcome
    return written(value, unit)


def mean_of(values: Sequence[Decimal]) -> Decimal:
    """Return the mean of one value or more."""
    return sum(values, Decimal(0)) / len(values)


def kit_blockers(scanned: str, kit: str) -> list[Blocker]:
    """Return that the lot of the kit that a method uses up was not scanned."""
    if scanned.strip():
        return []
    return [
        Blocker(
            code="laboratory.no_kit",
            message=N_("This method uses a %(kit)s, and no lot was scanned"),
            field="scanned_kit",
            mend=N_("Scan the lot on the kit's box"),
            params={"kit": kit},
        )
    ]


def no_kit_blockers(scanned: str) -> list[Blocker]:
    """Return that a kit was scanned for a method that uses none."""
    if not scanned.strip():
        return []
    return [
        Blocker(
            code="laboratory.kit_not_used",
            message=N_("This method uses no kit"),
            field="scanned_kit",
            value=scanned,
            mend=N_("Leave the kit out, or have the definition name it"),
        )
    ]
