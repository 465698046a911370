"""The rules of late findings, second stages, obligations and exceptional releases: plain values in, blockers out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from vein2vein.core.actor import Role
from vein2vein.quality import rules
from vein2vein.quality.states import AlertMoment, AlertState, ProductHold, RequestState

TODAY = date(2026, 11, 1)


def codes(found: list[Any]) -> list[str]:
    return [one.code.removeprefix("quality.") for one in found]


@pytest.mark.requirement("N17")
def test_an_alert_calls_more_people_at_each_level_and_never_fewer() -> None:
    called = [rules.called_at(level) for level in range(30)]
    assert called[0] == {Role.PHYSICIAN}
    assert all(one <= other for one, other in pairwise(called))
    assert Role.ADMINISTRATOR in called[29]


@pytest.mark.requirement("N17")
@pytest.mark.parametrize(
    ("state", "told"),
    [
        (AlertState.RAISED, ["physician_does_not_know"]),
        (AlertState.ACKNOWLEDGED, []),
        (AlertState.REPORTED, ["alert_state"]),
        (AlertState.CLOSED, ["alert_state"]),
    ],
)
def test_a_report_comes_after_the_physician_knows(state: AlertState, told: list[str]) -> None:
    assert codes(rules.report_blockers(state=state, reference="NMPA-1")) == told
    assert "no_text" in codes(rules.report_blockers(state=state, reference=" "))


@pytest.mark.requirement("N17")
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"state": AlertState.RAISED}, ["alert_not_reported"]),
        ({"state": AlertState.ACKNOWLEDGED}, ["alert_not_reported"]),
        ({"state": AlertState.CLOSED}, ["alert_state"]),
        ({"product_decision": ""}, ["product_undecided"]),
        ({"product_decision": "", "moment": AlertMoment.AFTER_INFUSION}, []),
        ({"deviations": ["DOC-1"]}, ["deviation_open"]),
        ({"reason": ""}, ["no_text"]),
    ],
)
def test_what_closes_an_alert(changed: dict[str, Any], told: list[str]) -> None:
    given: dict[str, Any] = {
        "state": AlertState.REPORTED,
        "moment": AlertMoment.BEFORE_INFUSION,
        "product_decision": "recall",
        "deviations": [],
        "reason": "all done",
    }
    assert codes(rules.close_alert_blockers(**given | changed)) == told


@pytest.mark.requirement("N17")
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"finding_stands": True}, ["finding_stands"]),
        ({"finding_stands": True, "decision": ProductHold.RECALL}, []),
        ({"deviations": ["DOC-1"]}, ["deviation_open"]),
        ({"deviations": ["DOC-1"], "decision": ProductHold.RECALL}, []),
        ({"decided": "recall"}, ["nothing_held"]),
        ({"moment": AlertMoment.AFTER_INFUSION}, ["nothing_held"]),
    ],
)
def test_a_held_product_goes_again_only_when_nothing_stands_against_it(
    changed: dict[str, Any], told: list[str]
) -> None:
    given: dict[str, Any] = {
        "moment": AlertMoment.BEFORE_INFUSION,
        "decided": "",
        "decision": ProductHold.RELEASE_AGAIN,
        "finding_stands": False,
        "deviations": [],
        "reason": "invalidated",
    }
    assert codes(rules.held_blockers(**given | changed)) == told


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"release_type": "full"}, ["no_second_stage"]),
        ({"open_tests": []}, ["no_second_stage"]),
        ({"completed": True}, ["no_second_stage"]),
        (
            {"failed": ["Sterility"], "lacking": ["VCN"], "deviations": ["DOC-1"]},
            ["second_stage_failed", "second_stage_open", "deviation_open"],
        ),
    ],
)
def test_the_second_stage(changed: dict[str, Any], told: list[str]) -> None:
    given: dict[str, Any] = {
        "release_type": "two_stage",
        "open_tests": ["sterility"],
        "completed": False,
        "failed": [],
        "lacking": [],
        "deviations": [],
    }
    assert codes(rules.second_stage_blockers(**given | changed)) == told


def test_an_obligation_is_fulfilled_by_who_owes_it() -> None:
    given: dict[str, Any] = {"role": "qualified_person", "name": "X", "reference": "R-1"}
    assert codes(rules.fulfil_blockers(roles=frozenset({Role.QUALIFIED_PERSON}), **given)) == []
    assert codes(rules.fulfil_blockers(roles=frozenset({Role.PHYSICIAN}), **given)) == ["obliges_another"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"overall": "conforms"}, ["conforms_or_open"]),
        ({"overall": "incomplete"}, ["conforms_or_open"]),
        ({"assessed": False}, ["conforms_or_open"]),
        ({"decided": True}, ["request_too_late"]),
        ({"order_state": "cancelled"}, ["request_too_late"]),
        ({"batch_state": "terminated"}, ["request_too_late"]),
        ({"consent_signed_on": date(2026, 11, 2)}, ["consent_in_future"]),
        ({"texts": {"reason": ""}}, ["no_text"]),
    ],
)
def test_when_an_exceptional_release_may_be_asked_for(changed: dict[str, Any], told: list[str]) -> None:
    given: dict[str, Any] = {
        "batch_state": "reviewed",
        "order_state": "manufactured",
        "decided": False,
        "overall": "does_not_conform",
        "assessed": True,
        "texts": {"reason": "no time"},
        "consent_signed_on": TODAY,
        "today": TODAY,
    }
    assert codes(rules.request_blockers(**given | changed)) == told


def test_a_request_goes_step_by_step_and_by_two_physicians() -> None:
    step: dict[str, Any] = {"wanted": RequestState.SUPPORTED, "text": "low", "field": "risk_evaluation"}
    assert codes(rules.step_blockers(state=RequestState.SUPPORTED, **step)) == []
    assert codes(rules.step_blockers(state=RequestState.REQUESTED, **step)) == ["request_state"]
    assert codes(rules.second_physician_blockers(by="a", requested_by="a", name="A")) == ["own_request"]
    assert codes(rules.second_physician_blockers(by="b", requested_by="a", name="B")) == []
    assert codes(rules.route_blockers(market="CN", route="commercial", rule_found=False)) == ["no_exceptional_release"]


@pytest.mark.requirement("N13")
def test_less_than_ordered_is_declared_only_where_the_physician_asks_for_it() -> None:
    bag = rules.Bag("1", "BAG-1", Decimal(15), Decimal(60_000_000))

    def declared(cells: int, *, asked: bool) -> list[str]:
        return codes(
            rules.dose_blockers(
                rules.Declared(
                    total_cells=Decimal(cells),
                    result_unit="cell",
                    again_cells=None,
                    volume_ml=None,
                    bags=(bag,),
                    weight_kg=Decimal(60),
                    per_kg=True,
                    ordered=Decimal(300_000),
                    tolerance=Decimal("0.2"),
                    maximum_total=Decimal(50_000_000),
                    lower_asked_for=asked,
                )
            )
        )

    assert declared(18_000_000, asked=False) == []
    assert declared(9_000_000, asked=False) == ["dose_not_as_ordered"]
    assert declared(9_000_000, asked=True) == []
    assert declared(27_000_000, asked=True) == ["dose_not_as_ordered"]


_RESERVE = rules.ReserveView(
    decision="release_by_mah",
    exceptional=False,
    awaited=True,
    authorised=True,
    bag="C-1",
    labelled=True,
    failed=(),
    lacking=(),
    deviations=(),
    dose=(),
    signer=rules.SignerView("QP", in_own_right=True, delegated_from="", worked_on_batch=False),
)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"awaited": False}, "quality.reserve_not_asked"),
        ({"decision": ""}, "quality.reserve_not_certified"),
        ({"decision": "reject"}, "quality.reserve_not_certified"),
        ({"exceptional": True}, "quality.reserve_of_exception"),
        ({"authorised": False}, "quality.reserve_not_authorised"),
        ({"bag": ""}, "quality.reserve_gone"),
        ({"labelled": False}, "quality.no_label"),
        ({"failed": ("Sterility",)}, "quality.test_failed"),
        ({"lacking": ("Sterility",)}, "quality.test_lacking"),
        ({"deviations": ("D-1",)}, "quality.deviation_open"),
        ({"signer": rules.SignerView("QP", False, "", True)}, "quality.signer_worked_on_batch"),
    ],
)
def test_what_keeps_a_reserve_in_the_store(changed: dict[str, Any], code: str) -> None:
    assert not rules.blockers_of(rules.reserve_gates(_RESERVE))
    gates = rules.reserve_gates(replace(_RESERVE, **changed))
    assert code in {one.code for one in rules.blockers_of(gates)}
