"""People who do not exist, invented one by one: who they are, what is ordered for them, what their cells do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from vein2vein.driver import figures
from vein2vein.driver.course import Person
from vein2vein.driver.draws import Draws
from vein2vein.driver.patients import PATIENTS, InventedPatient, Shown
from vein2vein.engines.definitions import Definition
from vein2vein.identity.states import Sex
from vein2vein.orders.actions import PriorTherapyGiven, VirologyGiven
from vein2vein.orders.states import OrderRoute, VirologyResult


@dataclass(frozen=True, slots=True)
class Treatment:
    """What may be ordered: for which illness, by which route, at which hospitals, in which arms of which protocol."""

    therapy: str
    indication: str
    route: OrderRoute
    hospitals: tuple[str, ...]
    arms: tuple[str, ...] = ()
    protocol: str = ""


TRIAL, NAMED, COMMERCIAL = OrderRoute.CLINICAL_TRIAL, OrderRoute.NAMED_PATIENT, OrderRoute.COMMERCIAL
RAPID: tuple[Treatment, ...] = (
    Treatment(
        "rapid-bcma-cd19", "multiple_myeloma", TRIAL, ("CN-RJ-DEMO", "CN-BJ-DEMO"), ("mm-dl2", "mm-dl3"), "DEMO-MM-201"
    ),
    Treatment("rapid-bcma-cd19", "sle", TRIAL, ("CN-RJ-DEMO", "CN-BJ-DEMO"), ("sle-dl1", "sle-dl2"), "DEMO-SLE-101"),
    Treatment("rapid-bcma-cd19", "multiple_myeloma", NAMED, ("HK-QM-DEMO",)),
    Treatment("rapid-bcma-cd19", "multiple_myeloma", COMMERCIAL, ("CN-RJ-DEMO", "CN-BJ-DEMO")),
    Treatment("rapid-bcma-cd19", "sle", TRIAL, ("SG-GH-DEMO",), ("sle-dl1", "sle-dl2"), "DEMO-SLE-101"),
)
"""Orders that the demonstration network's authorisations let through, for the rapid product."""
LUPUS = Treatment("cd19-lupus", "sle", TRIAL, ("CN-RJ-DEMO", "CN-BJ-DEMO"), ("cohort-1", "cohort-2"), "DEMO-LUP-001")
INITIALS = "ABCDEFGHJKLMNPQRSTWXYZ"


@dataclass(frozen=True, slots=True)
class Wish:
    """One patient with the order that the hospital will place, and what the instruments will show."""

    number: int
    person: Person
    treatment: Treatment
    arm: str
    initials: str
    sex: Sex
    weight_kg: Decimal
    patient: InventedPatient
    fails: str
    """The release test that this patient's product fails, or nothing."""
    frozen: bool = False
    """Whether the starting material is frozen at the hospital, where the definition has both."""

    def draft(self, definition: Definition, *, now: datetime, collection_at: datetime) -> dict[str, Any]:
        """Return the arguments of `orders.draft_order` for a collection at `collection_at`."""
        therapy, treatment = definition.therapy, self.treatment
        arm = next((one for one in therapy.dose.arms if one.id == self.arm), None)
        usual = next(one for one in therapy.dose.by_indication if one.indication == treatment.indication)
        tested = (collection_at - timedelta(days=12)).date()
        yesterday = now.date() - timedelta(days=1)
        return {
            "hospital_code": self.person.hospital_code,
            "hospital_number": self.person.hospital_number,
            "initials": self.initials,
            "birth_date": self.person.born_on,
            "sex": self.sex,
            "therapy_code": treatment.therapy,
            "indication_code": treatment.indication,
            "route": treatment.route,
            "dose_amount": (usual.target if arm is None else arm.amount).magnitude,
            "dose_unit": therapy.dose.unit,
            "weight_kg": self.weight_kg,
            "weight_measured_at": now - timedelta(hours=20),
            "consent_version": therapy.eligibility.consent_version,
            "consent_signed_on": (now - timedelta(days=3)).date(),
            "collection_planned_at": collection_at,
            "virology": [
                VirologyGiven(one.id, VirologyResult.NEGATIVE, min(tested, yesterday))
                for one in therapy.eligibility.virology
            ],
            "prior_therapies": [
                PriorTherapyGiven(
                    one.id, ended_on=min((collection_at - one.minimum - timedelta(days=20)).date(), yesterday)
                )
                for one in therapy.eligibility.washouts[:2]
            ],
            "starting_material": FROZEN if self.frozen else "",
            "protocol": treatment.protocol,
            "subject_number": f"{self.person.place.upper()}-{self.number:04d}" if treatment.protocol else "",
            "arm": self.arm,
        }


