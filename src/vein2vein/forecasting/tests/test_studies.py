"""What-if studies: saved whole, carried out beside, stopped and carried on to the same result, drawn."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client

from tests.static_files import plain_static_files
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import NotAllowed, Refused
from vein2vein.core.uploads import Upload
from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.spreads import LogNormal
from vein2vein.forecasting import actions, reads, rules
from vein2vein.forecasting.asking import COMPENDIAL, NEW_MARKET, QUESTIONS, SECOND_SITE
from vein2vein.forecasting.models import FinishedBlock, Study, StudyRun
from vein2vein.forecasting.studying import carry_out_run
from vein2vein.journal.reads import list_recent
from vein2vein.people.models import Account

__all__ = ["plain_static_files"]

Find = Callable[[str], Actor]


def saved(by: Actor, questions: list[str]) -> Study:
    return actions.save_study(name="Next year", questions=questions, replications=3, seed=7, by=by)


@pytest.mark.usefixtures("clock_at", "plain_static_files")
def test_a_study_is_saved_carried_out_and_drawn(actor: Find) -> None:
    planner = actor("planner")
    study = saved(planner, [COMPENDIAL, SECOND_SITE])
    entry = next(iter(list_recent(limit=1)))
    assert (entry.fact, entry.data["variants"], entry.data["seed"]) == ("forecasting.StudySaved", 2, 7)
    run = actions.run_study(study_id=study.pk, by=planner)
    with pytest.raises(Refused):
        actions.run_study(study_id=study.pk, by=planner)

    stopped = actions.cancel_study(study_id=study.pk, by=planner)
    assert carry_out_run(stopped.pk).state == "cancelled"
    actions.run_study(study_id=study.pk, by=planner)
    assert carry_out_run(run.pk).state == "finished"
    assert reads.progress_of(StudyRun.objects.get()) == (9, 9)
    assert FinishedBlock.objects.count() == 3
    found = reads.get_study_result(study_id=study.pk, by=planner)
    assert [one.name for one in found.outcomes] == ["base", SECOND_SITE, COMPENDIAL]
    slower = found.outcomes[2].differences["vein_to_vein_d_p50"]
    assert slower.clear
    assert 5.0 < (slower.mean or 0.0) < 12.0

    again = actions.save_study(
        name="Again", questions=[], file=Upload("study.json", study.document.encode()), by=planner
    )
    assert again.digest == study.digest
    client = Client()
    client.force_login(Account.objects.get(username="planner"))
    page = client.get(f"/studies/{study.pk}").content.decode()
    assert "data-result" in page
    assert page.count('class="chart"') >= 8
    assert study.code in client.get("/studies").content.decode()


@pytest.mark.usefixtures("clock_at")
def test_every_usual_question_fits_the_live_base_and_what_does_not_is_refused(actor: Find) -> None:
    planner = actor("planner")
    study = saved(planner, [])
    assert [one["name"] for one in json.loads(study.document)["variants"]] == list(QUESTIONS)
    with pytest.raises(Refused, match="cannot be asked"):
        saved(planner, ["What of the moon"])
    with pytest.raises(Refused, match="number of replications"):
        actions.save_study(name="x", questions=[NEW_MARKET], replications=1, by=planner)
    with pytest.raises(Refused):
        actions.save_study(name="x", questions=[], file=Upload("a.json", b"{}"), by=planner)
    with pytest.raises(NotAllowed):
        saved(actor("physician.rj"), [])
    with pytest.raises(NotAllowed):
        actions.run_study(study_id=study.pk, by=actor("physician.rj"))
    with pytest.raises(Refused, match="not being carried out"):
        actions.cancel_study(study_id=study.pk, by=planner)
    assert Study.objects.count() == 1


@pytest.mark.usefixtures("clock_at")
def test_a_figure_is_set_with_a_reason_and_let_go_again(actor: Find) -> None:
    planner = actor("planner")
    row = actions.set_figure(figure="terminated", value="3.5", reason="our batches of 2025", by=planner)
    entry = next(iter(list_recent(limit=1)))
    assert (entry.fact, entry.data["was"], entry.data["value"]) == ("forecasting.FigureSet", "2", "3.5")
    assert reads.kept_figures()["terminated"].value == 3.5
    assert "our batches of 2025" in reads.kept_figures()["terminated"].source
    spread = actions.set_figure(figure="apheresis", value="triangular 2 3 9", reason="ours", by=planner)
    assert spread.unit == "h"
    for figure, value, reason in (
        ("terminated", "many", "x"),
        ("apheresis", "triangular 9 3 2", "backwards"),
        ("unknown", "2", " "),
    ):
        with pytest.raises(Refused):
            actions.set_figure(figure=figure, value=value, reason=reason, by=planner)
    with pytest.raises(NotAllowed):
        actions.set_figure(figure="terminated", value="1", reason="x", by=actor("physician.rj"))
    actions.restore_figure(figure="terminated", reason="learned by now", by=planner)
    assert set(reads.kept_figures()) == {"apheresis"}
    assert row.name == "terminated"


def test_a_figure_is_written_as_it_is_shown() -> None:
    hours = Figure(value=LogNormal(median=8.0, sigma=0.5, at_least=6.0), unit="d", source="x")
    for text in ("7.5", "uniform 2 5", "triangular 4 6 8", "lognormal 22 0.46", "exponential 3"):
        made = rules.parsed_value(text, hours)
        assert made is not None
        assert rules.shown_value(made) == text
    kept = rules.parsed_value("lognormal 9 0.4", hours)
    assert kept is not None
    assert getattr(kept.value, "at_least", None) == 6.0
    share = Figure(value=2.0, unit="%", source="x")
    for text in ("", "many", "triangular 1 2", "uniform 2 5", "-3", "1 2", "normal 1 2"):
        assert rules.parsed_value(text, share) is None
    known = frozenset({"terminated", "never"})
    assert [one.code for one in rules.figure_blockers("never", known, share, "2", "x")] == ["forecasting.no_figure"]
    assert [one.code for one in rules.figure_blockers("terminated", known, None, "x", " ")] == [
        "forecasting.no_value",
        "forecasting.no_reason",
    ]
