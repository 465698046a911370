"""The plant's people carrying one batch through its record, whatever the definition says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from vein2vein.core.ids import BatchId, CoiId, SiteId
from vein2vein.core.uploads import Upload
from vein2vein.driver.crew import Crew
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.definitions.model.process import Wait
from vein2vein.identity import reads as identity
from vein2vein.manufacturing import reads
from vein2vein.manufacturing.reads import StepGuide
from vein2vein.manufacturing.states import Answer
from vein2vein.materials import reads as materials
from vein2vein.network import reads as network

PEOPLE = {"operator": "operator1", "supervisor": "supervisor", "qc_analyst": "analyst", "qa_reviewer": "qareviewer"}
TURN = timedelta(minutes=4)
"""How long a step takes whose definition does not make it wait."""


class Plant:
    """One batch, its operators, and what they read off their instruments (`measured`, by step)."""

    def __init__(self, crew: Crew, batch_id: BatchId, measured: Mapping[str, str]) -> None:
        self.crew, self.batch_id, self.measured = crew, batch_id, measured
        self.batch = reads.get_batch(batch_id, by=crew.who("supervisor"))
        self.definition = reads.definition_of(self.batch)

    def make(self) -> None:
        """Do every operation and step in order, then complete the batch."""
        while any(one.state == "waiting" for one in self._steps()):
            guide = next(iter(reads.list_next_steps(self.batch_id, by=self._boss())), None)
            if guide is None:
                self._turn()
            else:
                self._perform(guide)
        self._end_operation()
        self.crew.act("manufacturing.complete_batch", "supervisor", batch_id=self.batch_id)

    def _boss(self) -> Any:
        return self.crew.who("supervisor")

    def _steps(self) -> list[StepGuide]:
        return reads.list_steps(self.batch_id, by=self._boss())

    def _end_operation(self) -> None:
        for one in reads.list_operations(self.batch_id, by=self._boss()):
            if one.state == "open":
                self.crew.act(
                    "manufacturing.complete_operation",
                    "operator1",
                    batch_id=self.batch_id,
                    operation_code=one.operation_code,
                )
        for occupancy in reads.open_occupancies(self.batch):
            station = make(Kind.EQUIPMENT, occupancy.workstation.code)
            self.crew.act("manufacturing.clear_out", "operator1", batch_id=self.batch_id, equipment_code=station)

    def _turn(self) -> None:
        self._end_operation()
        following = next(one for one in reads.list_operations(self.batch_id, by=self._boss()) if one.state == "waiting")
        self.crew.act(
            "manufacturing.start_operation",
            "operator1",
            batch_id=self.batch_id,
            operation_code=following.operation_code,
        )

    def _perform(self, guide: StepGuide) -> None:
        self.crew.clock.advance(max(TURN, self._due(guide)))
        if guide.thaw_first:
            self.crew.act(
                "manufacturing.thaw_material",
                "operator1",
                batch_id=self.batch_id,
                step_code=guide.step_code,
                lot_code=self._lot(guide.material),
            )
            self.crew.wait(minutes=5)
        second = "operator2" if guide.second_person else ""
        self.crew.act(guide.action, PEOPLE[guide.role], second, **self._payload(guide))

    def _due(self, guide: StepGuide) -> timedelta:
        """Return how long a wait still asks for, with a minute to spare."""
        step = self.definition.process.step(guide.step_code)
        if not isinstance(step, Wait) or step.minimum is None:
            return timedelta(0)
        began = next(one.done_at for one in self._steps() if one.step_code == step.since) or self.crew.clock.at
        return began + step.minimum + timedelta(minutes=1) - self.crew.clock.at

    def _payload(self, guide: StepGuide) -> dict[str, Any]:
        given: dict[str, Any] = {"batch_id": self.batch_id, "step_code": guide.step_code}
        if guide.kind == "check":
            given["answer"] = Answer.YES
        if guide.kind == "measure":
            given |= {"value": Decimal(self.measured[guide.step_code]), "unit": guide.unit}
        if guide.equipment_class:
            given["equipment_code"] = self._equipment(guide.equipment_class)
        if (guide.kind == "scan" and guide.scan_target == "container") or (
            guide.kind == "consume" and guide.container_role
        ):
            given["scanned"] = self._container(guide.container_role)
        if guide.kind in ("produce", "sample"):
            given["scanned"] = self._container(guide.parent_role)
        if guide.kind == "consume":
            given["lot_code"] = self._lot(guide.material)
        if guide.kind == "attach":
            curve = "minute,degC\n" + "".join(f"{n},{20 - n * 2}\n" for n in range(56))
            given["upload"] = Upload(f"{guide.file_kind}.csv", curve.encode())
        return given

    def _equipment(self, equipment_class: str) -> str:
        """Return what is scanned on a piece of equipment: the workstation in use, or the first one that is free."""
        taken = {one.workstation.code for one in reads.open_occupancies(self.batch)}
        found = [
            one.code
            for one in network.list_equipment_of_class(equipment_class, SiteId(self.batch.site_id))
            if one.state == "available"
        ]
        return make(Kind.EQUIPMENT, next((code for code in found if code in taken), found[0]))

    def _container(self, role: str) -> str:
        found = identity.list_containers(coi_id=CoiId(self.batch.coi_id), by=self._boss())
        return next(one.code for one in reversed(found) if one.role == role and one.state == "active")

    def _lot(self, material: str) -> str:
        holder, market = f"batch:{self.batch_id}", self.batch.market
        return materials.list_usable(material, market=market, at=self.crew.clock.at, holder=holder)[0].code
