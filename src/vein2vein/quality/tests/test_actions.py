"""Every act of quality: who may, what it leaves in the journal, and that a refusal leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core.ids import DeviationId
from vein2vein.core.refusals import Conflict, NotAllowed, Refusal, Refused
from vein2vein.engines.assays import assess, case_from_json, verdict_to_json
from vein2vein.identity.models import Container
from vein2vein.journal.reads import EntryView, list_stream
from vein2vein.laboratory.models import Result
from vein2vein.manufacturing.models import Hold
from vein2vein.orders.models import Order
from vein2vein.quality import reads
from vein2vein.quality.models import Assessment, DeclaredDose, Deviation, Disposition
from vein2vein.quality.states import Decision, EnvironmentVerdict, Severity
from vein2vein.quality.tests.ready import Quality

STRANGERS = ("physician.rj", "planner", "admin", "carrier.a", "operator1")


def entries(quality: Quality) -> list[EntryView]:
    return list_stream(f"coi:{quality.batch.coi_id}", limit=5000)


def refused(quality: Quality, act: Callable[[], Any], kind: type[Refusal], code: str = "") -> Refusal:
    """Require that an act is refused and leaves no entry and no row."""
    tables = (Deviation, Assessment, DeclaredDose, Disposition)
    before = (len(entries(quality)), *(one._default_manager.count() for one in tables))
    with pytest.raises(kind) as caught:
        act()
    assert (len(entries(quality)), *(one._default_manager.count() for one in tables)) == before
    if code:
        assert code in [one.code for one in caught.value.blockers]
    return caught.value


def opened(quality: Quality, **changed: Any) -> Deviation:
    """Open a deviation on the batch by hand."""
    given = {"subject": "Alarm of the incubator", "description": "two minutes", "batch_id": quality.batch.pk} | changed
    found: Deviation = quality.act("quality.open_deviation", "operator2", **given)
    return found


def test_each_act_is_for_its_roles_alone(quality: Quality) -> None:
    deviation = opened(quality)
    named: dict[str, Any] = {"deviation_id": deviation.pk}
    batch: dict[str, Any] = {"batch_id": quality.batch.pk}
    window = quality.dossier().windows()[0]
    acts: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
        (
            "quality.open_deviation",
            {"subject": "s", "description": "d"} | batch,
            ("physician.rj", "admin", "carrier.a"),
        ),
        ("quality.classify_deviation", named | {"severity": Severity.MINOR, "reason": "r"}, (*STRANGERS, "qcreviewer")),
        ("quality.investigate_deviation", named | {"root_cause": "r", "impact": "i"}, STRANGERS),
        ("quality.reopen_deviation", named | {"reason": "r"}, (*STRANGERS, "supervisor")),
        ("quality.allow_to_continue", named | {"reason": "r"}, (*STRANGERS, "supervisor")),
        ("quality.close_deviation", named | {"reason": "r"}, (*STRANGERS, "supervisor", "qcreviewer")),
        (
            "quality.record_environment",
            batch
            | {
                "room_code": window.room,
                "began_at": window.began_at,
                "ended_at": window.ended_at,
                "verdict": EnvironmentVerdict.WITHIN,
                "reference": "EM",
            },
            (*STRANGERS, "qp"),
        ),
        ("quality.assess_batch", batch, (*STRANGERS, "analyst")),
        ("quality.declare_dose", batch, (*STRANGERS, "analyst", "qcreviewer")),
        (
            "quality.dispose_batch",
            batch | {"decision": Decision.REJECT, "reason": "r"},
            (*STRANGERS, "qareviewer", "qp2", "supervisor"),
        ),
    ]
    for action, given, people in acts:
        for who in people:
            refused(quality, partial(quality.act, action, who, **given), NotAllowed)


def test_a_deviation_holds_the_batch_and_its_closing_lifts_the_hold(quality: Quality) -> None:
    deviation = opened(quality)
    assert [one.fact for one in entries(quality)[-2:]] == ["manufacturing.HoldPlaced", "quality.DeviationOpened"]
    given: dict[str, Any] = {"deviation_id": deviation.pk}

    def close(who: str) -> Callable[[], Any]:
        return partial(quality.act, "quality.close_deviation", who, **given, reason="no effect")

    refused(quality, close("qareviewer"), Refused, "quality.not_investigated")
    quality.act("quality.classify_deviation", "qareviewer", **given, severity=Severity.MAJOR, reason="r")
    quality.act("quality.investigate_deviation", "supervisor", **given, root_cause="door", impact="none")
    quality.act("quality.reopen_deviation", "qareviewer", **given, reason="which door?")
    quality.act("quality.investigate_deviation", "supervisor", **given, root_cause="door 2", impact="none")
    close("qareviewer")()
    assert [one.fact for one in entries(quality)[-2:]] == ["manufacturing.HoldLifted", "quality.DeviationClosed"]
    assert entries(quality)[-1].payload["signatures"][0]["meaning"] == "deviation closed"
    assert Hold.objects.get(source=f"deviation:{deviation.pk}").state == "lifted"
    refused(quality, close("qareviewer"), Refused)


def test_quality_lets_a_batch_go_on_under_an_open_deviation(quality: Quality) -> None:
    deviation = opened(quality)
    quality.act("quality.allow_to_continue", "qareviewer", deviation_id=deviation.pk, reason="cells cannot wait")
    assert entries(quality)[-1].fact == "manufacturing.HoldLifted"
    assert reads.get_deviation(deviation_id=DeviationId(deviation.pk), by=quality.find("qp")).state == "open"
    assert [one.code for one in quality.blockers(Decision.RELEASE_BY_MANUFACTURER)] == ["quality.deviation_open"]


def test_only_a_minor_deviation_passes_a_release(quality: Quality) -> None:
    deviation = opened(quality, hold=False)
    given: dict[str, Any] = {"deviation_id": deviation.pk, "reason": "r", "blocks_release": False}
    major = partial(quality.act, "quality.classify_deviation", "qareviewer", **given, severity=Severity.MAJOR)
    refused(quality, major, Refused, "quality.only_minor_passes")
    quality.act("quality.classify_deviation", "qareviewer", **given, severity=Severity.MINOR)
    assert quality.blockers(Decision.RELEASE_BY_MANUFACTURER) == []


def test_nobody_closes_what_they_did(quality: Quality) -> None:
    deviation = opened(quality, involved=[str(quality.find("qareviewer").account_id)])
    given: dict[str, Any] = {"deviation_id": deviation.pk}
    quality.act("quality.classify_deviation", "qareviewer", **given, severity=Severity.MAJOR, reason="r")
    quality.act("quality.investigate_deviation", "qareviewer", **given, root_cause="r", impact="i")
    own = partial(quality.act, "quality.close_deviation", "qareviewer", **given, reason="r")
    refused(quality, own, NotAllowed, "quality.closes_own")
    quality.act("quality.close_deviation", "qp2", **given, reason="r")


def test_a_deviation_says_what_and_about_what(quality: Quality) -> None:
    given: dict[str, Any] = {"subject": "s", "description": "d"}
    for changed in ({"subject": " "}, {"description": ""}):
        wrong = given | {"batch_id": quality.batch.pk} | changed
        refused(quality, partial(quality.act, "quality.open_deviation", "qp", **wrong), Refused, "quality.no_text")
    nothing = partial(quality.act, "quality.open_deviation", "qp", **given)
    refused(quality, nothing, Refused, "quality.deviation_on_nothing")
    opened(quality, source="shipment:1")
    with pytest.raises(Conflict):
        opened(quality, source="shipment:1")


def test_a_room_beyond_its_action_limit_opens_a_deviation(quality: Quality) -> None:
    quality.monitor(EnvironmentVerdict.ACTION)
    codes = {one.code for one in quality.blockers(Decision.RELEASE_BY_MANUFACTURER)}
    assert {"quality.environment_action", "quality.deviation_open", "quality.on_hold"} <= codes
    quality.settle()
    assert quality.blockers(Decision.RELEASE_BY_MANUFACTURER) == []


def test_an_assessment_can_be_computed_again_by_anyone(quality: Quality) -> None:
    stored = reads.latest_assessment(quality.batch.pk)
    assert stored is not None
    exported = reads.get_case(batch_id=quality.batch_id, by=quality.find("qp")).content.decode()
    assert exported == stored.case
    assert verdict_to_json(assess(case_from_json(exported))) == stored.verdict
    assert stored.overall == "conforms"


def test_the_dose_is_that_of_the_definitions_result(quality: Quality) -> None:
    dose = reads.latest_dose(quality.batch.pk)
    assert dose is not None
    assert (dose.total_cells, dose.amount, dose.unit) == (Decimal(18_000_000), Decimal(300_000), "cell/kg")
    assert [(bag["cells"], bag["volume_ml"]) for bag in dose.bags] == [("18000000.0000", "15.000")]


@pytest.mark.requirement("N13")
@pytest.mark.parametrize(
    ("result", "container", "order", "code"),
    [
        ({"value": Decimal(180_000_000)}, {}, {}, "quality.dose_reckonings_differ"),
        ({"value": Decimal(60_000_000)}, {}, {}, "quality.dose_total"),
        ({"unit": "cell/kg"}, {}, {}, "quality.dose_unit"),
        ({}, {"volume_ml": Decimal(150)}, {}, "quality.dose_volume"),
        ({}, {"volume_ml": None}, {}, "quality.dose_no_volume"),
        ({}, {"viable_cells": Decimal(1_000_000)}, {}, "quality.dose_more_than_filled"),
        ({}, {}, {"weight_kg": Decimal(6)}, "orders.weight_bounds"),
        ({}, {}, {"weight_kg": Decimal(90)}, "quality.dose_not_as_ordered"),
        ({}, {}, {"weight_measured_at": timedelta(days=40)}, "orders.weight_stale"),
    ],
)
def test_a_wrong_dose_is_not_declared(
    quality: Quality, result: dict[str, Any], container: dict[str, Any], order: dict[str, Any], code: str
) -> None:
    dose = reads.latest_dose(quality.batch.pk)
    assert dose is not None
    if result:
        Result.objects.filter(pk=dose.result_id).update(**result)
    if container:
        Container.objects.filter(pk=dose.bags[0]["container_id"]).update(**container)
    if "weight_measured_at" in order:
        order = {"weight_measured_at": quality.clock.at - order["weight_measured_at"]}
    if order:
        Order.objects.filter(pk=quality.batch.order_id).update(**order)
    declare = partial(quality.act, "quality.declare_dose", "qareviewer", batch_id=quality.batch.pk)
    refused(quality, declare, Refused, code)


def test_out_of_limits_results_open_a_deviation_by_themselves(quality: Quality) -> None:
    quality.lab.record("sterility_compendial", "growth")
    quality.lab.review("sterility_compendial")
    assert Deviation.objects.filter(source__startswith="result:", state="open").count() == 0
    journal.run_followers()
    found = Deviation.objects.get(source__startswith="result:", state="open")
    assert (found.subject, found.blocks_release, found.hold_id) == ("Result of sterility_compendial", True, None)
    codes = {one.code for one in quality.blockers(Decision.RELEASE_BY_MANUFACTURER)}
    assert codes == {"quality.deviation_open", "quality.test_failed", "quality.assessment_old"}


def test_a_rejection_ends_the_batch_and_its_product(quality: Quality) -> None:
    row = quality.decide(Decision.REJECT)
    assert (row.final, row.rfi_number) == (True, "")
    kinds = Container.objects.filter(coi_id=quality.batch.coi_id, kind="final_product")
    assert set(kinds.values_list("disposition", flat=True)) == {"rejected"}
    for decision in Decision:
        refused(quality, partial(quality.decide, decision), Refusal)
