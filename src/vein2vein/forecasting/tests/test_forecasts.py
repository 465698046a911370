"""Forecasts: made of every open course, shown where it is looked at, scored when the dose is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tests.static_files import plain_static_files
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import NotAllowed
from vein2vein.engines.twin import model_from_json
from vein2vein.forecasting import reads
from vein2vein.forecasting.actions import ask_for_forecasts, forecasts
from vein2vein.forecasting.models import Forecast, ModelVersion
from vein2vein.journal.followers import run_followers
from vein2vein.journal.reads import list_recent
from vein2vein.orders.tests.conftest import Course
from vein2vein.people.models import Account

__all__ = ["plain_static_files"]

Find = Callable[[str], Actor]


@pytest.mark.usefixtures("plain_static_files")
def test_a_forecast_is_made_shown_and_scored(course: Course, actor: Find) -> None:
    course.to("in_transit")
    forecasts.make(replications=40)
    said = reads.find_forecast_of_order(course.order_id)
    assert said is not None
    assert said.stage == "transit"
    assert said.p10_at is not None
    assert said.p50_at is not None
    assert said.p90_at is not None
    assert course.clock.at + timedelta(days=8) < said.p10_at < said.p50_at < said.p90_at
    made = ModelVersion.objects.get()
    assert model_from_json(made.document).name == "CN-LG"
    (entry,) = (one for one in list_recent(limit=5) if one.fact == "forecasting.ForecastsMade")
    assert (entry.data["courses"], entry.data["model"]) == (1, made.digest[:12])

    forecasts.make(replications=40)
    assert Forecast.objects.count() == 1  # of the same day and stage the last one is kept
    again = reads.find_forecast_of_order(course.order_id)
    assert again is not None
    assert (again.p10_at, again.p50_at, again.p90_at) == (said.p10_at, said.p50_at, said.p90_at)

    coordinator = actor("coordinator.rj")
    assert [one.order_code for one in reads.list_forecasts(by=coordinator)] == [course.order.code]
    assert reads.list_forecasts(by=actor("coordinator.hk")) == []
    client = Client()
    client.force_login(Account.objects.get(username="coordinator.rj"))
    page = client.get(f"/timeline/coi/{course.order.coi_id}").content.decode()
    assert f'data-forecast="{course.order.code}"' in page
    assert "80 %" in client.get("/forecasts").content.decode()

    course.to("infused")
    run_followers()
    row = Forecast.objects.get()
    assert row.happened_at is not None
    assert reads.get_calibration(by=coordinator).whole.forecasts == 0  # its interval is not over yet
    course.clock.move_to(said.p90_at + timedelta(hours=1))
    found = reads.get_calibration(by=coordinator)
    assert found.whole.forecasts == 1
    assert found.whole.within == float(said.p10_at <= row.happened_at <= said.p90_at)
    assert reads.get_calibration(by=actor("coordinator.hk")).whole.forecasts == 0


@pytest.mark.usefixtures("clock_at")
def test_who_may_ask_for_forecasts(actor: Find) -> None:
    asked = ask_for_forecasts(by=actor("planner"))
    assert asked.site == "CN-LG"
    assert next(iter(list_recent(limit=1))).fact == "forecasting.ForecastsAsked"
    with pytest.raises(NotAllowed):
        ask_for_forecasts(by=actor("analyst"))
