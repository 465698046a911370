"""Carrying a batch through its record, as the plant's people do: what tests of this and of upper contexts stand on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import BatchId, ContainerId, OrderId
from vein2vein.core.uploads import Upload
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.definitions.model.process import Wait
from vein2vein.identity.actions import set_disposition
from vein2vein.identity.models import Container
from vein2vein.identity.states import Disposition
from vein2vein.manufacturing import actions, reads
from vein2vein.manufacturing.models import Batch, Recording
from vein2vein.manufacturing.reads import StepGuide
from vein2vein.materials.models import Lot
from vein2vein.network.models import Equipment
from vein2vein.orders.models import Order

MEASURED = {
    "measure_received_volume": "210",
    "measure_received_count": "2e7",
    "measure_received_viability": "95",
    "measure_haematocrit": "2",
    "measure_washed_count": "3e7",
    "measure_cd3_fraction": "60",
    "measure_selected_count": "1e7",
    "measure_incubator_temperature": "37.0",
    "measure_harvest_count": "6e6",
    "measure_harvest_viability": "92",
    "measure_end_temperature": "-90.0",
    "measure_thawed_count": "2e7",
    "measure_thawed_viability": "90",
    "measure_thawed_cells": "4e9",
    "measure_selected": "1e9",
    "measure_selected_purity": "95",
    "measure_glucose": "2",
    "measure_expanded": "5e9",
    "measure_harvest": "1e7",
}
PEOPLE = {"operator": "operator1", "supervisor": "supervisor", "qc_analyst": "analyst", "qa_reviewer": "qareviewer"}


class Bench:
    """One batch and the people who make it; every method does what a person would, through the actions."""

    def __init__(
        self, clock: SimulatedClock, find: Callable[[str], Actor], sign: Callable[..., Actor], place: int = 0
    ) -> None:
        self.clock, self.find, self.sign, self.place = clock, find, sign, place
        self.people = PEOPLE | ({"operator": f"operator{place + 2}"} if place else {})
        self.batch: Batch
        self.stations = {"receipt_bench": "RB-01", "closed_workstation": "WS-01"}

    @property
    def id(self) -> BatchId:
        """Return the batch's id."""
        return BatchId(self.batch.pk)

    def receive(self, order: Order) -> None:
        """Accept the order's starting material, as the receipt gate does."""
        bag = Container.objects.get(coi_id=order.coi_id, kind="starting_material")
        system = journal.system("test")
        set_disposition(container_id=ContainerId(bag.pk), disposition=Disposition.ACCEPTED, reason="test", by=system)

    def open(self, order: Order) -> Batch:
        """Open the batch of an order whose material is accepted."""
        self.receive(order)
        self.batch = actions.open_batch(order_id=OrderId(order.pk), by=self.find("supervisor"))
        return self.batch

    def equipment(self, equipment_class: str) -> str:
        """Return the scanned code of a piece of equipment of a class."""
        code = self.stations.get(equipment_class)
        if code is None:
            found = Equipment.objects.filter(equipment_class=equipment_class, state="available", site__code="CN-LG")
            listed = list(found.order_by("code"))
            code = listed[self.place % len(listed)].code
        return make(Kind.EQUIPMENT, code)

    def lot(self, material: str) -> str:
        """Return the scanned code of the lot that is to be used."""
        found = Lot.objects.filter(material_code=material, state="released", markets__market=self.batch.market)
        return found.order_by("expires_at")[0].code

    def container(self, role: str, *, operation: str = "") -> str:
        """Return the scanned code of the active container of a role that no scan of the operation has seen."""
        seen = Recording.objects.filter(
            step__batch=self.batch, step__operation__code=operation, step__kind="scan", container__isnull=False
        )
        found = Container.objects.filter(coi_id=self.batch.coi_id, role=role, state="active")
        return found.exclude(pk__in=seen.values("container")).latest("id").code

    def guide(self, code: str) -> StepGuide:
        """Return a step as it stands."""
        listed = reads.list_steps(self.id, by=self.find("supervisor"))
        return next(one for one in listed if one.step_code == code)

    def payload(self, guide: StepGuide) -> dict[str, Any]:
        """Return what a careful person enters and scans at a step."""
        given: dict[str, Any] = {"batch_id": self.id, "step_code": guide.step_code}
        if guide.kind == "check":
            given["answer"] = "yes"
        if guide.kind == "measure":
            given |= {"value": Decimal(MEASURED[guide.step_code]), "unit": guide.unit}
        if guide.equipment_class:
            given["equipment_code"] = self.equipment(guide.equipment_class)
        if guide.kind == "scan" and guide.scan_target == "container":
            given["scanned"] = self.container(guide.container_role, operation=guide.operation_code)
        if guide.kind == "consume" and guide.container_role:
            given["scanned"] = self.container(guide.container_role)
        if guide.kind in ("produce", "sample"):
            given["scanned"] = self.container(guide.parent_role)
        if guide.kind == "consume":
            given["lot_code"] = self.lot(guide.material)
        if guide.kind == "attach":
            given["upload"] = Upload("file.csv", b"time,temperature\n0,20\n")
        if "answer" in given:
            from vein2vein.manufacturing.states import Answer

            given["answer"] = Answer(given["answer"])
        return given

    def perform(self, guide: StepGuide, *, by: str = "", second: str = "operator2", **changed: Any) -> Any:
        """Do a step, with a second person where it asks for one, signed where it is signed."""
        given = self.payload(guide) | changed
        who = self.find(by or self.people[guide.role])
        return self.act(guide.action, who, second if guide.second_person else "", **given)

    def act(self, action: str, who: Actor, second: str = "", **given: Any) -> Any:
        """Perform an action, signed where it is signed and witnessed by `second` where one is named."""
        spec = journal.ACTIONS[action]
        if spec.signed is not None:
            who = self.sign(who, action, **given)
        people: dict[str, Any] = {"by": who}
        if second:
            people["witness"] = self.sign(self.find(second), action, **given)
        return spec.run(**given, **people)

    def advance(self, guide: StepGuide) -> None:
        """Let the time pass that a step takes, or that a wait asks for."""
        self.clock.advance(timedelta(seconds=30))
        step = reads.definition_of(self.batch).process.step(guide.step_code)
        if isinstance(step, Wait) and step.minimum is not None:
            since = self.batch.steps.get(code=step.since).done_at
            assert since is not None
            self.clock.move_to(since + step.minimum + timedelta(minutes=5))

    def thaw(self, guide: StepGuide) -> None:
        """Take the vials out that a step thaws first."""
        given: dict[str, Any] = {
            "batch_id": self.id,
            "step_code": guide.step_code,
            "lot_code": self.lot(guide.material),
        }
        actions.thaw_material(**given, by=self.find(self.people[guide.role]))

    def to(self, step: str) -> StepGuide:
        """Do everything up to, but not including, a step, and return the step."""
        while True:
            guide = self.next()
            if guide is not None and guide.step_code == step:
                return guide
            self.once(guide)

    def once(self, guide: StepGuide | None) -> None:
        """Do one thing: a step, or the end of an operation and the start of the next."""
        if guide is None:
            self.turn()
            return
        self.advance(guide)
        if guide.thaw_first:
            self.thaw(guide)
            self.clock.advance(timedelta(minutes=5))
        self.perform(guide)

    def next(self) -> StepGuide | None:
        """Return the step that can be done now."""
        found = reads.list_next_steps(self.id, by=self.find("supervisor"))
        return found[0] if found else None

    def turn(self) -> None:
        """Complete the open operation, clear its workstation out, and start the next one."""
        listed = reads.list_operations(self.id, by=self.find("supervisor"))
        operator = self.find("operator1")
        for one in listed:
            if one.state == "open":
                actions.complete_operation(batch_id=self.id, operation_code=one.operation_code, by=operator)
                self.clear_out()
        following = next(one for one in listed if one.state == "waiting")
        actions.start_operation(batch_id=self.id, operation_code=following.operation_code, by=operator)

    def clear_out(self) -> None:
        """Clear every workstation out that the batch holds."""
        for occupancy in reads.open_occupancies(self.batch):
            given: dict[str, Any] = {
                "batch_id": self.id,
                "equipment_code": make(Kind.EQUIPMENT, occupancy.workstation.code),
            }
            self.act("manufacturing.clear_out", self.find("operator1"), **given)

    def finish(self) -> Batch:
        """Do every step that is left and complete the batch."""
        while any(one.state == "waiting" for one in reads.list_steps(self.id, by=self.find("supervisor"))):
            self.once(self.next())
        for one in reads.list_operations(self.id, by=self.find("supervisor")):
            if one.state == "open":
                given: dict[str, Any] = {"batch_id": self.id, "operation_code": one.operation_code}
                actions.complete_operation(**given, by=self.find("operator1"))
        self.clear_out()
        self.batch = actions.complete_batch(batch_id=self.id, by=self.find("supervisor"))
        return self.batch
