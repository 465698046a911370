"""Two patients of two hospitals with their chains, and a way to call internal acts as a person with a witness."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import new_id, new_token
from vein2vein.core.refusals import Refusal

OTHERS = frozenset(Role) - {Role.SYSTEM}


@dataclass
class Bench:
    """Acts as named demonstration people; `do` calls an internal action inside a witnessed deed."""

    thunks: dict[str, Callable[[Actor, Actor | None], Any]]
    deed: Callable[..., Any]

    def who(self, username: str) -> Actor:
        from vein2vein.people import reads

        return reads.actor_named(username)

    def witness(self, username: str, action: str, arguments: dict[str, Any]) -> Actor:
        from vein2vein.people import reads, signing

        return signing.witness(username, secret=reads.demonstration_password(), action=action, arguments=arguments)

    def do(self, run: Callable[..., Any], *, by: str, witness: str | None = None, **arguments: Any) -> Any:
        """Call the internal action `run` within a deed of `by`, witnessed where a witness is named."""
        takes = inspect.signature(run).parameters

        def thunk(who: Actor, second: Actor | None) -> Any:
            people = {"witness": second} if "witness" in takes else {}
            return run(**arguments, **people, by=who)

        token = new_token(12)
        self.thunks[token] = thunk
        second = None if witness is None else self.witness(witness, "identity_test.do", {"token": token})
        return self.deed(token=token, by=self.who(by), witness=second)

    def public(self, name: str, /, *, by: str, witness: str | None = None, **arguments: Any) -> Any:
        """Call a public action at its own door, with defaults filled in and the witness's signature."""
        spec = journal.ACTIONS[name]
        full = {
            key: arguments.get(key, parameter.default)
            for key, parameter in inspect.signature(spec.body).parameters.items()
            if key not in ("by", "witness")
        }
        people: dict[str, Any] = {"by": self.who(by)}
        if spec.witnessed is not None:
            people["witness"] = None if witness is None else self.witness(witness, name, full)
        return spec.run(**arguments, **people)


def make_bench() -> Bench:
    """Declare the deed in which internal acts are called; it is in no list that a door is made from."""
    thunks: dict[str, Callable[[Actor, Actor | None], Any]] = {}

    @journal.action("identity_test.do", roles=OTHERS, witnessed="seen")
    def do(*, token: str, by: Actor, witness: Actor | None = None) -> Any:
        return thunks[token](by, witness)

    del journal.ACTIONS["identity_test.do"]
    return Bench(thunks, do)


@pytest.fixture
def bench(db: None) -> Bench:
    return make_bench()


@pytest.fixture
def committed(committed_db: str) -> Bench:
    """A bench on a database of its own, in which acts really commit."""
    return make_bench()


@dataclass
class Course:
    """A patient's treatment course, as far as it was taken."""

    bench: Bench
    site: str
    number: str
    birth_date: date
    chain: Any
    band: Any
    kit: Any

    def person(self, role: str) -> str:
        return f"{role}.{self.site}"

    def check_collection(self) -> None:
        self.bench.public(
            "identity.record_identity_check",
            by=self.person("nurse"),
            witness=self.person("nurse") + "2",
            occasion=_occasion("collection"),
            coi_id=self.chain.pk,
            scanned_wristband=self.band.code,
        )

    def labels(self) -> list[Any]:
        return list(self.kit.labels.order_by("ordinal"))

    def activate(self, label: Any, **more: Any) -> Any:
        from vein2vein.identity import actions
        from vein2vein.identity.states import ContainerKind

        arguments = {
            "coi_id": self.chain.pk,
            "scanned_wristband": self.band.code,
            "scanned_label": label.code,
            "on_label": on_label(ContainerKind.STARTING_MATERIAL),
            **more,
        }
        return self.bench.do(actions.activate_label, by=self.person("nurse"), **arguments)

    def collected(self) -> Any:
        """Take the course to a filled bag of starting material."""
        from vein2vein.identity import actions

        self.check_collection()
        bag = self.activate(self.labels()[0])
        return self.bench.do(actions.fill_container, by=self.person("nurse"), container_id=bag.pk, volume_ml=100)

    def product(self) -> Any:
        """Take the course to a released bag of product."""
        from vein2vein.identity import actions
        from vein2vein.identity.states import ContainerKind, Disposition

        bag = self.collected()
        self.bench.do(actions.set_disposition, by="warehouse", container_id=bag.pk, disposition=Disposition.ACCEPTED)
        made = self.derive([bag], ContainerKind.FINAL_PRODUCT)
        self.bench.do(actions.set_disposition, by="qp", container_id=made.pk, disposition=Disposition.RELEASED)
        return made

    def derive(self, parents: list[Any], kind: Any) -> Any:
        from vein2vein.identity import actions

        return self.bench.do(
            actions.derive_container,
            by="operator1",
            parent_ids=[one.pk for one in parents],
            kind=kind,
            role="bag",
            volume_ml=Decimal(20),
            expires_at=clock.now() + timedelta(days=180),
            on_label=on_label(kind),
        )


def _occasion(value: str) -> Any:
    from vein2vein.identity.states import Occasion

    return Occasion(value)


