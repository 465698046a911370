"""Lots through their pages and the command line."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from django.test import Client

from tests.static_files import plain_static_files
from vein2vein.cli.acting import ask
from vein2vein.materials.models import Lot
from vein2vein.people.models import Account
from vein2vein.people.reads import demonstration_password

__all__ = ["plain_static_files"]


def page(username: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.usefixtures("db")
def test_lots_are_shown_to_the_plant_only() -> None:
    lot = Lot.objects.get(number="DEMO-LV-002")
    listed, one = page("warehouse").get("/lots"), page("qareviewer").get(f"/lots/{lot.pk}")
    assert (listed.status_code, one.status_code) == (200, 200)
    assert "DEMO-LV-001" in listed.text
    assert 'data-action="materials.release_lot"' in one.text
    for address in ("/lots", f"/lots/{lot.pk}"):
        assert page("physician.rj").get(address).status_code == 403


@pytest.mark.usefixtures("db")
def test_a_lot_in_quarantine_waits_for_quality() -> None:
    assert "DEMO-LV-002" in page("qareviewer").get("/").text
    assert "DEMO-LV-002" not in page("operator1").get("/").text


@pytest.mark.usefixtures("db")
def test_lots_on_the_command_line() -> None:
    asked = ["materials.list_lots", "material_code=lentiviral_vector", "--as", "warehouse"]
    result = CliRunner().invoke(ask, asked, input=f"{demonstration_password()}\n")
    assert result.exit_code == 0, result.output
    assert "DEMO-LV-003" in result.output