FAILING: Mapping[str, tuple[tuple[str, str], ...]] = {
    "rapid-bcma-cd19": (("purity_cd3", "61.0"), ("vcn", "7.4"), ("potency_bcma", "12"), ("endotoxin", "9.5")),
    "cd19-lupus": (("t_cell_purity", "61.0"), ("copies_per_cell", "7.4"), ("endotoxin", "9.5")),
}
"""Results that conform to no specification here, by therapy; reasons as in Blood 2025;146 S1:405, dose apart."""
FROZEN, FROZEN_ML = "cryopreserved", Decimal(150)
VARYING = 0.035
"""How far an invented count or result strays from the typical one, as a share: five of them make a dose that may be
wrong by a fifth at the most [assumed]."""
STEADY = frozenset({"measure_incubator_temperature", "measure_end_temperature", "measure_received_volume"})
CAPPED = frozenset(
    {
        "measure_received_viability",
        "measure_harvest_viability",
        "measure_thawed_viability",
        "measure_selected_purity",
        "purity_cd3",
        "t_cell_purity",
    }
)
"""Percentages near their top: they only fall."""


def invent(draws: Draws, number: int, born_before: date) -> Wish:
    """Return patient `number` of a run: the same for the same seed, whoever else is treated."""
    lupus = draws.happens("expanded product", figures.LUPUS_SHARE)
    treatment = LUPUS if lupus else draws.choose("treatment", RAPID)
    hospital = draws.choose("hospital", treatment.hospitals)
    years = 24 + int(draws.share("age") * (34 if lupus else 46))
    person = Person(
        hospital_code=hospital,
        hospital_number=f"DEMO-{number:05d}",
        born_on=date(born_before.year - years, 1 + int(12 * draws.share("month")), 1 + int(28 * draws.share("day"))),
    )
    frozen = not lupus and draws.happens("frozen material", figures.FROZEN_MATERIAL)
    oos = draws.happens("out of specification", figures.OUT_OF_SPECIFICATION[treatment.indication])
    usual = PATIENTS[treatment.therapy]
    fails = draws.choose("failing test", FAILING[treatment.therapy]) if oos else ("", "")
    return Wish(
        number=number,
        person=person,
        treatment=treatment,
        arm=draws.choose("arm", treatment.arms) if treatment.arms else "",
        initials="".join(draws.choose("initials", tuple(INITIALS)) for _ in range(2)),
        sex=draws.choose("sex", (Sex.FEMALE, Sex.MALE)),
        weight_kg=(Decimal(50) + Decimal(draws.share("weight")) * 35).quantize(Decimal("0.1")),
        patient=_varied(_frozen(usual) if frozen else usual, draws, dict([fails]) if oos else {}),
        fails=fails[0],
        frozen=frozen,
    )


def _frozen(typical: InventedPatient) -> InventedPatient:
    """Return the same patient with less volume: it is frozen in bags that hold no more than 200 mL."""
    measured = {**typical.measured, "measure_received_volume": str(FROZEN_ML)}
    return replace(typical, collected_ml=FROZEN_ML, measured=measured)


def _varied(typical: InventedPatient, draws: Draws, failing: Mapping[str, str]) -> InventedPatient:
    def moved(name: str, text: str) -> str:
        value = Decimal(text)
        if name in STEADY:
            return text
        if name in CAPPED:
            return str(value - Decimal(int(4 * draws.share(name))))
        return f"{draws.around(name, value, VARYING)}"

    values = {
        name: failing.get(name) or (text if not text[:1].isdigit() else moved(name, text))
        for name, text in typical.shown.values.items()
    }
    shown = typical.shown
    return replace(
        typical,
        received_live_per_ml=draws.around("received", typical.received_live_per_ml, VARYING),
        measured={name: moved(name, text) for name, text in typical.measured.items()},
        shown=Shown(values, draws.around("live", shown.live_per_ml, VARYING), shown.dead_per_ml),
    )


def sound(patient: InventedPatient, wish: Wish) -> InventedPatient:
    """Return the same patient with the typical results: another batch does not fail as the first did."""
    return replace(patient, shown=PATIENTS[wish.treatment.therapy].shown)
