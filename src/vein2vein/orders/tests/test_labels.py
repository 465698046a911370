"""What the labels of an order say: the definition's label sets, the order's route, the patient's own bedside."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.engines.papers.reading import barcodes, text
from vein2vein.core.clock import SimulatedClock
from vein2vein.core.ids import ContainerId, LabelId
from vein2vein.core.refusals import Refused
from vein2vein.identity import actions as identity
from vein2vein.identity.models import Chain, Container, Label
from vein2vein.identity.printing import get_label_paper, label_pdf
from vein2vein.identity.rules import OnContainer
from vein2vein.identity.states import ContainerKind, Disposition
from vein2vein.journal.reads import list_stream
from vein2vein.network.reads import get_site
from vein2vein.orders import actions, reads, rules
from vein2vein.orders.actions import VirologyGiven
from vein2vein.orders.models import Order
from vein2vein.orders.states import OrderRoute, VirologyResult
from vein2vein.orders.tests.conftest import Course, Find, Sign

TRIAL = "仅用于临床试验"
DIN = "=G12349865432177"


Make = Callable[[str], Course]


@pytest.fixture
def make(clock_at: SimulatedClock, actor: Find, sign: Sign) -> Make:
    """Give a new course at the hospital that is named."""
    return lambda place: Course(clock_at, actor, sign, place=place)


@dataclass
class Printed:
    """A label as it is read from its PDF."""

    label: Label
    said: str
    bare: str
    codes: Counter[str]


def printed(label: Label) -> Printed:
    pdf = label_pdf(label)
    if kept := os.environ.get("V2V_KEEP_LABELS"):
        Path(kept, f"{label.container_role}-{label.state}-{label.coi.trial_only}.pdf").write_bytes(pdf)
    said = text(pdf)
    assert len(barcodes(pdf)) == 1
    return Printed(label, said, re.sub(r"\s+", "", said), barcodes(pdf)[0])


NAMED: dict[str, Any] = {"route": OrderRoute.NAMED_PATIENT, "protocol": "", "subject_number": "", "arm": ""}


def collected(course: Course, **changed: Any) -> Container:
    """Take an order to its collected bag, with a donation number and the kit that the definition asks for."""
    course.draft(**changed)
    course.to("accepted")
    course.to_bedside()
    arguments: dict[str, Any] = {"order_id": course.order_id, "scanned_wristband": course.wristband}
    course.witnessed(course.who("nurse"), course.second("nurse"), "orders.start_collection", **arguments)
    nurse = course.who("nurse")
    actions.activate_kit_label(**arguments, scanned_label=course.label(), donation_number=DIN, by=nurse)
    course.clock.advance(timedelta(hours=4))
    found = actions.record_collection(order_id=course.order_id, volume_ml=Decimal(210), by=nurse).container
    assert found is not None
    identity.set_disposition(container_id=ContainerId(found.pk), disposition=Disposition.ACCEPTED, by=course.system)
    course.again()
    return Container.objects.get(pk=found.pk)


def made(course: Course, parent: Container, kind: ContainerKind, label_set: str, **said: Any) -> Container:
    """Make a container as a step of manufacturing does."""
    texts = {"contents_en": label_set, "contents_zh": "成品袋", "storage_en": "2–8 °C", "storage_zh": "冷藏2–8 °C"}
    on_label = {**texts, "batch_number": "LG-26-00001", "made_by_site_id": get_site("CN-LG").pk, **said}
    return identity.derive_container(
        parent_ids=[ContainerId(parent.pk)],
        kind=kind,
        role=label_set,
        volume_ml=Decimal(20),
        expires_at=course.clock.at + timedelta(days=180) if kind is ContainerKind.FINAL_PRODUCT else None,
        on_label=OnContainer(label_set=label_set, **on_label),
        by=course.system,
    )


KINDS = {
    "intermediate": ContainerKind.INTERMEDIATE,
    "product_bag": ContainerKind.FINAL_PRODUCT,
    "sample": ContainerKind.SAMPLE,
}


def all_printed(course: Course, bag: Container) -> Iterator[Printed]:
    """Print a spare kit label, the bag's own, and those of what was made from it."""
    yield printed(Label.objects.get(coi_id=course.order.coi_id, state="printed"))
    for one in (bag, *(made(course, bag, kind, name) for name, kind in KINDS.items())):
        yield printed(Label.objects.get(container=one))


def expected(label: Label) -> Counter[str]:
    codes, container = [label.coi.code], label.container
    if container is None:
        assert label.kit is not None
        codes += [label.kit.code, label.code]
    elif container.kind == ContainerKind.SAMPLE:
        codes += [container.code]
    else:
        codes += [container.code, label.code, DIN]
    return Counter(codes)


