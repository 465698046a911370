"""A base to begin with: one plant, two routes, four markets, sized for some two thousand patients a year.

A demonstration from the starting figures; capacities, shifts and costs are invented and to be replaced by a base's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from vein2vein.engines.twin import model as m
from vein2vein.engines.twin.figures import STARTING

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = DAYS[:5]
STARTS_AT = datetime(2026, 1, 5, tzinfo=UTC)
SHARES: Mapping[str, tuple[str, str, str, float]] = {
    "CN myeloma": ("CN", "domestic", "oos_myeloma", 0.50),
    "CN lymphoma": ("CN", "domestic", "oos_lymphoma", 0.22),
    "CN lupus": ("CN", "domestic", "oos_lupus", 0.16),
    "HK myeloma": ("HK", "abroad", "oos_myeloma", 0.07),
    "SG lymphoma": ("SG", "abroad", "oos_lymphoma", 0.05),
}
"""Market, route, figure of out of specification, and share of all patients, by demand."""


def base_model(patients_per_year: float = 2000.0, *, sterility: str = "sterility_rapid") -> m.Model:
    """Return the demonstration base, its capacities in proportion to the demand."""
    size = patients_per_year / 2000.0
    return m.Model(
        name="Demonstration base",
        starts_at=STARTS_AT,
        warm_up_days=90.0,
        days=365.0,
        run_out_days=275.0,
        vein_out="apheresis",
        vein_in="infusion",
        figures=STARTING,
        resources=_resources(size),
        stocks=(_vector(size),),
        routes=(
            _route("domestic", abroad=False, sterility=sterility),
            _route("abroad", abroad=True, sterility=sterility),
        ),
        demand=tuple(
            m.Demand(
                name=name, market=market, route=route, patients_per_year=patients_per_year * share, instead={"oos": oos}
            )
            for name, (market, route, oos, share) in SHARES.items()
        ),
    )


def _many(count: float, size: float) -> int:
    return max(1, round(count * size))


def _resources(size: float) -> tuple[m.Resource, ...]:
    def staffed(name: str, cost: float, *shifts: tuple[tuple[str, ...], str, str, float]) -> m.Resource:
        return m.Resource(
            name=name,
            zone="Asia/Shanghai",
            cost_per_hour=cost,
            shifts=tuple(
                m.Shift(days=days, begins=begins, until=until, capacity=_many(count, size))
                for days, begins, until, count in shifts
            ),
        )

    return (
        staffed("apheresis_chair", 200.0, (DAYS[:6], "08:00", "18:00", 8)),
        staffed("receipt_bench", 150.0, (DAYS, "06:00", "22:00", 2)),
        m.Resource(name="suite", capacity=_many(12, size), cost_per_hour=900.0),
        staffed(
            "operator",
            150.0,
            (DAYS, "00:00", "06:00", 3),
            (DAYS, "06:00", "14:00", 5),
            (DAYS, "14:00", "22:00", 5),
            (DAYS, "22:00", "24:00", 3),
        ),
        staffed("analyst", 160.0, (DAYS, "08:00", "20:00", 5)),
        staffed("reviewer", 200.0, (WEEKDAYS, "08:00", "17:00", 14), (("sat",), "08:00", "17:00", 7)),
        staffed("qualified_person", 300.0, (WEEKDAYS, "09:00", "18:00", 3)),
        m.Resource(name="infusion_bed", capacity=_many(90, size), cost_per_hour=60.0),
    )


def _vector(size: float) -> m.Stock:
    deliveries = tuple(
        m.Delivery(day=60.0 * place, amount=_many(280 if place == 0 else 352, size)) for place in range(13)
    )
    return m.Stock(name="vector", deliveries=deliveries, cost_each=60000.0)


def _route(name: str, *, abroad: bool, sterility: str) -> m.Route:
    return m.Route(
        name=name, operations=(*_collecting(abroad=abroad), *_making(), *_releasing(sterility), *_giving(), *_ends())
    )


def _collecting(*, abroad: bool) -> tuple[m.Operation, ...]:
    travel: tuple[m.Operation, ...] = (
        m.Delay(name="transit", figure="transit_abroad" if abroad else "transit", cost=6000.0),
    )
    if abroad:
        travel = (*travel, m.Delay(name="customs", figure="customs", cost=1500.0))
    return (
        m.Mark(milestone="ordered"),
        m.Delay(name="referral", figure="referral"),
        m.Seize(name="collect", resource="apheresis_chair"),
        m.Mark(milestone="apheresis"),
        m.Delay(name="apheresis", figure="apheresis", cost=20000.0),
        m.Release(resource="apheresis_chair"),
        *travel,
        m.Delay(name="receipt", figure="receipt", using=("receipt_bench",)),
        m.Limit(since="apheresis", figure="fresh_limit", to="again"),
        m.Branch(
            name="material",
            chances=(
                m.Chance(figure="material_rejected", to="again"),
                m.Chance(figure="excursion", to="again"),
                m.Chance(figure="apheresis_repeated", to="again"),
            ),
        ),
        m.Mark(milestone="received"),
    )


def _making() -> tuple[m.Operation, ...]:
    return (
        m.Take(name="vector", stock="vector"),
        m.Seize(name="wait_suite", resource="suite"),
        m.Delay(name="turnaround", figure="turnaround", using=("operator",)),
        m.Delay(name="setup", figure="setup", using=("operator",), cost=45000.0),
        m.Delay(name="culture", figure="culture"),
        m.Delay(name="finish", figure="finish", using=("operator",)),
        m.Release(resource="suite"),
        m.Mark(milestone="manufactured"),
        m.Branch(name="termination", chances=(m.Chance(figure="terminated", to="failed"),)),
    )


def _releasing(sterility: str) -> tuple[m.Operation, ...]:
    panel = (
        m.Delay(name="panel", figure="panel", using=("analyst",), cost=8000.0),
        m.Branch(name="panel_validity", chances=(m.Chance(figure="panel_invalid", to="panel_repeat"),)),
        m.Go(to="panel_done"),
        m.Delay(name="panel_repeat", figure="panel_repeat", cost=8000.0),
        m.Mark(name="panel_done", milestone="panel"),
    )
    growth = (
        m.Delay(name="sterility", figure=sterility, cost=3000.0),
        m.Branch(name="sterility_validity", chances=(m.Chance(figure="sterility_invalid", to="sterility_repeat"),)),
        m.Go(to="sterility_done"),
        m.Delay(name="sterility_repeat", figure="sterility_repeat", cost=3000.0),
        m.Mark(name="sterility_done", milestone="sterility"),
    )
    return (
        m.Together(name="tests", branches=(panel, growth)),
        m.Branch(name="conformity", chances=(m.Chance(figure="oos", to="out_of_specification"),)),
        m.Seize(name="review_queue", resource="reviewer"),
        m.Delay(name="review", figure="review", working="reviewer"),
        m.Release(resource="reviewer"),
        m.Delay(name="decision", figure="decision", using=("qualified_person",)),
        m.Mark(milestone="released"),
    )


def _giving() -> tuple[m.Operation, ...]:
    return (
        m.Delay(name="release_to_infusion", figure="release_to_infusion", cost=12000.0),
        m.Branch(name="bag", chances=(m.Chance(figure="bag_lost", to="failed"),)),
        m.Attrition(name="attrition", since="apheresis", figure="attrition", to="patient_lost"),
        m.Seize(name="wait_infusion", resource="infusion_bed"),
        m.Mark(milestone="infusion"),
        m.Delay(name="bed", figure="bed"),
        m.Release(resource="infusion_bed"),
        m.End(outcome="infused"),
    )


def _ends() -> tuple[m.Operation, ...]:
    return (
        m.Branch(
            name="out_of_specification",
            chances=(m.Chance(figure="oos_given", to="review_queue"),),
        ),
        m.Branch(name="not_given", chances=(m.Chance(figure="made_again", to="again"),)),
        m.End(name="lost_to_specification", outcome="out_of_specification"),
        m.Branch(name="failed", chances=(m.Chance(figure="made_again", to="again"),)),
        m.End(name="lost_to_failure", outcome="batch_failed"),
        m.Attrition(name="again", since="apheresis", figure="attrition", to="patient_lost"),
        m.Delay(name="apheresis_again", figure="apheresis_again"),
        m.Go(to="collect"),
        m.End(name="patient_lost", outcome="patient_lost"),
    )
