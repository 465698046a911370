"""The eligibility, route and dose rules against an independent reckoning by brute force."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vein2vein.engines.definitions import Definition, read_folder
from vein2vein.engines.definitions.vocabulary import DoseBasis
from vein2vein.orders import rules
from vein2vein.orders.rules import ways_out
from vein2vein.orders.rules.eligibility import OTHER_CLASS
from vein2vein.orders.states import RefusalCause

THERAPIES = Path(__file__).parents[4] / "therapies"
RAPID = read_folder(THERAPIES / "rapid-bcma-cd19")
LUPUS = read_folder(THERAPIES / "cd19-lupus")
AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
TODAY = AT.date()

days = st.integers(-3, 120).map(lambda n: TODAY - timedelta(days=n))
classes = sorted(
    {one.id for each in (RAPID, LUPUS) for one in each.therapy.eligibility.washouts} | {OTHER_CLASS, "leeches"}
)
markers = sorted({one.id for each in (RAPID, LUPUS) for one in each.therapy.eligibility.virology} | {"ebv"})
packs = st.builds(
    rules.Pack,
    on=st.integers(0, 30).map(lambda n: TODAY + timedelta(days=n)),
    born_on=st.none() | st.dates(date(1930, 1, 1), date(2020, 1, 1)),
    consent_version=st.sampled_from(["3.0", "2.0", "1.0", ""]),
    consent_signed_on=days,
    virology=st.lists(
        st.builds(
            rules.Marker,
            marker=st.sampled_from(markers),
            result=st.sampled_from(["negative", "negative", "negative", "positive", "indeterminate"]),
            tested_on=days,
        ),
        max_size=8,
        unique_by=lambda one: one.marker,
    ).map(tuple),
    prior_therapies=st.lists(
        st.builds(rules.Prior, drug_class=st.sampled_from(classes), ended_on=st.none() | days), max_size=4
    ).map(tuple),
    weight_kg=st.decimals("10", "220", places=1),
    weight_measured_at=st.integers(-20, 800).map(lambda n: AT - timedelta(hours=n)),
)


def brute_force(definition: Definition, pack: rules.Pack) -> bool:
    """Say by the words of the definition, one day and one hour at a time, whether a pack is eligible."""
    rule = definition.therapy.eligibility
    good = pack.consent_version == rule.consent_version and pack.consent_signed_on <= TODAY
    for marker in rule.virology:
        results = [one for one in pack.virology if one.marker == marker.id]
        valid_until = [one.tested_on + marker.maximum_age for one in results if one.tested_on <= TODAY]
        good = good and bool(valid_until) and pack.on <= valid_until[0]
        good = good and (marker.accepted.value == "any" or [one.result for one in results] == ["negative"])
    for prior in pack.prior_therapies:
        minimum = {one.id: one.minimum for one in rule.washouts} | {OTHER_CLASS: timedelta(days=-(10**5))}
        if prior.drug_class not in minimum:
            good = False
        elif prior.drug_class != OTHER_CLASS:
            good = good and prior.ended_on is not None and prior.ended_on <= TODAY
            good = good and prior.ended_on is not None and prior.ended_on + minimum[prior.drug_class] <= pack.on
    if pack.born_on is None:
        return False
    birthdays = sum(
        1 for year in range(pack.born_on.year + 1, pack.on.year + 1) if _birthday(pack.born_on, year) <= pack.on
    )
    good = good and birthdays in range(rule.age_low_years, rule.age_high_years + 1)
    good = good and rule.weight_low.magnitude <= pack.weight_kg <= rule.weight_high.magnitude
    return good and pack.weight_measured_at <= AT <= pack.weight_measured_at + rule.weight_maximum_age


def _birthday(born_on: date, year: int) -> date:
    try:
        return born_on.replace(year=year)
    except ValueError:  # born on 29 February: a year older on 1 March
        return date(year, 3, 1)


@pytest.mark.requirement("D")
@pytest.mark.parametrize("definition", [RAPID, LUPUS], ids=["rapid", "lupus"])
@settings(max_examples=400, deadline=None)
@given(pack=packs)
def test_eligibility_is_what_brute_force_says(definition: Definition, pack: rules.Pack) -> None:
    found = rules.eligibility_blockers(definition.therapy.eligibility, pack, at=AT, today=TODAY)
    assert (not found) == brute_force(definition, pack)
    assert all(one.field and one.message and one.mend for one in found)


def good_pack(definition: Definition) -> rules.Pack:
    rule = definition.therapy.eligibility
    return rules.Pack(
        on=TODAY + timedelta(days=5),
        born_on=date(1985, 2, 3),
        consent_version=rule.consent_version,
        consent_signed_on=TODAY,
        virology=tuple(rules.Marker(one.id, "negative", TODAY) for one in rule.virology),
        prior_therapies=tuple(rules.Prior(one.id, TODAY - timedelta(days=100)) for one in rule.washouts),
        weight_kg=Decimal(60),
        weight_measured_at=AT,
    )


@pytest.mark.parametrize("definition", [RAPID, LUPUS], ids=["rapid", "lupus"])
def test_a_good_pack_is_good_and_each_fault_is_named(definition: Definition) -> None:
    pack, rule = good_pack(definition), definition.therapy.eligibility
    assert rules.eligibility_blockers(rule, pack, at=AT, today=TODAY) == []
    for at in range(len(pack.virology)):
        spoiled = replace(pack, virology=pack.virology[:at] + pack.virology[at + 1 :])
        found = rules.eligibility_blockers(rule, spoiled, at=AT, today=TODAY)
        assert [one.field for one in found] == [f"virology.{pack.virology[at].marker}"]
    for at, prior in enumerate(pack.prior_therapies):
        late = (*pack.prior_therapies[:at], replace(prior, ended_on=TODAY), *pack.prior_therapies[at + 1 :])
        found = rules.eligibility_blockers(rule, replace(pack, prior_therapies=late), at=AT, today=TODAY)
        minimum = rule.washouts[at].minimum
        assert [one.field for one in found] == ([f"prior_therapies.{prior.drug_class}"] if minimum.days > 5 else [])


@pytest.mark.requirement("N13")
@settings(max_examples=300, deadline=None)
@given(
    cells=st.lists(st.integers(10**4, 10**8).map(Decimal), min_size=1, max_size=6),
    weight=st.decimals("20", "200", places=2),
    basis=st.sampled_from(list(DoseBasis)),
)
def test_the_two_reckonings_agree(cells: list[Decimal], weight: Decimal, basis: DoseBasis) -> None:
    once = rules.per_unit(basis, sum(cells, Decimal(0)), weight)
    again = rules.per_unit_again(basis, cells, weight)
    assert abs(Fraction(once) - again) <= again / 10**9


@pytest.mark.requirement("N13")
@settings(max_examples=300, deadline=None)
@given(
    ordered=st.sampled_from([10**5, 2 * 10**5, 3 * 10**5]).map(Decimal),
    weight=st.decimals("35", "150", places=1),
    share=st.decimals("0.5", "1.5", places=2),
    factor=st.sampled_from([Decimal(1), Decimal(10), Decimal("0.1"), Decimal("1.02"), Decimal("1.005")]),
)
def test_a_dose_is_confirmed_only_when_read_right_and_as_ordered(
    ordered: Decimal, weight: Decimal, share: Decimal, factor: Decimal
) -> None:
    plan = rules.DosePlan(ordered, "cell/kg", DoseBasis.PER_KG, Decimal("0.2"), Decimal(5 * 10**7))
    total = ordered * weight * share
    found = rules.confirmation_blockers(
        plan, amount=ordered * share * factor, unit="cell/kg", bag_cells=[total], weight_kg=weight
    )
    right = Decimal("0.99") <= factor <= Decimal("1.01")
    as_ordered = Decimal("0.8") <= share <= Decimal("1.2")
    assert (not found) == (right and as_ordered and total <= 5 * 10**7)


def prescription(**changed: Any) -> rules.Prescription:
    good = rules.Prescription(
        indication_code="multiple_myeloma",
        market="CN",
        route="clinical_trial",
        protocol="DEMO-MM-201",
        subject_number="RJ-007",
        arm="mm-dl3",
        dose_amount=Decimal(300000),
        dose_unit="cell/kg",
    )
    return replace(good, **changed)


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({}, []),
        ({"indication_code": "gout"}, ["orders.indication", "orders.arm"]),
        ({"dose_unit": "cell"}, ["orders.dose_unit"]),
        ({"protocol": ""}, ["orders.trial_detail_missing"]),
        ({"protocol": "", "arm": ""}, ["orders.trial_detail_missing"] * 2),
        ({"arm": "sle-dl1"}, ["orders.arm"]),
        ({"protocol": "DEMO-SLE-101"}, ["orders.arm"]),
        ({"dose_amount": Decimal(200000)}, ["orders.arm_dose"]),
        ({"route": "named_patient"}, ["orders.trial_detail_outside_trial"] * 3),
        ({"route": "named_patient", "protocol": "", "subject_number": "", "arm": ""}, []),
        (
            {"route": "commercial", "protocol": "", "subject_number": "", "arm": "", "dose_amount": Decimal(3000000)},
            ["orders.dose_bounds", "orders.dose_total"],
        ),
    ],
)
def test_route_and_dose(changed: dict[str, object], codes: list[str]) -> None:
    found = rules.route_blockers(RAPID.therapy, prescription(**changed), weight_kg=Decimal(60))
    assert [one.code for one in found] == codes
    assert all(one.field and one.mend for one in found)


@pytest.mark.parametrize("definition", [RAPID, LUPUS], ids=["rapid", "lupus"])
def test_a_slot_begins_when_the_material_can_be_there_and_is_not_too_old(definition: Definition) -> None:
    for one in definition.therapy.starting_materials:
        window = rules.slot_window(definition, alternative=one.id, market="CN", collection_planned_at=AT)
        assert AT < window.starts_at <= window.latest_start_at
        rule = definition.supply.starting_material(one.id)
        assert rule is not None
        assert window.latest_start_at <= AT + rule.maximum_age
        assert window.duration > timedelta(hours=12)


@pytest.mark.requirement("N13")
@pytest.mark.parametrize(
    ("state", "confirmed", "taken"),
    [
        ("at_site", False, True),
        ("cleared", True, False),
        ("thawed", True, False),
        ("stopped", True, True),  # refused at the bedside: the dose that was confirmed stands no more
        ("stopped", False, True),
        ("cleared", False, True),  # the bags that are left: their dose is not confirmed yet
        ("infused", True, False),
        ("closed", True, False),
        ("cancelled", False, False),
    ],
)
def test_a_new_weight_is_taken_while_no_dose_stands_on_one(state: str, confirmed: bool, taken: bool) -> None:
    found = rules.weight_time_blockers(state, dose_confirmed=confirmed)
    assert [one.code for one in found] == ([] if taken else ["orders.weight_after_dose"])


@pytest.mark.parametrize(
    ("cause", "thawed", "refused"),
    [
        (RefusalCause.BAG_DAMAGED, False, True),
        (RefusalCause.TOO_LATE, False, True),
        (RefusalCause.BAG_DAMAGED, True, False),
        (RefusalCause.PATIENT_UNFIT, False, False),
        (RefusalCause.PATIENT_REFUSED, False, False),
    ],
)
def test_a_bag_is_refused_only_when_one_is_thawed(cause: RefusalCause, thawed: bool, refused: bool) -> None:
    found = ways_out.nothing_thawed_blockers(cause, thawed=thawed)
    assert [one.code for one in found] == (["orders.nothing_thawed"] if refused else [])


def test_a_course_of_which_a_part_was_given_is_not_ended() -> None:
    assert [one.code for one in ways_out.part_given_blockers(given=True)] == ["orders.part_given"]
    assert ways_out.part_given_blockers(given=False) == []
