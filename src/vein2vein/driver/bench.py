"""The laboratory's people testing one batch: every planned test with its raw file, then the second pair of eyes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vein2vein.core.ids import BatchId, SiteId, TestId
from vein2vein.core.uploads import Upload
from vein2vein.driver.crew import Crew
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.instruments.writers import write_counter
from vein2vein.laboratory import reads
from vein2vein.laboratory.states import SampleState, TestState
from vein2vein.manufacturing import reads as manufacturing
from vein2vein.network import reads as network

if TYPE_CHECKING:
    from vein2vein.laboratory.models import Sample, Test

COUNTER = "cell_counter"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the instruments show for one patient: values and outcomes by test, and the counter's two clouds of cells."""

    values: Mapping[str, str]
    live_per_ml: Decimal
    dead_per_ml: Decimal


class Bench:
    """One batch's samples and tests."""

    def __init__(self, crew: Crew, batch_id: BatchId, shown: Shown) -> None:
        self.crew, self.batch_id, self.shown = crew, batch_id, shown
        self.site_id = SiteId(manufacturing.get_batch(batch_id, by=crew.who("analyst")).site_id)
        self.files: list[Upload] = []

    def receive(self) -> None:
        """Scan every sample into the laboratory."""
        for sample in self._samples(SampleState.TAKEN):
            self.crew.act(
                "laboratory.receive_sample",
                "analyst",
                batch_id=self.batch_id,
                scanned_sample=sample.container.code,
            )

    def test(self, stage: str) -> None:
        """Do every test of a stage that is still planned, and let another person review it."""
        for test in self._tests(TestState.PLANNED, stage):
            if not test.computed and reads.get_test(test_id=TestId(test.pk), by=self._analyst()).state == "planned":
                self.crew.wait(minutes=20)
                self._count(test) if test.equipment_class == COUNTER else self._record(test)
        self.crew.wait(hours=12)
        while waiting := self._tests(TestState.RESULTED, stage):
            for test in waiting:  # what is computed from reviewed results appears, and is reviewed, after them
                self.crew.act("laboratory.review_result", "qcreviewer", test_id=TestId(test.pk))

    def _analyst(self) -> Any:
        return self.crew.who("analyst")

    def _tests(self, state: TestState, stage: str) -> list[Test]:
        found = reads.list_tests(batch_id=self.batch_id, state=state, limit=500, by=self._analyst())
        return [test for test in found if test.stage == stage]

    def _samples(self, state: SampleState) -> list[Sample]:
        return reads.list_samples(batch_id=self.batch_id, state=state, limit=500, by=self._analyst())

    def _sample(self, test: Test) -> str:
        found = self._samples(SampleState.RECEIVED)
        return next(sample.container.code for sample in found if sample.sample_code == test.sample_code)

    def _instrument(self, equipment_class: str) -> Any:
        found = network.list_equipment_of_class(equipment_class, self.site_id)
        return next(one for one in found if one.state == "available")

    def _count(self, test: Test) -> None:
        sample, instrument = self._sample(test), self._instrument(test.equipment_class)
        exports = [self._export(sample, instrument.serial, run) for run in (1, 2)]
        self.files += exports
        self.crew.act(
            "laboratory.read_counter_result",
            "analyst",
            batch_id=self.batch_id,
            scanned_sample=sample,
            scanned_instrument=make(Kind.EQUIPMENT, instrument.code),
            export=exports[0],
            second_export=exports[1],
        )

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
        instrument = make(Kind.EQUIPMENT, self._instrument(test.equipment_class).code) if test.equipment_class else ""
        self.crew.act(
            "laboratory.record_result",
            "analyst",
            test_id=TestId(test.pk),
            scanned_sample=self._sample(test),
            measured_at=self.crew.clock.at - timedelta(minutes=5),
            method_version=test.method_version,
            raw_file=Upload(f"{test.code}.txt", raw.encode()),
            value=Decimal(shown) if numeric else None,
            unit=test.unit if numeric else "",
            outcome="" if numeric else shown,
            replicates=[Decimal(shown)] * test.replicates if numeric and test.replicates > 1 else None,
            scanned_instrument=instrument,
        )
