"""The demonstration network: marked, whole, explained by the journal, and agreeing with the definitions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.db import connection

from vein2vein import journal
from vein2vein.core.ids import SiteId
from vein2vein.core.refusals import Refused
from vein2vein.journal import verification
from vein2vein.network import actions, reads
from vein2vein.network.actions.enlarging import enlarged
from vein2vein.network.models import Equipment, Resource, Site
from vein2vein.network.states import TemperatureClass

pytestmark = pytest.mark.requirement("C")

HOSPITALS = ["CN-RJ-DEMO", "CN-BJ-DEMO", "HK-QM-DEMO", "SG-GH-DEMO"]


def test_every_site_is_marked_as_demonstration(db: None) -> None:
    assert not Site.objects.filter(demonstration=False).exists()
    assert reads.get_site("CN-LG").kind == "manufacturing"
    assert reads.get_site("CN-ZJ").kind == "innovation"


@pytest.mark.parametrize("hospital", HOSPITALS)
@pytest.mark.parametrize("temperature", list(TemperatureClass))
def test_each_hospital_has_lanes_both_ways(db: None, hospital: str, temperature: TemperatureClass) -> None:
    site = reads.get_site(hospital)
    here, there = SiteId(reads.get_site("CN-LG").pk), SiteId(site.pk)
    for origin, destination in ((there, here), (here, there)):
        lane = reads.find_lane(origin_id=origin, destination_id=destination, temperature_class=temperature)
        assert lane is not None
        assert bool(lane.borders) is bool(lane.permits) is (site.market.code != "CN")


@pytest.mark.parametrize(
    "folder", sorted(Path(settings.THERAPIES).glob("*/process.yaml")), ids=lambda one: one.parent.name
)
def test_lingang_has_what_the_definitions_ask_for(db: None, folder: Path) -> None:
    wanted = {one["id"] for one in yaml.safe_load(folder.read_text("utf-8"))["equipment_classes"]}
    there = set(
        Equipment.objects.filter(site__code="CN-LG", state="available").values_list("equipment_class", flat=True)
    )
    assert wanted <= there


@pytest.mark.parametrize(
    "folder", sorted(Path(settings.THERAPIES).glob("*/supply.yaml")), ids=lambda one: one.parent.name
)
def test_shippers_agree_with_the_supply_rules(db: None, folder: Path) -> None:
    for box in yaml.safe_load(folder.read_text("utf-8"))["shipping_containers"]:
        assert reads.list_equipment_of_class(box["id"]), box["id"]


@pytest.mark.parametrize(
    ("therapy", "market", "indication", "route", "on", "there"),
    [
        ("rapid-bcma-cd19", "CN", "multiple_myeloma", "clinical_trial", date(2026, 11, 1), True),
        ("rapid-bcma-cd19", "CN", "sle", "clinical_trial", date(2026, 11, 1), True),
        ("rapid-bcma-cd19", "CN", "sle", "clinical_trial", date(2024, 12, 31), False),
        ("rapid-bcma-cd19", "CN", "sle", "commercial", date(2026, 11, 1), False),
        ("rapid-bcma-cd19", "HK", "multiple_myeloma", "named_patient", date(2026, 11, 1), True),
        ("rapid-bcma-cd19", "SG", "multiple_myeloma", "none", date(2026, 11, 1), False),
        ("cd19-lupus", "HK", "sle", "named_patient", date(2023, 12, 31), True),
        ("cd19-lupus", "HK", "sle", "named_patient", date(2024, 1, 1), False),
        ("invented-commercial-demo", "CN", "multiple_myeloma", "commercial", date(2026, 11, 1), True),
    ],
)
def test_which_routes_there_are(
    db: None, therapy: str, market: str, indication: str, route: str, on: date, there: bool
) -> None:
    found = reads.find_authorisation(
        therapy_code=therapy, market=market, indication_code=indication, route=route, on=on
    )
    assert (found is not None) is there


def test_the_journal_explains_every_row(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    own = [model for model in verification.folded_models() if model._meta.app_label == "network"]
    monkeypatch.setattr(verification, "folded_models", lambda: own)
    assert len(own) == 8
    assert verification.verify_fold() == []
    assert Resource.objects.filter(kind="manufacturing_slot").count() == 4


def test_a_production_database_takes_no_demonstration(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vein2vein.network.actions.entering.database_kind", lambda: "production")
    with pytest.raises(Refused, match="no demonstration data"):
        actions.load_demonstration(by=journal.system("test"))


def test_no_one_row_can_overlap_another_authorisation(db: None) -> None:
    with connection.cursor() as cursor, pytest.raises(Exception, match="network_authorisation_overlap"):
        cursor.execute(
            "INSERT INTO network_authorisation (id, therapy_code, market_id, indication_code, route, valid_from_on, "
            "reference, holder_id) SELECT gen_random_uuid(), therapy_code, market_id, indication_code, route, "
            "valid_from_on + 30, reference, holder_id FROM network_authorisation LIMIT 1"
        )


@pytest.mark.parametrize("times", [1, 2, 7])
def test_a_base_for_more_patients_has_more_of_everything_numbered_on(times: int) -> None:
    told = yaml.safe_load(Path(actions.__file__).parents[1].joinpath("demonstration.yaml").read_text("utf-8"))
    larger = enlarged(told, times)
    for before, after in zip(told["sites"], larger["sites"], strict=True):
        for name in ("code", "serial"):
            marks = [row[name] for row in after.get("equipment", [])]
            assert len(set(marks)) == len(marks) == times * len(before.get("equipment", []))
        units = [row["units"] for row in before.get("resources", [])]
        assert [row["units"] for row in after.get("resources", [])] == [times * one for one in units]
    stations = [row for row in larger["sites"][0]["equipment"] if row["class"] == "closed_workstation"]
    assert [row["code"] for row in stations] == [f"WS-{number:02d}" for number in range(1, 4 * times + 1)]
    assert all(row["name"]["zh"].endswith(str(int(row["code"][3:]))) for row in stations)
