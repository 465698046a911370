"""Prepared queries return what the same query, written anew, returns."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import AccountId, SiteId
from vein2vein.doors.preparing import Prepared, Scoped
from vein2vein.network.models import Equipment, Lane

pytestmark = pytest.mark.usefixtures("db")

BY_CODE = Prepared(lambda code: Equipment.objects.select_related("site", "room").filter(code=code), str)
OF_SITE = Prepared(lambda site: Equipment.objects.filter(site_id=site, room__isnull=False).order_by("-code"), UUID)
LANES = Prepared(lambda site: Lane.objects.defer("permits").filter(origin_id=site).order_by("code"), UUID)


def test_each_row_is_what_the_mapper_makes_with_what_hangs_on_it() -> None:
    rows = Equipment.objects.select_related("site", "room").order_by("code")
    assert len(rows) > 20
    for row in rows:
        with CaptureQueriesContext(connection) as asked:
            found = BY_CODE.first(row.code)
            assert found is not None
            assert (found.site, found.room) == (row.site, row.room)
        assert len(asked) == 1
        assert {one.attname: getattr(found, one.attname) for one in Equipment._meta.concrete_fields} == {
            one.attname: getattr(row, one.attname) for one in Equipment._meta.concrete_fields
        }


def test_order_conditions_and_what_is_left_out_hold() -> None:
    for site in {row.site_id for row in Equipment.objects.all()}:
        assert OF_SITE.all(site) == list(Equipment.objects.filter(site_id=site, room__isnull=False).order_by("-code"))
    lane = Lane.objects.first()
    assert lane is not None
    (found, *_) = LANES.all(lane.origin_id)
    assert found.get_deferred_fields() == {"permits"}
    assert found.permits == Lane.objects.get(pk=found.pk).permits


def test_nothing_fits() -> None:
    assert BY_CODE.first("' OR true --") is None
    assert OF_SITE.all(uuid4()) == []


def test_rows_are_locked_in_a_transaction_only() -> None:
    locked = Prepared(lambda code: Equipment.objects.select_for_update(of=("self",)).filter(code=code), str)
    row = Equipment.objects.first()
    assert row is not None
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert locked.first(row.code) == row
    assert "FOR UPDATE" in asked[0]["sql"]
    with mock.patch.object(connection, "in_atomic_block", new=False), pytest.raises(TransactionManagementError):
        locked.first(row.code)


def test_a_value_that_the_query_does_not_ask_for_is_refused() -> None:
    careless = Prepared(lambda code, site: Equipment.objects.filter(code=code), str, UUID)
    with pytest.raises(TypeError, match="does not stand in it"):
        careless.first("LN-2", uuid4())


def test_a_list_is_prepared_for_each_number_of_sites_and_shows_those_alone() -> None:
    built: list[frozenset[SiteId] | None] = []

    def build(by: Actor, kind: str) -> QuerySet[Equipment]:
        built.append(by.sites)
        rows = Equipment.objects.filter(equipment_class=kind).order_by("code")
        return rows if by.sites is None else rows.filter(site_id__in=by.sites)

    scoped = Scoped(build)
    everybody = Actor(AccountId(uuid4()), "everybody", frozenset({Role.PLANNER}))
    sites = [SiteId(row.site_id) for row in Equipment.objects.order_by("site_id").distinct("site_id")]
    assert len(sites) > 1
    for kind in set(Equipment.objects.values_list("equipment_class", flat=True)):
        rows = list(Equipment.objects.filter(equipment_class=kind).order_by("code"))
        assert scoped.of(everybody, kind) == rows
        for chosen in ([], *([one] for one in sites), sites[:2], sites):
            by = replace(everybody, sites=frozenset(chosen))
            assert scoped.of(by, kind) == [row for row in rows if row.site_id in chosen]
        assert len(built) == len({None, 1, 2, len(sites)})
        built.clear()