def on_labels(**changed: Any) -> Any:
    """Return what the labels of a trial's course say."""
    from vein2vein.identity.rules import LabelSet, OnChain, Statement

    said_of_all = (Statement("autologous_only", "always", "FOR AUTOLOGOUS USE ONLY", "仅供自体使用"),)
    common = ("coi", "container_serial", "product_code", "batch_number", "made_at", "storage")
    sets = {
        ("kit", "kit"): ("coi", "container_serial", "container_role", "product_code", "serial_of_count"),
        ("collection_bag", "starting_material"): ("coi", "container_serial", "protocol", "collected_at", "volume"),
        ("product_bag", "final_container"): (*common, "product_name", "volume", "expires_at", "manufacturer"),
        ("intermediate", "intermediate"): (*common, "volume"),
        ("sample", "sample"): (*common, "sample_code"),
    }
    said: dict[str, Any] = {
        "therapy_name_en": "Rapid BCMA/CD19 CAR-T (demonstration)",
        "therapy_name_zh": "快速BCMA/CD19双靶点CAR-T（演示）",
        "product_code": "DEMO-RBC19",
        "trial_only": True,
        "protocol": "DEMO-MM-201",
        "subject_number": "RJ-007",
        "label_sets": tuple(
            LabelSet(one, use, ("en", "zh"), fields, said_of_all) for (one, use), fields in sets.items()
        ),
    }
    return OnChain(**said | changed)


def on_label(kind: Any) -> Any:
    """Return what a container's label says, as the step that makes it would."""
    from vein2vein.identity.rules import OnContainer
    from vein2vein.network import reads as network

    label_sets = {"final_product": "product_bag", "sample": "sample", "starting_material": "collection_bag"}
    return OnContainer(
        label_set=label_sets.get(kind.value, "intermediate"),
        contents_en="Product bag",
        contents_zh="成品袋",
        storage_en="Vapour phase of liquid nitrogen",
        storage_zh="气相液氮",
        batch_number="B-0001",
        made_by_site_id=network.get_site("CN-LG").pk,
    )


def make_course(bench: Bench, site: str, code: str, number: str, birth_date: date) -> Course:
    from vein2vein.identity import actions
    from vein2vein.identity.rules import KitLabelWish
    from vein2vein.identity.states import Sex
    from vein2vein.network import reads as network

    patient = bench.do(
        actions.register_patient,
        by=f"coordinator.{site}",
        hospital_id=network.get_site(code).pk,
        hospital_number=number,
        initials="ILO",
        birth_date=birth_date,
        sex=Sex.FEMALE,
    )
    chain = bench.do(
        actions.issue_chain,
        by=f"coordinator.{site}",
        patient_id=patient.pk,
        therapy_code="rapid-bcma-cd19",
        order_ref=f"order:{new_id()}",
        on_labels=on_labels(),
    )
    band = bench.public(
        "identity.issue_wristband",
        by=f"nurse.{site}",
        witness=f"nurse.{site}2",
        coi_id=chain.pk,
        hospital_number=number,
        birth_date=birth_date,
    )
    kit = bench.do(
        actions.print_kit,
        by=f"coordinator.{site}",
        coi_id=chain.pk,
        labels=[KitLabelWish("starting_material", 3, "apheresis_bag")],
    )
    return Course(bench, site, number, birth_date, chain, band, kit)


def everything() -> dict[str, Any]:
    """Return every row of the context and the journal's length: what a refused act must leave as it was."""
    from django.apps import apps
    from django.db import connection

    found: dict[str, Any] = {
        model._meta.db_table: sorted(map(str, model._default_manager.values_list()))
        for model in apps.get_app_config("identity").get_models()
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_entry")
        found["journal"] = cursor.fetchone()
    return found


@contextmanager
def refused(kind: type[Refusal], code: str) -> Iterator[None]:
    """Require that the block is refused with this code, and leaves no effect and no entry."""
    before = everything()
    with pytest.raises(kind) as caught:
        yield
    assert code in {blocker.code for blocker in caught.value.blockers}, caught.value
    assert everything() == before


def written(stream: str) -> list[tuple[str, str]]:
    """Return action and fact of a stream's entries, first to last."""
    from vein2vein.journal.reads import list_stream

    return [(entry.action, entry.fact.removeprefix("identity.")) for entry in list_stream(stream)]


def match(course: Course, bag: Any, **change: Any) -> Any:
    """Match a bag at the bedside, with what is changed from a good match."""
    from vein2vein.identity import actions, reads
    from vein2vein.identity.states import Occasion

    arguments = {
        "occasion": Occasion.INFUSION,
        "coi_id": course.chain.pk,
        "scanned_wristband": course.band.code,
        "scanned_label": reads.get_label_in_force(bag.pk).code,
        "container_ids": [bag.pk],
    }
    people = {"by": course.person("infusion"), "witness": course.person("infusion") + "2"}
    return course.bench.do(actions.check_identity, **(people | arguments | change))


@pytest.fixture
def ours(bench: Bench) -> Course:
    """A course at the Shanghai hospital."""
    return make_course(bench, "rj", "CN-RJ-DEMO", "ZYH-0047113", date(1961, 5, 17))


@pytest.fixture
def theirs(bench: Bench) -> Course:
    """Another patient's course at the Hong Kong hospital."""
    return make_course(bench, "hk", "HK-QM-DEMO", "HKQ9930218", date(1975, 11, 2))
