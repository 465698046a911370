"""Setting a figure of the model, and letting it go again."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.records import text_of
from vein2vein.core.refusals import N_, Blocker, NotFound, refuse_any
from vein2vein.engines.twin.checking import check
from vein2vein.forecasting import rules
from vein2vein.forecasting.facts import FigureRestored, FigureSet
from vein2vein.forecasting.modelling import live_base
from vein2vein.forecasting.models import FigureSetting
from vein2vein.forecasting.reads import kept_figures, plant
from vein2vein.forecasting.states import SettingState

SETTING = (Role.PLANNER, Role.SUPERVISOR)


@journal.action("forecasting.set_figure", roles=set(SETTING))
def set_figure(*, figure: str, value: str, reason: str, by: Actor) -> FigureSetting:
    """Set a figure of the model: a number, or “triangular 4 6 8”, “uniform 2 5”, “lognormal 22 0.46” in its unit."""
    kept = kept_figures()
    base = live_base(clock.now(), kept)
    before = base.figures.get(figure)
    made = None if before is None else rules.parsed_value(value, before)
    refuse_any(rules.figure_blockers(figure, frozenset(base.figures), made, value, reason))
    assert before is not None  # noqa: S101 - refused above
    assert made is not None  # noqa: S101 - as above
    check(live_base(clock.now(), {**kept, figure: made}).model).refuse_any()
    site = plant()
    row = FigureSetting(
        name=figure,
        value=text_of(made),
        unit=made.unit,
        reason=reason.strip(),
        set_at=journal.current().at,
        set_by=by.account_id,
        set_by_name=by.name,
    )
    fact = FigureSet(
        setting_id=row.pk,
        figure=figure,
        value=rules.shown_value(made),
        unit=made.unit,
        was=rules.shown_value(before),
        reason=row.reason,
    )
    standing = FigureSetting.objects.filter(name=figure, state=SettingState.STANDING).first()
    if standing is None:
        journal.record(fact, inserts=[row], stream=f"site:{site.pk}", refs=[f"account:{by.account_id}"])
    else:
        journal.transition(
            standing, "replace", fact, stream=f"site:{site.pk}", refs=[f"account:{by.account_id}"], inserts=[row]
        )
    return row


@journal.action("forecasting.restore_figure", roles=set(SETTING))
def restore_figure(*, figure: str, reason: str, by: Actor) -> FigureSetting:
    """Let a figure that was set go: it is assumed, told by a record or learned from the journal again."""
    standing = FigureSetting.objects.filter(name=figure, state=SettingState.STANDING).first()
    if standing is None:
        raise NotFound(
            Blocker(
                "forecasting.figure_not_set",
                N_("Nobody has set this figure"),
                field="figure",
                value=figure[:80],
                mend=N_("Choose one of the figures page"),
            )
        )
    refuse_any(rules.reason_blockers(reason))
    site = plant()
    journal.transition(
        standing,
        "withdraw",
        FigureRestored(setting_id=standing.pk, figure=figure, reason=reason.strip()),
        stream=f"site:{site.pk}",
        refs=[f"account:{by.account_id}"],
    )
    return standing
