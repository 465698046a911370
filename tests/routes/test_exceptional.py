"""A product that does not conform: a hard block, or supplied at its physician's request where the route knows that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.attack.doors import Attack, Command, Interface, Page
from tests.engines.papers.reading import text
from vein2vein import journal
from vein2vein.identity.models import Container, Label
from vein2vein.identity.printing import label_pdf
from vein2vein.journal.reads import list_stream
from vein2vein.laboratory.models import Result
from vein2vein.orders.models import Order
from vein2vein.quality import reads
from vein2vein.quality.models import Disposition, ExceptionalRequest, Obligation
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.ready import Quality

Find = Callable[[str], Quality]
REQUEST = "quality.request_exceptional_release"
DISPOSE = "quality.dispose_batch"


def asking(quality: Quality, **changed: Any) -> dict[str, Any]:
    return {
        "batch_id": quality.batch.pk,
        "reason": "third relapse, no time for another batch",
        "alternatives": "another apheresis: five weeks, lymphocytes too low",
        "consent_reference": "HK-ICF-OOS-12",
        "consent_signed_on": quality.clock.at.date() - timedelta(days=1),
    } | changed


def deciding(quality: Quality, decision: Decision) -> dict[str, Any]:
    return {"batch_id": quality.batch.pk, "decision": decision, "reason": "benefit outweighs the risk"}


def test_from_the_physicians_request_to_the_label(quality: Find, page: Page, interface: Interface) -> None:
    one, command = quality("named_patient"), Command()
    order = one.batch.order_id
    assert [each.code for each in one.blockers(Decision.RELEASE_BY_MANUFACTURER)] == ["quality.test_failed"]
    work = page.client("physician.hk").get("/").content.decode()
    assert "Product does not conform: decide for your patient" in work
    assert "another batch may be needed" in page.client("planner").get("/").content.decode()
    decides = page.client("qp").get(f"/quality/batches/{one.batch.pk}").content.decode()
    assert decides.index('id="shut"') < decides.index("Exceptional release") < decides.index("Gates")
    assert "Nobody has asked for it yet" in decides
    course = f"/quality/courses/{order}"
    told = page.client("physician.hk").get(course).content.decode()
    assert 'data-overall="does_not_conform"' in told
    assert "Viability after thaw" in told
    assert "its physician may ask for it all the same" in told
    assert page.client("physician.rj").get(course).status_code == 404
    assert page.act(REQUEST, "physician.hk", **asking(one)).done
    request = ExceptionalRequest.objects.get(batch=one.batch)
    assert request.failed == ["viability"]
    named: dict[str, Any] = {"request_id": request.pk}
    assert "Assess the request for an exceptional release" in page.client("physician.hk2").get("/").content.decode()
    support = "quality.support_exceptional_request"
    assert interface.act(support, "physician.hk2", **named, medical_assessment="agreed; watch for cytopenia").done
    assert "Evaluate the risk of an exceptional release" in page.client("qareviewer").get("/").content.decode()
    evaluated = command.act(
        "quality.evaluate_exceptional_risk", "qareviewer", **named, risk_evaluation="fewer live cells; no new hazard"
    )
    assert evaluated.done
    assert "Decide about an exceptional release" in page.client("qp").get("/").content.decode()
    first = deciding(one, Decision.EXCEPTIONAL_BY_MANUFACTURER)
    unstated = page.act(DISPOSE, "qp", **first)
    assert unstated.codes == {"quality.label_unstated"}
    bag = Container.objects.get(coi_id=one.batch.coi_id, role="product_bag")
    old = Label.objects.get(container=bag, state="used")
    one.clock.advance(timedelta(minutes=1))
    reprinted = interface.act(
        "identity.reprint_label", "warehouse", "warehouse2", label_id=old.pk, reason="statement of the supply"
    )
    assert reprinted.done, reprinted.text
    label = Label.objects.get(container=bag, state="used")
    said = "".join(text(label_pdf(label)).split())
    assert "OUTOFSPECIFICATION:Viabilityafterthaw" in said
    assert "不符合质量标准：复苏后活率" in said
    assert page.act(DISPOSE, "qp", **first).done
    assert interface.act(DISPOSE, "qp", **deciding(one, Decision.EXCEPTIONAL_BY_MAH)).done
    final = Disposition.objects.get(batch=one.batch, final=True)
    assert (final.release_rule, final.release_type, final.request_id) == (
        "named_patient_oos",
        "oos_exceptional",
        request.pk,
    )
    assert Order.objects.get(pk=order).state == "released"
    paper = reads.get_certificate(batch_id=one.batch_id, by=one.find("physician.hk"))
    assert "OUT OF SPECIFICATION: Viability after thaw" in " ".join(text(paper.content).split())
    assert reads.get_release_for_infusion(batch_id=one.batch_id, by=one.find("infusion.hk")).content[:4] == b"%PDF"
    _report(one, interface)


def _report(one: Quality, interface: Interface) -> None:
    """What the supply obliges to: the report to the authority within 48 hours."""
    owed = Obligation.objects.get(batch=one.batch)
    assert (owed.code, owed.due_at - owed.opened_at) == ("oos_report", timedelta(hours=48))
    done: dict[str, Any] = {"obligation_id": owed.pk, "reference": "DH-2026-77"}
    assert interface.act("quality.fulfil_obligation", "qareviewer", **done).status == 403
    assert interface.act("quality.fulfil_obligation", "qp", **done).done
    assert list_stream(f"coi:{one.batch.coi_id}", limit=5000)[-1].data["late"] is False


def test_each_step_of_a_request_is_another_persons(quality: Find, attack: Attack) -> None:
    one = quality("named_patient")
    later = one.clock.at.date() + timedelta(days=2)
    attack("quality.no_text", REQUEST, "physician.hk", **asking(one, alternatives=" "))
    attack("quality.consent_in_future", REQUEST, "physician.hk", **asking(one, consent_signed_on=later))
    attack("orders.not_found", REQUEST, "physician.rj", **asking(one))
    for stranger in ("coordinator.hk", "qp", "planner"):
        for door in attack.doors[1:]:
            assert door.act(REQUEST, stranger, **asking(one)).status == 403
    request = one.act(REQUEST, "physician.hk", **asking(one))
    named: dict[str, Any] = {"request_id": request.pk}
    support, evaluate = "quality.support_exceptional_request", "quality.evaluate_exceptional_risk"
    attack("quality.request_stands", REQUEST, "physician.hk2", **asking(one))
    attack("quality.own_request", support, "physician.hk", **named, medical_assessment="mine")
    attack("quality.not_found", support, "physician.rj", **named, medical_assessment="not my patient")
    attack("quality.request_state", evaluate, "qareviewer", **named, risk_evaluation="too early")
    attack("quality.not_evaluated", DISPOSE, "qp", **deciding(one, Decision.EXCEPTIONAL_BY_MANUFACTURER))
    attack("quality.order_of_releases", DISPOSE, "qp", **deciding(one, Decision.EXCEPTIONAL_BY_MAH))
    one.act("quality.decline_exceptional_request", "physician.hk", **named, reason="the patient decided otherwise")
    attack("quality.request_state", support, "physician.hk2", **named, medical_assessment="too late")
    attack("quality.no_request", DISPOSE, "qp", **deciding(one, Decision.EXCEPTIONAL_BY_MANUFACTURER))
    assert one.act(REQUEST, "physician.hk2", **asking(one)).state == "requested"


@pytest.mark.requirement("N6")
def test_a_route_without_an_exceptional_release_is_a_hard_block(quality: Find, attack: Attack, page: Page) -> None:
    one = quality("commercial")
    one.clock.advance(timedelta(minutes=1))
    one.lab.record("sterility_compendial", "growth")
    one.lab.review("sterility_compendial")
    journal.run_followers()
    one.act("quality.assess_batch", "qcreviewer", batch_id=one.batch.pk)
    attack("quality.no_exceptional_release", REQUEST, "physician.rj", **asking(one))
    for decision in (Decision.EXCEPTIONAL_BY_MANUFACTURER, Decision.EXCEPTIONAL_BY_MAH):
        attack("quality.no_release_rule", DISPOSE, "qp", **deciding(one, decision))
    attack("quality.test_failed", DISPOSE, "qp", **deciding(one, Decision.RELEASE_BY_MANUFACTURER))
    told = page.client("physician.rj").get(f"/quality/courses/{one.batch.order_id}").content.decode()
    assert "this route knows no release of such a product" in told
    assert "quality.no_exceptional_release" in told or "knows no release of a product that does not conform" in told
    assert page.act(DISPOSE, "qp", **deciding(one, Decision.REJECT)).done
    kinds = Container.objects.filter(coi_id=one.batch.coi_id, kind="final_product")
    assert set(kinds.values_list("disposition", flat=True)) == {"rejected"}


def test_a_product_that_conforms_is_not_asked_for_so(quality: Find, attack: Attack) -> None:
    one = quality("named_patient")
    Result.objects.filter(test__batch=one.batch, test__code="viability").update(value=88)
    attack("quality.conforms_or_open", REQUEST, "physician.hk", **asking(one))
