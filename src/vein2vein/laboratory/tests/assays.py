"""Testing a batch as the laboratory's people do: what tests of this and of upper contexts stand on."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.uploads import Upload
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.instruments.writers import write_counter
from vein2vein.laboratory import reads
from vein2vein.laboratory.models import Sample, Test
from vein2vein.manufacturing.models import Batch
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.materials.models import Lot
from vein2vein.network.models import Equipment

GOOD: dict[str, str] = {
    "appearance": "conforms",
    "identity_bcma_car": "38.2",
    "identity_cd19_car": "36.9",
    "car_positive": "30.0",
    "purity_cd3": "97.1",
    "residual_b_cells": "0.12",
    "residual_plasma_cells": "0.05",
    "vcn": "2.1",
    "rcl": "not_detected",
    "sterility": "no_growth",
    "mycoplasma": "not_detected",
    "endotoxin": "0.20",
    "residual_beads": "12",
    "potency_bcma": "812",
    "potency_cd19": "604",
    "residual_p24": "55",
    "satellite_car_positive": "31.0",
    "satellite_vcn": "1.9",
    "sterility_compendial": "no_growth",
}
COUNTED = ("viability", "viable_cell_concentration")


class Laboratory:
    """One batch's tests and the people who do them, through the actions."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.clock, self.find, self.sign = bench, bench.clock, bench.find, bench.sign
        self.batch: Batch = bench.batch
        self.live, self.dead = Decimal("4000000"), Decimal("400000")
        journal.run_followers()

    @property
    def analyst(self) -> Actor:
        return self.find("analyst")

    @property
    def reviewer(self) -> Actor:
        return self.find("qcreviewer")

    def act(self, action: str, who: Actor, **given: Any) -> Any:
        """Perform an action, signed where it is signed."""
        spec = journal.ACTIONS[action]
        return spec.run(**given, by=self.sign(who, action, **given) if spec.signed else who)

    def test(self, code: str) -> Test:
        """Return the test of a code that stands."""
        return Test.objects.filter(batch=self.batch, code=code).latest("attempt")

    def sample(self, sample_code: str) -> Sample:
        """Return the first sample of a kind."""
        return Sample.objects.filter(batch=self.batch, sample_code=sample_code).earliest("id")

    def receive(self, *sample_codes: str) -> None:
        """Receive the first sample of each kind named (all, where none is)."""
        wanted = sample_codes or tuple(Sample.objects.values_list("sample_code", flat=True).distinct())
        for code in sorted(set(wanted)):
            sample = self.sample(code)
            if sample.state == "taken":
                given = {"batch_id": self.batch.pk, "scanned_sample": sample.container.code}
                self.act("laboratory.receive_sample", self.analyst, **given)

    def instrument(self, equipment_class: str) -> str:
        """Return the scanned code of an instrument of a class."""
        found = Equipment.objects.filter(equipment_class=equipment_class, state="available").earliest("code")
        return make(Kind.EQUIPMENT, found.code)

    def payload(self, code: str, value: str = "", **changed: Any) -> dict[str, Any]:
        """Return what a careful analyst hands in for a test."""
        test = self.test(code)
        text = value or GOOD[code]
        given: dict[str, Any] = {
            "test_id": test.pk,
            "scanned_sample": self.sample(test.sample_code).container.code,
            "measured_at": self.clock.at,
            "method_version": test.method_version,
            "raw_file": Upload(f"{code}.csv", f"{self.batch.number};{code};{text}\n".encode()),
        }
        if test.unit:
            given |= {"value": Decimal(text), "unit": test.unit}
            if test.replicates > 1:
                given["replicates"] = [Decimal(text)] * test.replicates
        else:
            given["outcome"] = text
        if test.equipment_class:
            given["scanned_instrument"] = self.instrument(test.equipment_class)
        method = reads.method_of(test)
        if method is not None and method.kit is not None:
            given["scanned_kit"] = self.kit(method.kit)
        return given | changed

    def kit(self, material: str) -> str:
        """Return the scanned code of a released lot of a kit."""
        return str(Lot.objects.filter(material_code=material, state="released").earliest("expires_at").code)

    def record(self, code: str, value: str = "", **changed: Any) -> Any:
        return self.act("laboratory.record_result", self.analyst, **self.payload(code, value, **changed))

    def review(self, code: str, by: str = "qcreviewer") -> Any:
        return self.act("laboratory.review_result", self.find(by), test_id=self.test(code).pk)

    def export(self, *, live: Decimal | None = None, at: datetime | None = None, **changed: Any) -> Upload:
        """Return a counter's export of the frozen vial."""
        given: dict[str, Any] = {
            "sample_id": self.sample("qc_frozen_vial").container.code,
            "measured_at": at or self.clock.at,
            "live_cells_per_ml": live or self.live,
            "dead_cells_per_ml": self.dead,
            "serial": "DEMO-NC200-0001",
        }
        return Upload("count.csv", write_counter(**(given | changed)))

    def counting(self, **changed: Any) -> dict[str, Any]:
        """Return good arguments of read_counter_result."""
        method = reads.method_of(self.test("viability"))
        kit = None if method is None else method.kit
        return {
            **({} if kit is None else {"scanned_kit": self.kit(kit)}),
            "batch_id": self.batch.pk,
            "scanned_sample": self.sample("qc_frozen_vial").container.code,
            "scanned_instrument": make(Kind.EQUIPMENT, "NC-01"),
            "export": self.export(),
            "second_export": self.export(at=self.clock.at + timedelta(minutes=2)),
            **changed,
        }

    def count(self, **changed: Any) -> Any:
        return self.act("laboratory.read_counter_result", self.analyst, **self.counting(**changed))

    def grow(self) -> None:
        """Let the satellite culture and the slow tests come to their end."""
        self.clock.advance(timedelta(days=8))

    def finish(self, *, without: tuple[str, ...] = (), **instead: str) -> None:
        """Do and review every test but those named; `instead` gives other results by test."""
        self.receive()
        self.grow()
        self.count()
        for code in GOOD:
            if code not in without:
                self.record(code, instead.get(code, ""))
        for test in Test.objects.filter(batch=self.batch, state="resulted").order_by("id"):
            self.review(test.code)
