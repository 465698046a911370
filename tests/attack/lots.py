"""Lots that must not be used: of each material one that expired, one never released, one recalled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from tests.attack.people import Staff
from vein2vein import journal
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.uploads import Upload
from vein2vein.manufacturing import actions, reads
from vein2vein.manufacturing.models import BatchStep
from vein2vein.manufacturing.reads import StepGuide
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.materials.models import Lot

SPOILED = ("expired", "unreleased", "recalled")


class Record(Bench):
    """A batch whose people take a lot that may be used, however tempting the others are."""

    guides: ClassVar[dict[str, StepGuide]] = {}
    """What a step asks for, by its code: the same for all batches of this definition and alternative."""

    def next(self) -> StepGuide | None:
        """Return the step that can be done now: asked of the tables alone, since it is asked before every act."""
        waiting = BatchStep.objects.filter(batch=self.batch, state="waiting", operation__state="open")
        code = waiting.order_by("ordinal").values_list("code", flat=True).first()
        if code is not None and code not in self.guides:
            self.guides[code] = self.guide(code)
        return None if code is None else self.guides[code]

    def lot(self, material: str) -> str:
        """Return the scanned code of the released lot of the batch's market that expires first."""
        usable = Lot.objects.filter(material_code=material, state="released", expires_at__gt=self.clock.at)
        return str(usable.filter(markets__market=self.batch.market).order_by("expires_at", "id")[0].code)

    def turn(self) -> None:
        """Complete the open operation and start the next one; after the last, complete the batch."""
        listed = reads.list_operations(self.id, by=self.find("supervisor"))
        if any(one.state == "waiting" for one in listed):
            super().turn()
            return
        for one in listed:
            if one.state == "open":
                done: dict[str, Any] = {"batch_id": self.id, "operation_code": one.operation_code}
                actions.complete_operation(**done, by=self.find("operator1"))
        self.clear_out()
        actions.complete_batch(batch_id=self.id, by=self.find("supervisor"))


def spoil(clock: SimulatedClock, staff: Staff) -> dict[str, dict[str, str]]:
    """Receive, by the materials' own acts, lots that will not be usable an hour later: code by way and material."""
    found: dict[str, dict[str, str]] = {way: {} for way in SPOILED}
    for good in Lot.objects.filter(state="released").order_by("id").distinct("id"):
        if good.material_code in found["expired"]:
            continue
        for way in SPOILED:
            lot = _received(clock, staff, good, way)
            if way != "unreleased":
                _signed(staff, "materials.release_lot", lot_id=lot.pk, markets=["CN"])
            if way == "recalled":
                _signed(staff, "materials.recall_lot", lot_id=lot.pk, reason="the supplier asked for it")
            found[way][good.material_code] = lot.code
    clock.advance(timedelta(hours=1))
    return found


def _received(clock: SimulatedClock, staff: Staff, good: Lot, way: str) -> Lot:
    until = clock.at + (timedelta(minutes=30) if way == "expired" else timedelta(days=400))
    given: dict[str, Any] = {
        "material_code": good.material_code,
        "number": f"{good.number}-{way}",
        "supplier": good.supplier,
        "quantity": 100 * good.vial_quantity,
        "unit": good.unit,
        "vial_quantity": good.vial_quantity,
        "expires_at": until,
        "site_code": "CN-LG",
        "certificate": Upload("certificate.txt", b"Demonstration certificate"),
        "lot_values": [f"{name} = {Decimal(one['value'])} {one['unit']}" for name, one in good.values.items()],
    }
    made = journal.ACTIONS["materials.receive_lot"].run(**given, by=staff.find("warehouse"))
    assert isinstance(made, Lot)
    return made


def _signed(staff: Staff, action: str, **given: Any) -> None:
    who = staff.sign(staff.find("qareviewer"), action, **given)
    journal.ACTIONS[action].run(**given, by=who)
