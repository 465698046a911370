"""The plant's people carrying one batch through its record, whatever the definition says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from vein2vein.core.actor import Actor
from vein2vein.core.ids import BatchId, CoiId, DeviationId, SiteId
from vein2vein.core.refusals import Refused
from vein2vein.core.uploads import Upload
from vein2vein.driver import figures
from vein2vein.driver.agenda import Agenda, Play, Pool
from vein2vein.driver.crew import Crew
from vein2vein.driver.draws import Draws
from vein2vein.driver.patients import InventedPatient
from vein2vein.engines.codes import Kind, make
from vein2vein.engines.definitions.model.process import Wait
from vein2vein.identity import reads as identity
from vein2vein.manufacturing import reads
from vein2vein.manufacturing.reads import StepGuide
from vein2vein.manufacturing.states import Answer, ClockDecision, HoldState
from vein2vein.materials import reads as materials
from vein2vein.network import reads as network
from vein2vein.quality import reads as quality

PEOPLE = {"operator": "operator1", "supervisor": "supervisor", "qc_analyst": "analyst", "qa_reviewer": "qareviewer"}
STATIONS = ("receipt_bench", "closed_workstation", "closed_system")
"""Classes of workstation, at each of which an operator of its own works: a person is at one batch at a time."""
FIRST_AT_STATION = 3
"""The number of the first of them; the others look on, and see to what stands by."""
TURN = timedelta(minutes=4)
"""How long a step takes whose definition does not make it wait."""


AMPLE_SHARE = Decimal("0.05")
"""A lot of which less is left, beside the largest, is passed over: it may be too little for a batch."""
FRESH_HOLD = Decimal("0.75")
"""Shipping containers that hold less than this share of their class's best are left at home."""


class Floor:
    """What the batches of one site share: every piece of equipment by class, and who holds which workstation."""

    def __init__(self, agenda: Agenda, site_id: SiteId) -> None:
        self.agenda, self.site_id = agenda, site_id
        self._classes: dict[str, list[str]] = {}
        self._pools: dict[str, Pool] = {}
        self._turn: Counter[str] = Counter()
        self.booked = network.booked_classes(site_id)
        stations = [one.code for each in STATIONS for one in network.list_equipment_of_class(each, site_id)]
        self.team = {code: f"operator{number}" for number, code in enumerate(stations, start=FIRST_AT_STATION)}
        self.recalled: dict[str, list[str]] = {}
        """What each recalled lot had gone into ("batch:…"), by its code."""

    def codes(self, equipment_class: str) -> list[str]:
        """Return the codes of the equipment of a class that is available."""
        if equipment_class not in self._classes:
            rows = network.list_equipment_of_class(equipment_class, self.site_id)
            longest = max((one.hold_time_h or 0 for one in rows), default=0)
            self._classes[equipment_class] = [
                one.code for one in rows if one.state == "available" and (one.hold_time_h or 0) >= longest * FRESH_HOLD
            ]
        return self._classes[equipment_class]

    def pool(self, equipment_class: str) -> Pool:
        """Return the pool of a class of which one batch or journey at a time has a unit."""
        if equipment_class not in self._pools:
            self._pools[equipment_class] = self.agenda.pool(equipment_class, self.codes(equipment_class))
        return self._pools[equipment_class]

    def next_of(self, equipment_class: str) -> str:
        """Return one unit of shared equipment, each in its turn."""
        codes = self.codes(equipment_class)
        self._turn[equipment_class] += 1
        return codes[self._turn[equipment_class] % len(codes)]

    def hold(self, equipment_class: str, code: str) -> None:
        """Take a unit out of its pool that somebody holds already."""
        units = self.pool(equipment_class).free
        if code in units:
            units.remove(code)

    def give_back(self, equipment_class: str, code: str) -> None:
        """Let the next one have a unit of a pool."""
        self.agenda.give_back(self.pool(equipment_class), code)