@pytest.mark.requirement("N1")
@pytest.mark.parametrize(
    ("place", "ordered"),
    [("rj", {}), ("hk", NAMED), ("rj", NAMED | {"route": OrderRoute.COMMERCIAL})],
    ids=["trial", "named-patient", "commercial"],
)
def test_labels_say_what_definition_and_order_demand(make: Make, place: str, ordered: dict[str, Any]) -> None:
    course, trial = make(place), not ordered
    bag = collected(course, **ordered)
    order: Order = course.order
    assert order.coi is not None
    for one in all_printed(course, bag):
        name = one.label.container_role, one.said
        assert Counter({code.partition("]")[2][2:]: n for code, n in one.codes.items()}) == expected(one.label), name
        assert (TRIAL in one.bare) is trial, name
        assert ("For clinical trial use only" in one.said) is trial, name
        assert ("DEMO-MM-201" in one.bare) is (trial and one.label.container_role != "sample"), name
        for identifier in ("DEMO-0001", "ZM", "1970-05-17", order.coi.code, "DEMO-RBC19"):
            assert identifier in one.bare, name
        assert "DEMONSTRATION" in one.said or "SIMULATED" in one.said, name
        if one.label.container is not None and one.label.container_role in ("product_bag", "leukapheresis_bag"):
            assert order.authorisation_reference in one.bare, name
        if one.label.container is not None and one.label.container_role in KINDS:
            assert {"LG-26-00001", "冷藏2–8°C"} <= {w for w in ("LG-26-00001", "冷藏2–8°C") if w in one.bare}, name
        if one.label.container_role in ("product_bag", "leukapheresis_bag"):
            assert "快速BCMA/CD19双靶点CAR-T（演示）" in one.bare or one.label.container_role == "leukapheresis_bag"
            rays = "禁止X光照射或輻照" if place == "hk" else "禁止X光照射或辐照"
            assert rays in one.bare or one.label.container is None, name
            assert "RJ-007" in one.bare or not trial or one.label.container is None, name


def test_a_label_lacking_what_the_definition_demands_is_refused_by_name(make: Make) -> None:
    course = make("rj")
    bag = collected(course)
    lacking = made(course, bag, ContainerKind.FINAL_PRODUCT, "product_bag", batch_number="", storage_en="")
    with pytest.raises(Refused) as caught:
        label_pdf(Label.objects.get(container=lacking))
    assert {(one.code, one.field) for one in caught.value.blockers} == {
        ("identity.label_incomplete", "batch_number"),
        ("identity.label_incomplete", "storage"),
    }
    unknown = made(course, bag, ContainerKind.INTERMEDIATE, "nowhere")
    with pytest.raises(Refused) as caught:
        label_pdf(Label.objects.get(container=unknown))
    assert {one.code for one in caught.value.blockers} == {"identity.label_set_unknown"}


def test_a_label_is_read_as_a_paper_by_those_who_print(make: Make) -> None:
    course = make("rj")
    label = Label.objects.get(container=collected(course))
    paper = get_label_paper(label_id=LabelId(label.pk), by=course.who("nurse"))
    assert paper.filename == f"label-{label.code}.pdf"
    assert paper.content.startswith(b"%PDF")


@pytest.mark.requirement("N1")
def test_what_the_chain_says_is_in_the_journal_and_never_changes(make: Make) -> None:
    course = make("rj").to("accepted")
    coi = course.order.coi
    assert coi is not None
    issued = next(one for one in list_stream(f"coi:{course.order.coi_id}") if one.fact == "identity.ChainIssued")
    assert "DEMO-MM-201" in str(issued.payload)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        Chain.objects.filter(pk=coi.pk).update(trial_only=False)


def test_reactive_and_unscreened_patients_are_warned_of(make: Make) -> None:
    course = make("rj")
    given = [
        VirologyGiven(one.marker, VirologyResult.POSITIVE if one.marker == "cmv" else one.result, one.tested_on)
        for one in course.drafting()["virology"]
    ]
    course.draft(virology=given)
    course.to("accepted")
    therapy = reads.definition_of(course.order).therapy
    chain = course.order.coi
    assert chain is not None
    bag = next(one for one in chain.label_sets if one["use"] == "final_container")
    said = {one["id"]: one["zh"] for one in bag["statements"]}
    assert said["biohazard"].endswith("巨细胞病毒DNA")
    assert "not_evaluated" not in said
    on = course.clock.at.date() + timedelta(days=60)
    markers = [rules.Marker(one.marker, one.result.value, one.tested_on) for one in given]
    late = rules.label_sets(therapy, trial_only=False, markers=markers, on=on)
    assert any(one.id == "not_evaluated" for each in late for one in each.statements)
    assert not any(one.id == "clinical_trial_only" for each in late for one in each.statements)
