"""Small models made by chance, full of ties: whole hours, shifts that open on the hour, arrivals at equal gaps."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from vein2vein.core.records import read
from vein2vein.engines.twin.model import Model

RESOURCES, DAYS = ("suite", "operator", "analyst"), ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Json = dict[str, Any]


def spreads() -> st.SearchStrategy[Any]:
    whole = st.integers(0, 12).map(float)
    pair = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6)).map(sorted)
    return st.one_of(
        whole,
        whole,
        pair.map(lambda p: {"kind": "uniform", "low": p[0], "high": p[2]}),
        pair.map(lambda p: {"kind": "triangular", "low": p[0], "mode": p[1], "high": p[2]}),
        st.floats(1.0, 9.0).map(
            lambda m: {"kind": "lognormal", "median": m, "sigma": 0.5, "at_least": 1, "at_most": 20}
        ),
        st.floats(1.0, 9.0).map(lambda m: {"kind": "exponential", "mean": m}),
        st.lists(whole, min_size=1, max_size=5).map(lambda values: {"kind": "empirical", "values": values}),
    )


def shifts() -> st.SearchStrategy[list[Json]]:
    begins = st.integers(0, 11)
    one = st.tuples(begins, st.integers(12, 24), st.integers(1, 2), st.sampled_from([DAYS, DAYS[:5], DAYS[::2]]))
    made = one.map(
        lambda p: {"begins": f"{p[0]:02}:00", "until": f"{p[1]:02}:00", "capacity": p[2], "days": list(p[3])}
    )
    return st.lists(made, max_size=2)


@st.composite
def resources(draw: st.DrawFn) -> list[Json]:
    zones = st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin"])
    made: list[Json] = []
    for name in RESOURCES:
        one: Json = {"name": name, "capacity": draw(st.integers(1, 2)), "zone": draw(zones), "shifts": draw(shifts())}
        if draw(st.integers(0, 4)) == 0:
            one["closures"] = [{"first": "2026-01-06", "last": "2026-01-07", "capacity": draw(st.integers(0, 1))}]
        made.append(one)
    return made


class _Maker:
    """Makes rows of operations, with names and figures of their own."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.count = draw, 0
        self.figures: Json = {"often": {"value": 0.4, "unit": "1", "source": "-"}}

    def name(self) -> str:
        self.count += 1
        return f"o{self.count}"

    def figure(self, value: Any, unit: str = "h") -> str:
        name = f"f{len(self.figures)}"
        self.figures[name] = {"value": value, "unit": unit, "source": "-"}
        return name

    def delay(self) -> Json:
        using = self.draw(st.lists(st.sampled_from(RESOURCES), unique=True, max_size=2).map(sorted))
        working = self.draw(st.sampled_from([None, None, *RESOURCES]))
        name = self.figure(self.draw(spreads()))
        return {"kind": "delay", "name": self.name(), "figure": name, "using": using, "working": working, "cost": 1.5}

    def row(self, first: int, most: int, *, within: bool) -> list[Json]:
        made = [self.delay() for _ in range(first)]
        for _ in range(self.draw(st.integers(0, most))):
            made += self.part(within=within)
        return made

    def part(self, *, within: bool) -> list[Json]:
        kinds = ["delay", "back", "over", "since", "lost", "mark"] + ([] if within else ["take", "together", "held"])
        match self.draw(st.sampled_from(kinds)):
            case "back":
                again = self.delay()
                chance = {"figure": "often", "to": again["name"]}
                return [again, {"kind": "branch", "name": self.name(), "chances": [chance]}]
            case "over":
                over = {"kind": "mark", "name": self.name(), "milestone": "over"}
                chances = [{"figure": "often", "to": over["name"]}] * self.draw(st.integers(1, 2))
                return [{"kind": "branch", "name": self.name(), "chances": chances}, self.delay(), over]
            case "since" | "lost" as kind:
                over = {"kind": "mark", "name": self.name(), "milestone": "late"}
                what = "limit" if kind == "since" else "attrition"
                figure = self.figure(24.0) if kind == "since" else self.figure(0.5, "1/d")
                one = {"kind": what, "name": self.name(), "since": "out", "figure": figure, "to": over["name"]}
                return [one, self.delay(), over]
            case "mark":
                return [{"kind": "mark", "milestone": "over"}]
            case "take":
                return [{"kind": "take", "name": self.name(), "stock": "vector"}]
            case "together":
                return [{"kind": "together", "branches": [self.row(n, 2, within=True) for n in (1, 0, 1)]}]
            case "held":
                inner = [one for one in self.row(0, 2, within=True) if "suite" not in one.get("using", [])]
                if {"branch", "limit", "attrition"} & {one["kind"] for one in inner}:
                    inner = []
                return [
                    {"kind": "seize", "name": self.name(), "resource": "suite"},
                    *inner,
                    {"kind": "release", "resource": "suite"},
                ]
        return [self.delay()]


def _demand(draw: st.DrawFn, number: int, priority: int) -> Json:
    return {
        "name": f"d{number}{priority}",
        "market": "CN",
        "route": f"r{number}",
        "patients_per_year": draw(st.sampled_from([90.0, 365.0, 730.0])),
        "growth_per_year": draw(st.sampled_from([0.0, 0.0, 0.5, -0.3])),
        "pattern": draw(st.sampled_from(["even", "poisson"])),
        "priority": priority,
    }


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Give a model that has no faults: at most some forty courses in three weeks."""
    maker = _Maker(draw)
    routes, demand = [], []
    for number in range(draw(st.integers(1, 2))):
        body = maker.row(1, 5, within=False)
        ends: list[Json] = [{"kind": "mark", "milestone": "in"}, {"kind": "end", "outcome": "infused"}]
        routes.append({"name": f"r{number}", "operations": [{"kind": "mark", "milestone": "out"}, *body, *ends]})
        priorities = draw(st.lists(st.integers(1, 3), min_size=1, max_size=2, unique=True))
        demand += [_demand(draw, number, priority) for priority in priorities]
    raw = {
        "name": "small",
        "starts_at": draw(st.sampled_from(["2026-01-05T00:00:00+00:00", "2026-03-26T09:30:00+08:00"])),
        "days": 14,
        "warm_up_days": 2,
        "run_out_days": 5,
        "vein_out": "out",
        "vein_in": "in",
        "figures": maker.figures,
        "resources": draw(resources()),
        "stocks": [
            {"name": "vector", "deliveries": [{"day": 0, "amount": 6}, {"day": 7, "amount": 9}], "cost_each": 7}
        ],
        "routes": routes,
        "demand": demand,
    }
    return read(Model, raw)
