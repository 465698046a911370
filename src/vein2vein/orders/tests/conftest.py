"""A treatment course that tests carry as far as they need, by the demonstration's people on a simulated clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import ContainerId, OrderId
from vein2vein.identity import actions as identity
from vein2vein.identity.models import Container, Label
from vein2vein.identity.states import ContainerKind, Disposition, Sex
from vein2vein.orders import actions, reads
from vein2vein.orders.actions import PriorTherapyGiven, VirologyGiven
from vein2vein.orders.facts import ReleasedBag
from vein2vein.orders.models import Order
from vein2vein.orders.states import Moment, OrderRoute, OrderState, VirologyResult

HOSPITALS = {"rj": "CN-RJ-DEMO", "bj": "CN-BJ-DEMO", "hk": "HK-QM-DEMO", "sg": "SG-GH-DEMO"}
Sign = Callable[..., Actor]
Find = Callable[[str], Actor]
ASIDE = (OrderState.CLOSED, OrderState.STOPPED, OrderState.CANCELLED)
WAY = [state.value for state in OrderState if state not in ASIDE]


@pytest.fixture(scope="session")
def _worker_database(simulated_database: str) -> str:
    """Days may pass in these tests."""
    return simulated_database


@pytest.fixture
def clock_at(db: None) -> Iterator[SimulatedClock]:
    """Give a clock that tests move."""
    with clock.use(SimulatedClock(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))) as simulated:
        yield simulated


class Course:
    """One patient's course; `to(state)` does everything up to there."""

    number = "DEMO-0001"
    """The hospital's number of the patient."""

    def __init__(self, clock_at: SimulatedClock, find: Find, sign: Sign, *, place: str = "rj") -> None:
        self.clock, self.find, self.sign, self.place = clock_at, find, sign, place
        self.system = journal.system("test")
        self.order: Order
        self.wristband = ""
        self.bags: list[Container] = []

    @property
    def order_id(self) -> OrderId:
        return OrderId(self.order.pk)

    def who(self, role: str) -> Actor:
        return self.find(f"{role}.{self.place}")

    def second(self, role: str) -> Actor:
        return self.find(f"{role}.{self.place}2")

    def drafting(self, **changed: Any) -> dict[str, Any]:
        """Return good arguments of draft_order, with some changed."""
        today = self.clock.at.date()
        markers = ("hiv", "hbv", "hcv", "syphilis", "cmv")
        return {
            "hospital_code": HOSPITALS[self.place],
            "hospital_number": self.number,
            "initials": "ZM",
            "birth_date": date(1970, 5, 17),
            "sex": Sex.FEMALE,
            "therapy_code": "rapid-bcma-cd19",
            "indication_code": "multiple_myeloma",
            "route": OrderRoute.CLINICAL_TRIAL,
            "protocol": "DEMO-MM-201",
            "subject_number": "RJ-007",
            "arm": "mm-dl3",
            "dose_amount": Decimal("300000"),
            "dose_unit": "cell/kg",
            "weight_kg": Decimal("60"),
            "weight_measured_at": self.clock.at - timedelta(hours=5),
            "consent_version": "3.0",
            "consent_signed_on": today - timedelta(days=5),
            "collection_planned_at": self.clock.at + timedelta(days=3),
            "virology": [VirologyGiven(one, VirologyResult.NEGATIVE, today - timedelta(days=4)) for one in markers],
            "prior_therapies": [PriorTherapyGiven("systemic_steroid", "dexamethasone", today - timedelta(days=30))],
            **changed,
        }

    def draft(self, **changed: Any) -> Order:
        self.order = actions.draft_order(**self.drafting(**changed), by=self.who("coordinator"))
        return self.order

    def again(self) -> Order:
        """Return the order as the database has it."""
        self.order = reads.load_order(self.order.pk)
        return self.order

    def to(self, state: str) -> Course:
        """Carry the course on until it is in `state`."""
        for one in WAY[: WAY.index(state) + 1]:
            if not hasattr(self, "order") or WAY.index(self.order.state) < WAY.index(one):
                getattr(self, f"_{one}")()
                self.again()
        assert self.order.state == state
        return self

    def signed(self, who: Actor, action: str, **arguments: Any) -> Any:
        """Perform an action that is signed."""
        run = journal.ACTIONS[action].run
        return run(**arguments, by=self.sign(who, action, **arguments))

    def witnessed(self, who: Actor, second: Actor, action: str, **arguments: Any) -> Any:
        """Perform an action that is witnessed."""
        run = journal.ACTIONS[action].run
        return run(**arguments, by=who, witness=self.sign(second, action, **arguments))

    def reconfirm(self, role: str, moment: Moment) -> None:
        actions.reconfirm_site(order_id=self.order_id, moment=moment, by=self.who(role))

    def _drafted(self) -> None:
        self.draft()

    def _submitted(self) -> None:
        self.signed(self.who("physician"), "orders.submit_order", order_id=self.order_id)

    def _accepted(self) -> None:
        actions.accept_order(order_id=self.order_id, by=self.find("planner"))

    def to_bedside(self) -> None:
        """Print the kit, put the wristband on, reconfirm: the day of the collection."""
        coi = reads.coi_of(self.order)
        self.clock.advance(timedelta(days=3))
        actions.print_collection_kit(order_id=self.order_id, by=self.who("coordinator"))
        band = self.witnessed(
            self.who("nurse"),
            self.second("nurse"),
            "identity.issue_wristband",
            coi_id=coi,
            hospital_number=self.number,
            birth_date=date(1970, 5, 17),
        )
        self.wristband = band.code
        self.reconfirm("coordinator", Moment.COLLECTION)

    def _collecting(self) -> None:
        self.to_bedside()
        self.witnessed(
            self.who("nurse"),
            self.second("nurse"),
            "orders.start_collection",
            order_id=self.order_id,
            scanned_wristband=self.wristband,
        )

    def label(self) -> str:
        """Return a kit label that nobody used yet."""
        found = Label.objects.filter(coi_id=self.order.coi_id, state="printed").order_by("ordinal").first()
        assert found is not None
        return found.code

    def activate(self) -> None:
        """Activate a kit label at the bedside."""
        actions.activate_kit_label(
            order_id=self.order_id,
            scanned_wristband=self.wristband,
            scanned_label=self.label(),
            by=self.who("nurse"),
        )

    def _collected(self) -> None:
        self.activate()
        self.clock.advance(timedelta(hours=4))
        actions.record_collection(order_id=self.order_id, volume_ml=Decimal("210"), by=self.who("nurse"))

    def _in_transit(self) -> None:
        actions.mark_in_transit(order_id=self.order_id, by=self.system)

    def _received(self) -> None:
        self.clock.advance(timedelta(hours=12))
        actions.mark_received(order_id=self.order_id, by=self.system)

    def _material_accepted(self) -> None:
        actions.accept_material(order_id=self.order_id, by=self.system)

    def _in_manufacture(self) -> None:
        actions.start_manufacture(order_id=self.order_id, by=self.system)

    def _manufactured(self) -> None:
        self.clock.advance(timedelta(days=2))
        actions.finish_manufacture(order_id=self.order_id, by=self.system)

    def make_bag(
        self, *, disposition: Disposition | None = Disposition.RELEASED, days: int = 180, role: str = "product_bag"
    ) -> Container:
        """Make a product container of this course, disposed of as told."""
        starting = Container.objects.filter(coi_id=self.order.coi_id, kind="starting_material").first()
        assert starting is not None
        made = identity.derive_container(
            parent_ids=[ContainerId(starting.pk)],
            kind=ContainerKind.FINAL_PRODUCT,
            role=role,
            volume_ml=Decimal("20"),
            expires_at=self.clock.at + timedelta(days=days),
            by=self.system,
        )
        if disposition is not None:
            identity.set_disposition(
                container_id=ContainerId(made.pk), disposition=disposition, reason="test", by=self.system
            )
        return made

    def release(self, *bags: Container, cells: str = "9000000") -> Order:
        """Record the release of these bags."""
        given = [ReleasedBag(bag.pk, bag.code, Decimal(cells), Decimal("20")) for bag in bags]
        released = actions.record_release(order_id=self.order_id, rfi_number="RFI-TEST-1", bags=given, by=self.system)
        if not Container.objects.filter(coi_id=self.order.coi_id, role="reserve_bag").exists():
            self.make_bag(disposition=None, role="reserve_bag")
        return released

    def _released(self) -> None:
        self.clock.advance(timedelta(days=8))
        self.bags = [self.make_bag(), self.make_bag()]
        self.release(*self.bags)

    def _dispatched(self) -> None:
        self.reconfirm("physician", Moment.PRODUCT_SHIPMENT)
        actions.mark_dispatched(order_id=self.order_id, by=self.system)

    def _at_site(self) -> None:
        self.clock.advance(timedelta(days=1))
        actions.mark_at_site(order_id=self.order_id, by=self.system)

    def _cleared(self) -> None:
        self.reconfirm("physician", Moment.LYMPHODEPLETION)
        self.signed(self.who("physician"), "orders.clear_for_lymphodepletion", order_id=self.order_id)

    def lymphodeplete(self) -> None:
        """Begin lymphodepletion, and wait as long as the definition asks."""
        self.clock.advance(timedelta(hours=2))
        actions.report_lymphodepletion(order_id=self.order_id, started_at=self.clock.at, by=self.who("physician"))
        self.clock.advance(timedelta(days=4))

    def dose(self, **changed: Any) -> dict[str, Any]:
        """Return good arguments of confirm_dose, with some changed."""
        return {
            "order_id": self.order.pk,
            "weight_kg": Decimal("60"),
            "weight_measured_at": self.clock.at - timedelta(hours=1),
            "dose_amount": Decimal("300000"),
            "dose_unit": "cell/kg",
            **changed,
        }

    def confirm_dose(self) -> None:
        self.signed(self.who("physician"), "orders.confirm_dose", **self.dose())

    def _thawed(self) -> None:
        self.lymphodeplete()
        self.confirm_dose()
        self.thaw(self.bags[0])

    def thaw(self, bag: Container) -> None:
        actions.thaw_product(order_id=self.order_id, scanned_bag=bag.code, by=self.who("celllab"))

    def match(self, bag: Container, wristband: str = "") -> None:
        self.witnessed(
            self.who("infusion"),
            self.second("infusion"),
            "orders.match_at_bedside",
            order_id=self.order_id,
            scanned_wristband=wristband or self.wristband,
            scanned_bag=bag.code,
        )

    def infuse(self, bag: Container) -> None:
        self.match(bag)
        actions.start_infusion(order_id=self.order_id, scanned_bag=bag.code, by=self.who("infusion"))
        self.clock.advance(timedelta(minutes=12))
        actions.record_infusion(
            order_id=self.order_id, scanned_bag=bag.code, volume_ml=Decimal("20"), by=self.who("infusion")
        )

    def _infused(self) -> None:
        self.infuse(self.bags[0])
        self.thaw(self.bags[1])
        self.infuse(self.bags[1])

    def hold_all_visits(self) -> None:
        """Let fifteen years pass, with every visit."""
        self.clock.advance(timedelta(days=6000))
        for visit in reads.list_visits(order_id=self.order_id, by=self.system):
            actions.record_visit(order_id=self.order_id, visit=visit.code, on=visit.due_on, by=self.who("coordinator"))


@pytest.fixture
def course(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Course:
    return Course(clock_at, actor, sign)


@pytest.fixture
def other_course(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Course:
    """A course of another hospital's patient."""
    return Course(clock_at, actor, sign, place="bj")