class Plant:
    """One batch, its operators, and what they read off their instruments (`patient`)."""

    def __init__(self, crew: Crew, floor: Floor, batch_id: BatchId, patient: InventedPatient, draws: Draws) -> None:
        self.crew, self.floor, self.batch_id, self.draws = crew, floor, batch_id, draws
        self.measured, self.odd = patient.measured, patient.odd
        self.batch = reads.get_batch(batch_id, by=crew.who("supervisor"))
        self.definition = reads.definition_of(self.batch)
        self.guides: dict[str, list[StepGuide]] = {}
        self._done: dict[str, datetime] = {}
        for guide in reads.list_steps(batch_id, by=crew.who("supervisor")):
            self.guides.setdefault(guide.operation_code, []).append(guide)
            if guide.done_at is not None:
                self._done[guide.step_code] = guide.done_at
        self._stations: dict[str, str] = {}
        self._cleared: list[str] = []
        for occupancy in reads.open_occupancies(self.batch):
            station = occupancy.workstation
            self._stations[station.equipment_class] = station.code
            floor.hold(station.equipment_class, station.code)
            self._cleared.append(make(Kind.EQUIPMENT, station.code))
        self._scanned: list[str] = []
        for booked in reads.list_booked(self.batch):
            equipment = booked.resource.equipment
            if equipment is not None and equipment.equipment_class not in self._stations:
                self._stations[equipment.equipment_class] = equipment.code
                self._scanned.append(equipment.equipment_class)
                floor.hold(equipment.equipment_class, equipment.code)
        self._lots: dict[str, str] = {}
        self._heeded: set[str] = set(floor.recalled)

    @property
    def steps(self) -> int:
        """Return how many steps the record has."""
        return sum(map(len, self.guides.values()))

    def make(self, stop_before: int | None = None) -> Play:
        """Do what is left of every operation, in order, and complete the batch; or stop after so many steps."""
        standing = {one.operation_code: one.state for one in reads.list_operations(self.batch_id, by=self._boss)}
        left = [code for code in self.guides if standing[code] in ("waiting", "open")]
        uses = Counter(one for code in left if (one := self._station_class(code)))
        for equipment_class in sorted(one for one, count in uses.items() if count > 1):
            yield from self._take(equipment_class)  # held throughout: a hold time must find its workstation free
        budget = self.steps if stop_before is None else stop_before
        for code in left:
            equipment_class = self._station_class(code)
            if equipment_class:
                yield from self._take(equipment_class)
            if standing[code] == "waiting":
                self._start(code)
            for guide in self.guides[code]:
                if guide.step_code in self._done:
                    continue
                if budget <= 0:
                    return
                budget -= 1
                yield from self._perform(guide)
            self._operate("complete_operation", code)
            while self._scanned:
                self._give_back(self._scanned.pop())
            self._clear_out()
            uses[equipment_class] -= 1
            if equipment_class and not uses[equipment_class]:
                self._give_back(equipment_class)
        self.crew.act("manufacturing.complete_batch", "supervisor", batch_id=self.batch_id)

    def leave(self) -> Play:
        """Clear the workstations out and give them back, whatever is done: the batch has ended."""
        yield TURN
        self._clear_out()
        for kept in reads.list_kept(reads.get_batch(self.batch_id, by=self._boss)):
            self._clear_out_one(make(Kind.EQUIPMENT, kept.code))
        for equipment_class in list(self._stations):
            self._give_back(equipment_class)

    @property
    def _boss(self) -> Actor:
        return self.crew.who("supervisor")

    def _take(self, equipment_class: str) -> Play:
        if equipment_class in self._stations:
            return
        self._stations[equipment_class] = yield self.floor.pool(equipment_class)

    def _give_back(self, equipment_class: str) -> None:
        self.floor.give_back(equipment_class, self._stations.pop(equipment_class))

    def _station_class(self, operation_code: str) -> str:
        operation = self.definition.process.operation(operation_code)
        return operation.equipment_class if operation is not None and operation.single_patient else ""

    def _doer(self, guide: StepGuide) -> str:
        """Return who does a step: the operator of the workstation where it is done at one."""
        station = self._stations.get(self._station_class(guide.operation_code), "")
        return self.floor.team.get(station, PEOPLE[guide.role]) if guide.role == "operator" else PEOPLE[guide.role]

    def _start(self, code: str) -> None:
        """Start an operation; where a hold time has run out, quality lets the batch go on, by signature."""
        try:
            self._operate("start_operation", code)
        except Refused as refused:
            over = [one for one in refused.blockers if one.code == "manufacturing.clock_exceeded"]
            if not over:
                raise
            for one in over:
                told = {"subject": str(one.value), "decision": ClockDecision.CONTINUE}
                reason = "viability and count are good; the patient cannot wait"
                self.crew.act(
                    "manufacturing.rule_on_clock", "qareviewer", "", batch_id=self.batch_id, **told, reason=reason
                )
            self._operate("start_operation", code)

    def _operate(self, verb: str, code: str) -> None:
        self.crew.act(f"manufacturing.{verb}", "operator1", batch_id=self.batch_id, operation_code=code)

    def _clear_out(self) -> None:
        for code in self._cleared:
            self._clear_out_one(code)
        self._cleared = []

    def _clear_out_one(self, code: str) -> None:
        self.crew.act("manufacturing.clear_out", "operator1", batch_id=self.batch_id, equipment_code=code)

    def _perform(self, guide: StepGuide) -> Play:
        yield max(TURN, self._due(guide))
        yield from self.heed_recalls()
        if guide.thaw_first:
            self.crew.act(
                "manufacturing.thaw_material",
                self._doer(guide),
                batch_id=self.batch_id,
                step_code=guide.step_code,
                lot_code=self._lot(guide.material),
            )
            yield timedelta(minutes=5)
        second = "operator2" if guide.second_person else ""
        if guide.scan_target == "equipment" and guide.equipment_class in self.floor.booked:
            yield from self._take(guide.equipment_class)
            self._scanned.append(guide.equipment_class)
        given = self._payload(guide)
        self.crew.act(guide.action, self._doer(guide), second, **given)
        if guide.kind == "clear":
            self._cleared.append(given["equipment_code"])
        self._done[guide.step_code] = self.crew.clock.at
        if guide.step_code in self.odd:
            yield from self._rule()

    def heed_recalls(self) -> Play:
        """Where a lot was recalled, wait for QA's word on the batch, and take nothing more from that lot."""
        while self._heeded != set(self.floor.recalled):
            self._heeded = set(self.floor.recalled)
            self._lots = {material: lot for material, lot in self._lots.items() if lot not in self._heeded}
            yield from self._rule()

    def _rule(self) -> Play:
        """Let QA look at what was out of its limits, within the hour, and allow the batch to go on."""
        yield timedelta(minutes=45)
        for deviation in quality.list_deviations(batch_id=self.batch_id, by=self._boss):
            if deviation.hold is not None and deviation.hold.state == HoldState.OPEN:
                self.crew.act(
                    "quality.allow_to_continue",
                    "qareviewer2",
                    deviation_id=DeviationId(deviation.pk),
                    reason="no effect on the cells within this time; the deviation is closed before release",
                )

    def _due(self, guide: StepGuide) -> timedelta:
        """Return how long a wait still asks for: its least, and some of the span up to its most."""
        step = self.definition.process.step(guide.step_code)
        if not isinstance(step, Wait) or step.minimum is None:
            return timedelta(0)
        began = self._done.get(step.since, self.crew.clock.at)
        most = step.maximum or step.minimum
        more = (most - step.minimum) * figures.WAIT_SHARE.at(self.draws.share(f"wait {guide.step_code}"))
        return began + step.minimum + max(timedelta(minutes=1), more) - self.crew.clock.at

    def _payload(self, guide: StepGuide) -> dict[str, Any]:
        given: dict[str, Any] = {"batch_id": self.batch_id, "step_code": guide.step_code}
        if guide.kind == "check":
            given["answer"] = Answer.YES
        if guide.kind == "measure":
            given |= {"value": Decimal(self.measured[guide.step_code]), "unit": guide.unit}
        if guide.step_code in self.odd:
            given["comment"] = "seen and reported to QA at once"
        if guide.equipment_class:
            given["equipment_code"] = self._equipment(guide.equipment_class)
        if guide.kind == "scan" and guide.scan_target == "container":
            given["scanned"] = self._container(guide.container_role, self._seen(guide))
        if guide.kind == "consume" and guide.container_role:
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
        """Return what is scanned on a piece of equipment: the batch's own workstation, or the next one of its class."""
        code = self._stations.get(equipment_class) or self.floor.next_of(equipment_class)
        return make(Kind.EQUIPMENT, code)

    def _seen(self, guide: StepGuide) -> list[str]:
        """Return the containers that the operation's other scans have seen: each of several bags is scanned once."""
        steps = self.guides[guide.operation_code]
        others = [one.step_code for one in steps if one.kind == "scan" and one.container_role == guide.container_role]
        return reads.scanned_at(self.batch, others) if len(others) > 1 else []

    def _container(self, role: str, seen: Collection[str] = ()) -> str:
        """Return the newest good container of a role that was not `seen` by a scan of the same operation."""
        found = identity.list_containers(coi_id=CoiId(self.batch.coi_id), limit=200, by=self._boss)
        return next(
            one.code
            for one in reversed(found)
            if one.role == role and one.state == "active" and one.disposition != "rejected" and one.code not in seen
        )

    def _lot(self, material: str) -> str:
        """Return the lot to take: the first to expire that is not all but used up, the same one for all of a batch."""
        if material not in self._lots:
            holder, market = f"batch:{self.batch_id}", self.batch.market
            found = materials.list_usable(material, market=market, at=self.crew.clock.at, holder=holder)
            most = max(one.free for one in found)
            ample = [one for one in found if one.free >= most * AMPLE_SHARE]
            self._lots[material] = (ample or found)[0].code
        return self._lots[material]
