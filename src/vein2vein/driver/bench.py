"""The laboratory's people testing one batch: every planned test with its raw file, then the second pair of eyes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId, TestId
from vein2vein.core.uploads import Upload
from vein2vein.driver import figures
from vein2vein.driver.agenda import Play
from vein2vein.driver.crew import Crew
from vein2vein.driver.draws import Draws
from vein2vein.driver.patients import Shown
from vein2vein.driver.plant import Floor
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.definitions.vocabulary import RetestRule
from vein2vein.engines.instruments.writers import write_counter
from vein2vein.laboratory import reads
from vein2vein.laboratory.states import Conclusion, InvestigationState, SampleState, TestState
from vein2vein.materials import reads as materials
from vein2vein.network import reads as network

if TYPE_CHECKING:
    from vein2vein.laboratory.models import Test

COUNTER = "cell_counter"


class Bench:
    """One batch's samples and tests."""

    def __init__(self, crew: Crew, floor: Floor, batch_id: BatchId, shown: Shown, draws: Draws) -> None:
        self.crew, self.floor, self.batch_id, self.shown, self.draws = crew, floor, batch_id, shown, draws
        self.files: list[Upload] = []
        self.invalid: list[str] = []
        self._codes: dict[str, str] = {}

    def receive(self) -> None:
        """Scan every sample into the laboratory."""
        for sample in reads.list_samples(batch_id=self.batch_id, limit=500, by=self._analyst):
            self._codes.setdefault(sample.sample_code, sample.container.code)
            if sample.state != SampleState.TAKEN:
                continue
            self.crew.act(
                "laboratory.receive_sample",
                "analyst",
                batch_id=self.batch_id,
                scanned_sample=sample.container.code,
            )

    def test(self, stage: str, left_open: frozenset[str] = frozenset()) -> Play:
        """Do every test of a stage that is still planned but those left open, and let another person review it."""
        counted = set[str]()
        for one in reads.list_investigations(batch_id=self.batch_id, limit=200, by=self._analyst):
            if one.state == InvestigationState.OPEN:
                yield from self._conclude(one.code, one.test)
        for test in self._tests(TestState.PLANNED, stage):
            if test.computed or str(test.pk) in counted or test.code in left_open:
                continue
            yield timedelta(minutes=20)
            if test.equipment_class == COUNTER:
                counted |= self._count(test)
            else:
                self._record(test)
                if self._repeatable(test) and self.draws.happens(f"invalid {test.code}", figures.INVALID_ASSAY):
                    yield from self._repeat(test)
        yield timedelta(hours=12)
        while waiting := self._tests(TestState.RESULTED, stage):
            for test in waiting:  # what is computed from reviewed results appears, and is reviewed, after them
                self.crew.act("laboratory.review_result", "qcreviewer", test_id=TestId(test.pk))

    def planned(self, stage: str) -> bool:
        """Say whether a test of a stage is still to be done."""
        return bool(self._tests(TestState.PLANNED, stage))

    def _repeatable(self, test: Test) -> bool:
        """Say whether a run that was invalid may be done again by the laboratory's own conclusion."""
        return reads.definition_of(test).retest.rule is RetestRule.AFTER_INVALID

    def test_of(self, code: str) -> Test:
        """Return the last attempt at a test that has a reviewed result."""
        found = self._tests(TestState.REVIEWED, "release") + self._tests(TestState.REVIEWED, "delayed")
        return [one for one in found if one.code == code][-1]

    @property
    def _analyst(self) -> Actor:
        return self.crew.who("analyst")

    def _tests(self, state: TestState, stage: str) -> list[Test]:
        found = reads.list_tests(batch_id=self.batch_id, state=state, limit=500, by=self._analyst)
        return [test for test in found if test.stage == stage]

    def _count(self, test: Test) -> set[str]:
        sample, instrument = self._codes[test.sample_code], network.get_equipment(self.floor.next_of(COUNTER))
        exports = [self._export(sample, instrument.serial, run) for run in (1, 2)]
        self.files += exports
        results = self.crew.act(
            "laboratory.read_counter_result",
            "analyst",
            batch_id=self.batch_id,
            scanned_sample=sample,
            scanned_instrument=make(Kind.EQUIPMENT, instrument.code),
            export=exports[0],
            second_export=exports[1],
            scanned_kit=self._kit(test),
        )
        return {str(one.test_id) for one in results}

    def _export(self, sample: str, serial: str, run: int) -> Upload:
        data = write_counter(
            sample_id=sample,
            measured_at=self.crew.clock.at - timedelta(minutes=10 - run),
            live_cells_per_ml=self.shown.live_per_ml,
            dead_cells_per_ml=self.shown.dead_per_ml,
            serial=serial,
            run=run,
        )
        return Upload(f"count-{sample}-{run}.csv", data)

    def _record(self, test: Test) -> None:
        shown, numeric = self.shown.values[test.code], test.result_type != "qualitative"
        method = f"{test.method_code} {test.method_version}"
        raw = f"demonstration raw data\ntest,{test.code}\nmethod,{method}\nresult,{shown}\n"
        instrument = make(Kind.EQUIPMENT, self.floor.next_of(test.equipment_class)) if test.equipment_class else ""
        self.crew.act(
            "laboratory.record_result",
            "analyst",
            test_id=TestId(test.pk),
            scanned_sample=self._codes[test.sample_code],
            measured_at=self.crew.clock.at - timedelta(minutes=5),
            method_version=test.method_version,
            raw_file=Upload(f"{test.code}.txt", raw.encode()),
            value=Decimal(shown) if numeric else None,
            unit=test.unit if numeric else "",
            outcome="" if numeric else shown,
            replicates=[Decimal(shown)] * test.replicates if numeric and test.replicates > 1 else None,
            scanned_instrument=instrument,
            scanned_kit=self._kit(test),
        )

    def _kit(self, test: Test) -> str:
        """Return the lot of the kit that a method uses: the released one that expires first and has some left."""
        method = reads.method_of(test)
        if method is None or method.kit is None:
            return ""
        market, holder = test.batch.market, f"batch:{self.batch_id}"
        return materials.list_usable(method.kit, market=market, at=self.crew.clock.at, holder=holder)[0].code

    def _repeat(self, test: Test) -> Play:
        """Find the run invalid in an investigation of its own, and do it again (N16)."""
        self.invalid.append(test.code)
        opened = self.crew.act(
            "laboratory.open_investigation",
            "analyst",
            test_id=TestId(test.pk),
            suspicion="positive control below its range",
        )
        yield from self._conclude(opened.code, test)

    def _conclude(self, code: str, test: Test) -> Play:
        """Find that the laboratory was in error, and do the test again."""
        yield self.draws.span("investigation", figures.INVESTIGATION)
        self.crew.act(
            "laboratory.conclude_investigation",
            "qcreviewer",
            investigation=code,
            conclusion=Conclusion.LABORATORY_ERROR,
            finding="control diluted wrongly; the sample is not at fault",
        )
        self.crew.act("laboratory.invalidate_result", "qcreviewer", test_id=TestId(test.pk), investigation=code)
        yield timedelta(hours=2)
        again = next(one for one in self._tests(TestState.PLANNED, test.stage) if one.code == test.code)
        self._record(again)
