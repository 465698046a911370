"""Whether a model makes sense: names that resolve, figures that can be, and routes that end and give back."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from vein2vein.core.records import Faults
from vein2vein.core.refusals import N_
from vein2vein.engines.twin import model as m
from vein2vein.engines.twin import spreads
from vein2vein.engines.twin.calendars import DAYS, minutes
from vein2vein.engines.twin.following import check_route
from vein2vein.engines.twin.table import HOURS, RATES, SHARES

MOST_PATIENTS = 10_000_000


def check(model: m.Model) -> Faults:
    """Return every fault of a model; one without faults compiles and runs."""
    faults = Faults()
    if model.format != m.FORMAT:
        faults.add(
            "format", model.format, N_("this is not a model of the twin"), N_("write “%(format)s”"), format=m.FORMAT
        )
    for name, figure in model.figures.items():
        _check_figure(f"figures[{name}]", figure, faults)
    _check_spans(model, faults)
    _check_names(model, faults)
    for resource in model.resources:
        _check_resource(f"resources[{resource.name}]", resource, faults)
    for stock in model.stocks:
        _check_stock(f"stocks[{stock.name}]", stock, faults)
    if not faults:
        for place, demand in enumerate(model.demand):
            _check_demand(f"demand[{demand.name or place}]", model, demand, faults)
    return faults


def _check_spans(model: m.Model, faults: Faults) -> None:
    for name in ("days", "warm_up_days", "run_out_days"):
        value = getattr(model, name)
        if value < 0.0 or value > 36500.0 or (name == "days" and value == 0.0):
            faults.add(name, value, N_("this span cannot be simulated"), N_("write days, at most 36500"))
    total = sum(max(one.patients_per_year, 0.0) for one in model.demand) * (model.days + model.warm_up_days) / 365.0
    if total > MOST_PATIENTS:
        faults.add("demand", total, N_("these are more patients than can be simulated"), N_("simulate fewer days"))


def _check_names(model: m.Model, faults: Faults) -> None:
    lists: dict[str, tuple[m.Resource | m.Stock | m.Route | m.Demand, ...]] = {
        "resources": model.resources,
        "stocks": model.stocks,
        "routes": model.routes,
        "demand": model.demand,
    }
    for where, items in lists.items():
        seen = set[str]()
        for one in items:
            if not one.name or one.name in seen:
                faults.add(
                    f"{where}[{one.name}]", one.name, N_("this name is empty or used twice"), N_("give each its own")
                )
            seen.add(one.name)
    for shared in {one.name for one in model.resources} & {one.name for one in model.stocks}:
        faults.add(f"stocks[{shared}]", shared, N_("this name is empty or used twice"), N_("give each its own"))
    for where in ("routes", "demand"):
        if not lists[where]:
            faults.add(where, "", N_("nothing is to be simulated"), N_("add a route and a demand for it"))


def _check_figure(where: str, figure: m.Figure, faults: Faults) -> None:
    if figure.unit not in (HOURS | RATES | SHARES):
        known = ", ".join(HOURS | RATES | SHARES)
        faults.add(
            f"{where}.unit", figure.unit, N_("this unit is not known here"), N_("write one of: %(words)s"), words=known
        )
        return
    if figure.worth < 0.0:
        faults.add(f"{where}.worth", figure.worth, N_("this is below nothing"), N_("write 0 or more"))
    if isinstance(figure.value, float):
        most = 1.0 / SHARES[figure.unit] if figure.unit in SHARES else None
        if figure.value < 0.0 or (most is not None and figure.value > most):
            mend = N_("write a chance from 0 to 1, in per cent to 100; a duration or rate from 0 on")
            faults.add(f"{where}.value", figure.value, N_("this figure is out of its range"), mend)
        return
    if figure.unit not in HOURS:
        faults.add(
            f"{where}.unit",
            figure.unit,
            N_("what spreads is a duration"),
            N_("write one of: %(words)s"),
            words="h, d, min",
        )
    for name, value, mend in _wrong(figure.value):
        faults.add(f"{where}.value.{name}", value, N_("this figure is out of its range"), mend)


def _wrong(spread: spreads.Spread) -> Iterator[tuple[str, object, str]]:
    least, most = spread.at_least, spread.at_most
    for name, clip in (("at_least", least), ("at_most", most)):
        if clip is not None and clip < 0.0:
            yield name, clip, N_("a duration is never below nothing: write 0 or more")
    if least is not None and most is not None and least > most:
        yield "at_most", most, N_("write more than at_least")
    match spread:
        case spreads.Fixed(value=value) if value < 0.0:
            yield "value", value, N_("a duration is never below nothing: write 0 or more")
        case spreads.Uniform(low=low, high=high) if not 0.0 <= low <= high:
            yield "low", low, N_("write 0 ≤ low ≤ high")
        case spreads.Triangular(low=low, mode=mode, high=high) if not 0.0 <= low <= mode <= high:
            yield "mode", mode, N_("write 0 ≤ low ≤ mode ≤ high")
        case spreads.LogNormal(median=median, sigma=sigma) if median <= 0.0 or not 0.0 <= sigma <= 5.0:
            yield "median", f"{median}, {sigma}", N_("write a median above 0 and sigma from 0 to 5")
        case spreads.Exponential(mean=mean) if mean <= 0.0:
            yield "mean", mean, N_("write a mean above 0")
        case spreads.Empirical(values=values) if not values or min(values) < 0.0:
            yield "values", len(values), N_("write at least one value, none below 0")


def _check_resource(where: str, resource: m.Resource, faults: Faults) -> None:
    try:
        ZoneInfo(resource.zone)
    except (KeyError, ValueError, OSError):
        faults.add(
            f"{where}.zone", resource.zone, N_("this time zone is not known"), N_("write one, as in Asia/Shanghai")
        )
    if (
        resource.capacity < 0
        or min([0, *(one.capacity for one in resource.shifts), *(one.capacity for one in resource.closures)]) < 0
    ):
        faults.add(f"{where}.capacity", resource.capacity, N_("this is below nothing"), N_("write 0 or more"))
    if resource.capacity == 0 and not any(one.capacity > 0 for one in resource.shifts):
        mend = N_("give it a capacity, or shifts with one: whoever needs it would wait for ever")
        faults.add(f"{where}.capacity", resource.capacity, N_("this resource is never there"), mend)
    if resource.cost_per_hour < 0.0:
        faults.add(f"{where}.cost_per_hour", resource.cost_per_hour, N_("this is below nothing"), N_("write 0 or more"))
    for place, shift in enumerate(resource.shifts):
        try:
            fits = minutes(shift.begins) < minutes(shift.until)
        except ValueError:
            fits = False
        if not fits:
            mend = N_("write times as 08:00 and 20:00, the later one second; divide a night at 24:00")
            value = f"{shift.begins}–{shift.until}"
            faults.add(f"{where}.shifts[{place}]", value, N_("this is no shift"), mend)
        if not shift.days or set(shift.days) - set(DAYS):
            value, words = ", ".join(shift.days), ", ".join(DAYS)
            faults.add(
                f"{where}.shifts[{place}].days",
                value,
                N_("these are no days"),
                N_("write one of: %(words)s"),
                words=words,
            )


def _check_stock(where: str, stock: m.Stock, faults: Faults) -> None:
    if not stock.deliveries:
        faults.add(f"{where}.deliveries", "", N_("this stock never comes in"), N_("add a delivery"))
    for place, one in enumerate(stock.deliveries):
        if one.amount < 0 or one.day < 0.0:
            faults.add(f"{where}.deliveries[{place}]", one.amount, N_("this is below nothing"), N_("write 0 or more"))
    if stock.cost_each < 0.0:
        faults.add(f"{where}.cost_each", stock.cost_each, N_("this is below nothing"), N_("write 0 or more"))


def _check_demand(where: str, model: m.Model, demand: m.Demand, faults: Faults) -> None:
    route = next((one for one in model.routes if one.name == demand.route), None)
    if route is None:
        _unknown(f"{where}.route", demand.route, [one.name for one in model.routes], faults)
        return
    if demand.patients_per_year < 0.0 or demand.growth_per_year <= -1.0:
        value = f"{demand.patients_per_year}, {demand.growth_per_year}"
        mend = N_("write 0 patients or more, and a growth above -1")
        faults.add(f"{where}.patients_per_year", value, N_("this figure is out of its range"), mend)
    if demand.pattern not in {"poisson", "even"}:
        _unknown(f"{where}.pattern", demand.pattern, ["poisson", "even"], faults)
    known = {*model.figures, *(one.name for one in model.resources), *(one.name for one in model.stocks)}
    for name in demand.instead.values():
        if name not in known:
            _unknown(f"{where}.instead", name, sorted(known), faults)
    check_route(f"routes[{route.name}]", model, route, demand.instead, faults)


def _unknown(where: str, name: str, known: list[str], faults: Faults) -> None:
    message, mend = N_("there is no such thing here"), N_("write one of: %(words)s")
    faults.add(where, name, message, mend, words=", ".join(known)[:400])
