"""A definition that fills the dose into three bags is carried by the driver: on two days, or with a bag broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from django.conf import settings
from django.test import override_settings

from tests.ways_out.split import SHIPPED, split_files
from vein2vein.driver.tests.forced import walk
from vein2vein.orders.models import DoseBag, Infusion, Order

pytestmark = pytest.mark.requirement("W")
TRIAL: dict[str, float] = {"treatment": 0, "hospital": 0}
DAMAGED = {"cause of the refusal": 2}
BAGS = 3


@pytest.fixture
def _split(tmp_path: Path) -> Iterator[None]:
    """Ship a definition of three bags in place of the rapid one."""
    folder = tmp_path / "therapies"
    copytree(settings.THERAPIES, folder)
    for name, content in split_files(BAGS).items():
        (folder / SHIPPED / name).write_bytes(content)
    with override_settings(THERAPIES=folder):
        yield


@pytest.mark.usefixtures("_split")
def test_a_dose_in_three_bags(tables: str) -> None:
    made = walk(
        tables,
        [
            ({"dose in two parts"}, TRIAL),
            ({"infusion refused@2"}, TRIAL | DAMAGED),
            ({"infusion refused", "reduced dose"}, TRIAL | DAMAGED),
        ],
        look=_given,
    )
    assert made.faults == []
    happened = made.base.happened
    assert happened["dose given on two days"] == 1
    assert happened["infusion refused: bag damaged"] == 2
    assert sorted(one.ending for one in made.base.lives) == ["infused", "infused in part", "infused in part"]


def _given() -> None:
    """Three bags of the first patient run in, two of each of the others; the broken ones are destroyed."""
    given = [Infusion.objects.filter(order=one, ended_at__isnull=False).count() for one in Order.objects.order_by("id")]
    assert sorted(given) == [2, 2, 3]
    assert DoseBag.objects.count() == 3 * BAGS
    broken = DoseBag.objects.filter(withdrawn_at__isnull=False)
    assert set(broken.values_list("container__state", flat=True)) == {"destroyed"}
    assert broken.count() == 2
