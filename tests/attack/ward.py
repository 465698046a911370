"""Seven patients of two hospitals, at seven places of the way, and what people do to them: right and wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from tests.attack.courses import Treatment, side_by_side
from tests.attack.lots import SPOILED, Record, spoil
from tests.attack.people import Staff
from vein2vein import journal
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.refusals import Refusal
from vein2vein.engines.codes import Kind, make
from vein2vein.identity.models import Container, Label
from vein2vein.logistics.states import ShipmentKind
from vein2vein.logistics.tests.conftest import Way
from vein2vein.manufacturing import reads
from vein2vein.manufacturing.reads import StepGuide
from vein2vein.materials.models import Lot
from vein2vein.orders import actions as orders
from vein2vein.orders.models import Infusion, Order
from vein2vein.orders.states import Moment

Do = Callable[[], Any]
BEGUN = ("consume_wash_set", "clear_wash_station")
"""Where the two batches stand at the beginning: a lot is to be used, a line is to be cleared."""
TEMPTING = ("lot_expired", "lot_unreleased", "lot_recalled", "lot_other", "workstation", "clearance")
"""Wrong acts that are possible only at certain steps of a record."""


class Patient(Treatment):
    """One patient, with a batch where one is open; `next` is the next right act, `wrong` the tempting ones."""

    bench: Record | None = None
    shipped = True

    def again(self) -> Order:
        """Return the order as the database has it; what it hangs on is read when it is asked for."""
        self.order = Order.objects.get(pk=self.order.pk)
        return self.order

    def next(self) -> Do | None:
        """Return the next right act for this patient as things stand, or None when nothing is left to do."""
        self.again()
        found: Do | None = getattr(self, f"next_{self.order.state}", lambda: None)()
        return found

    def next_accepted(self) -> Do:
        return lambda: self.witnessed(
            self.who("nurse"),
            self.second("nurse"),
            "orders.start_collection",
            order_id=self.order_id,
            scanned_wristband=self.wristband,
        )

    def to_bedside(self) -> None:
        """Print the kit, put the wristband on, reconfirm, all on the planned day."""
        coi = self.order.coi_id
        assert coi is not None
        self.clock.move_to(self.order.collection_planned_at)
        orders.print_collection_kit(order_id=self.order_id, by=self.who("coordinator"))
        told: dict[str, Any] = {"coi_id": coi, "hospital_number": self.number, "birth_date": date(1970, 5, 17)}
        self.wristband = self.witnessed(
            self.who("nurse"), self.second("nurse"), "identity.issue_wristband", **told
        ).code
        self.reconfirm("coordinator", Moment.COLLECTION)

    def next_collecting(self) -> Do:
        order = self.order_id
        if not Container.objects.filter(coi_id=self.order.coi_id).exists():
            given: dict[str, Any] = {
                "order_id": order,
                "scanned_wristband": self.wristband,
                "scanned_label": self.label(),
            }
            return lambda: orders.activate_kit_label(**given, by=self.who("nurse"))
        return lambda: orders.record_collection(order_id=order, volume_ml=Decimal(210), by=self.who("nurse"))

    def next_collected(self) -> Do:
        return self._journey_step(ShipmentKind.STARTING_MATERIAL)

    def next_in_transit(self) -> Do:
        return self._journey_step(ShipmentKind.STARTING_MATERIAL)

    def next_received(self) -> Do:
        return self.accept

    def next_released(self) -> Do:
        return self._journey_step(ShipmentKind.PRODUCT)

    next_dispatched = next_released

    def _journey_step(self, kind: ShipmentKind) -> Do:
        found = self._shipment(kind)
        if found is None:
            return lambda: self.plan(kind)
        self.shipment = found
        steps: dict[str, Do] = {
            "planned": self.pack,
            "packed": self.depart,
            "in_transit": lambda: self.deliver(6),
            "delivered": self.receive,
        }
        return steps.get(found.state, lambda: None)

    def _shipment(self, kind: ShipmentKind) -> Any:
        from vein2vein.logistics.models import Shipment

        live = Shipment.objects.filter(order_id=self.order.pk, kind=kind.value).exclude(state="cancelled")
        return live.select_related("lane", "shipper", "logger").first()

    def next_material_accepted(self) -> Do:
        return self._open_batch if self.bench is None else self._bench_step

    def next_in_manufacture(self) -> Do:
        return self._bench_step

    def _open_batch(self) -> None:
        bench = Record(self.clock, self.find, self.sign, int(self.number[-1]))
        bench.open(self.order)
        bench.stations = {"receipt_bench": "RB-02", "closed_workstation": "WS-02"}
        self.bench = bench

    def _bench_step(self) -> None:
        assert self.bench is not None
        self.bench.once(self.bench.next())

    def next_cleared(self) -> Do:
        return lambda: self.thaw(self._bag())

    def _bag(self) -> Container:
        left = [one for one in self.bags if not Container.objects.filter(pk=one.pk, state="infused").exists()]
        return (left or self.bags)[0]

    def next_thawed(self) -> Do:
        bag = self._bag()
        state = Container.objects.get(pk=bag.pk).state
        going = Infusion.objects.filter(order_id=self.order.pk, ended_at__isnull=True).select_related("bag__container")
        scanned: dict[str, Any] = {"order_id": self.order_id}
        if going:
            code = going[0].bag.container.code
            ended: dict[str, Any] = {"scanned_bag": code, "volume_ml": Decimal(20)}
            return lambda: orders.record_infusion(**scanned, **ended, by=self.who("infusion"))
        if state == "active":
            return lambda: self.thaw(bag)
        dose = self.order.bags.filter(container_id=bag.pk).first()
        if dose is None or dose.matched_at is None:
            return lambda: self.match(bag)
        return lambda: orders.start_infusion(**scanned, scanned_bag=bag.code, by=self.who("infusion"))


class Ward:
    """All patients on one clock; built once, then every run begins from the same state."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.clock, self.staff = clock, Staff()
        self.patients = [self._patient(number) for number in range(7)]
        self._build()
        self.began: datetime = clock.at
        self._seals = Way.seals
        self._kept = [dict(vars(one)) for one in self.patients]

    def _patient(self, number: int) -> Patient:
        made = Patient(self.clock, self.staff.find, self.staff.sign, place=("rj", "bj")[number % 2])
        made.number = f"DEMO-10{number}"
        return made

    def _build(self) -> None:
        self.spoiled = spoil(self.clock, self.staff)
        for one in self.patients:
            one.shipped = False
        young, batches, bedside, going = self.patients[:2], self.patients[2:4], self.patients[4:6], self.patients[6]
        side_by_side([*bedside, going], "collecting", "released")
        side_by_side(bedside, "cleared")
        for one in bedside:
            orders.report_lymphodepletion(order_id=one.order_id, started_at=self.clock.at, by=one.who("physician"))
        side_by_side([*young, *batches], "accepted")
        side_by_side(batches, "collecting")
        for one in young:
            one.to_bedside()
        side_by_side(batches, "material_accepted")
        for number, (one, step) in enumerate(zip(batches, BEGUN, strict=True), start=1):
            one.bench = Record(self.clock, self.staff.find, self.staff.sign, int(one.number[-1]))
            one.bench.open(one.order)
            one.bench.stations = {"receipt_bench": f"RB-0{number}", "closed_workstation": f"WS-0{number}"}
            one.bench.to(step)
        going.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
        for one in bedside:
            one.confirm_dose()
        for one in self.patients:
            one.again()
            one.shipped = True

    def again(self) -> None:
        """Go back to the beginning, after the database did."""
        self.clock.at = self.began
        Way.seals = self._seals
        for one, kept in zip(self.patients, self._kept, strict=True):
            vars(one).clear()
            vars(one).update(kept)
            one.again()

    def codes(self, patient: Patient) -> list[str]:
        """Return the codes on everything of a patient."""
        found = list(Container.objects.filter(coi_id=patient.order.coi_id).values_list("code", flat=True))
        return found or [patient.wristband]

    def wrong(self, kind: str, patient: Patient, other: Patient, pick: int) -> tuple[str, Do] | None:
        """Return an act that must be refused, and what it is, or None where it is not possible now."""
        patient.again()
        made: Do | None = getattr(self, f"wrong_{kind}")(patient, other, pick)
        return None if made is None else (f"{kind} of {patient.order.code} ({patient.order.state})", made)

    def _scan_of(self, one: Patient, pick: int) -> str:
        codes = self.codes(one)
        return codes[pick % len(codes)]

    def wrong_bag(self, patient: Patient, other: Patient, pick: int) -> Do:
        """Scan another patient's container wherever a container is scanned."""
        code, order = self._scan_of(other, pick), {"order_id": patient.order_id}
        tries: list[Do] = [
            lambda: orders.thaw_product(**order, scanned_bag=code, by=patient.who("celllab")),
            lambda: orders.start_infusion(**order, scanned_bag=code, by=patient.who("infusion")),
            lambda: patient.witnessed(
                patient.who("infusion"),
                patient.second("infusion"),
                "orders.match_at_bedside",
                **order,
                scanned_wristband=patient.wristband,
                scanned_bag=code,
            ),
        ]
        if patient.bench is not None:
            bench = patient.bench
            guide = bench.next()
            if guide is not None and (guide.container_role or guide.parent_role):
                return lambda: bench.perform(guide, scanned=code)
        return tries[pick % len(tries)]

    def wrong_wristband(self, patient: Patient, other: Patient, pick: int) -> Do:
        bag = self._scan_of(patient, pick)
        return lambda: patient.witnessed(
            patient.who("infusion"),
            patient.second("infusion"),
            "orders.match_at_bedside",
            order_id=patient.order_id,
            scanned_wristband=other.wristband,
            scanned_bag=bag,
        )

    def wrong_hospital(self, patient: Patient, other: Patient, pick: int) -> Do | None:
        """Act on a patient of the other hospital, with everything right but the person."""
        if patient.place == other.place:
            return None
        code = self._scan_of(patient, pick)
        return lambda: orders.start_infusion(order_id=patient.order_id, scanned_bag=code, by=other.who("infusion"))

    def wrong_role(self, patient: Patient, other: Patient, pick: int) -> Do:
        who = [patient.who("nurse"), self.staff.find("operator1"), self.staff.find("admin"), self.staff.find("planner")]
        code = self._scan_of(patient, pick)
        return lambda: orders.thaw_product(order_id=patient.order_id, scanned_bag=code, by=who[pick % len(who)])

    def wrong_typed(self, patient: Patient, other: Patient, pick: int) -> Do:
        typed = [patient.number, "ZM", patient.wristband[:-1], self._scan_of(patient, pick).lower()[1:]][pick % 4]
        return lambda: orders.activate_kit_label(
            order_id=patient.order_id, scanned_wristband=typed, scanned_label=typed, by=patient.who("nurse")
        )

    def wrong_label(self, patient: Patient, other: Patient, pick: int) -> Do | None:
        """Activate another patient's label, or one that was activated or voided."""
        labels = list(Label.objects.filter(kind="container", coi_id=other.order.coi_id).values_list("code", flat=True))
        dead = Label.objects.filter(kind="container", coi_id=patient.order.coi_id).exclude(state="printed")
        labels += list(dead.values_list("code", flat=True))
        if not labels:
            return None
        label = labels[pick % len(labels)]
        return lambda: orders.activate_kit_label(
            order_id=patient.order_id,
            scanned_wristband=patient.wristband,
            scanned_label=label,
            by=patient.who("nurse"),
        )

    def _guide(self, patient: Patient) -> StepGuide | None:
        return None if patient.bench is None else patient.bench.next()

    def wrong_workstation(self, patient: Patient, other: Patient, pick: int) -> Do | None:
        """Clear a workstation that another patient's batch holds."""
        guide, bench = self._guide(patient), patient.bench
        if guide is None or bench is None or other.bench is None or guide.action != "manufacturing.clear_line":
            return None
        held = [one.workstation for one in reads.open_occupancies(other.bench.batch)]
        held = [one for one in held if one.equipment_class == guide.equipment_class]
        if not held:
            return None
        code = make(Kind.EQUIPMENT, held[pick % len(held)].code)
        return lambda: bench.perform(guide, equipment_code=code)

    def wrong_clearance(self, patient: Patient, other: Patient, pick: int) -> Do | None:
        """Go on at a workstation that was cleared out and not cleared again."""
        guide, bench = self._guide(patient), patient.bench
        if guide is None or bench is None or guide.kind == "clear" or not reads.open_occupancies(bench.batch):
            return None
        operation = bench.batch.operations.get(code=guide.operation_code)
        return None if operation.workstation_id is None else lambda: self._without_clearance(bench, guide)

    def _without_clearance(self, bench: Record, guide: StepGuide) -> None:
        with transaction.atomic():
            bench.clear_out()
            if guide.thaw_first:
                bench.thaw(guide)
            bench.perform(guide)

    def _wrong_lot(self, patient: Patient, way: str, pick: int) -> Do | None:
        guide, bench = self._guide(patient), patient.bench
        if guide is None or bench is None or guide.kind != "consume":
            return None
        if way in SPOILED:
            code = self.spoiled[way][guide.material]
        else:
            others = Lot.objects.filter(state="released", expires_at__gt=self.clock.at).order_by("code")
            codes = list(others.exclude(material_code=guide.material).values_list("code", flat=True))
            code = codes[pick % len(codes)]
        return lambda: bench.perform(guide, lot_code=code)

    def wrong_lot_expired(self, patient: Patient, other: Patient, pick: int) -> Do | None:
        """Use a lot past its expiry."""
        return self._wrong_lot(patient, "expired", pick)

    def wrong_lot_unreleased(self, patient: Patient, other: Patient, pick: int) -> Do | None:
        """Use a lot that nobody released."""
        return self._wrong_lot(patient, "unreleased", pick)

    def wrong_lot_recalled(self, patient: Patient, other: Patient, pick: int) -> Do | None:
        """Use a lot that was called back."""
        return self._wrong_lot(patient, "recalled", pick)

    def wrong_lot_other(self, patient: Patient, other: Patient, pick: int) -> Do | None:
        """Use a good lot of something else."""
        return self._wrong_lot(patient, "other", pick)

    def wrong_release(self, patient: Patient, other: Patient, pick: int) -> Do | None:
        """Release a batch before its tests, by the qualified person's own signature."""
        if patient.bench is None:
            return None
        from vein2vein.quality.states import Decision

        given: dict[str, Any] = {
            "batch_id": patient.bench.batch.pk,
            "decision": Decision.RELEASE_BY_SPONSOR,
            "reason": "in a hurry",
        }
        return lambda: patient.signed(self.staff.find("qp"), "quality.dispose_batch", **given)

    def wrong_shipment(self, patient: Patient, other: Patient, pick: int) -> Do | None:
        """Pack another patient's containers, plan a product's way before there is one, pack it before its release."""
        if patient.order.state in ("accepted", "collecting", "collected"):
            return lambda: patient.plan(ShipmentKind.PRODUCT)
        if patient.order.state == "in_manufacture":
            return lambda: self._hurry(patient)
        found = patient._shipment(ShipmentKind.PRODUCT)
        if found is None:
            return None
        patient.shipment = found
        return lambda: patient.pack(scanned_containers=[*self.codes(other)[:2]])

    def _hurry(self, patient: Patient) -> None:
        with transaction.atomic():
            patient.plan(ShipmentKind.PRODUCT)
            patient.pack(scanned_containers=self.codes(patient)[:1])

    def wrong_alone(self, patient: Patient, other: Patient, pick: int) -> Do | None:
        """Check one's own work: be one's own second person."""
        one = patient.who("infusion")
        return lambda: patient.witnessed(
            one,
            one,
            "orders.match_at_bedside",
            order_id=patient.order_id,
            scanned_wristband=patient.wristband,
            scanned_bag=self._scan_of(patient, pick),
        )

    def wrong_internal(self, patient: Patient, other: Patient, pick: int) -> Do:
        """Call an act that is no person's to call."""
        wanted: dict[str, Any] = {"order_id": patient.order_id, "rfi_number": "RFI-1", "bags": []}
        internal = [one for name, one in sorted(journal.ACTIONS.items()) if one.internal]
        fitting = [one for one in internal if "order_id" in _names(one) and _needed(one) <= {*wanted, "by"}]
        chosen = fitting[pick % len(fitting)]
        who = self.staff.find(("qp", "supervisor", "admin")[pick % 3])
        given = {name: value for name, value in wanted.items() if name in _names(chosen)}
        return lambda: chosen.run(**given, by=who)


def _names(spec: journal.ActionSpec) -> set[str]:
    import inspect

    return set(inspect.signature(spec.body).parameters)


def _needed(spec: journal.ActionSpec) -> set[str]:
    import inspect

    parameters = inspect.signature(spec.body).parameters.values()
    return {one.name for one in parameters if one.default is inspect.Parameter.empty}


WRONG = sorted(name.removeprefix("wrong_") for name in vars(Ward) if name.startswith("wrong_"))


def refused(do: Do) -> Refusal | None:
    """Do it; return the refusal, or None when it was done."""
    try:
        do()
    except Refusal as refusal:
        return refusal
    return None
