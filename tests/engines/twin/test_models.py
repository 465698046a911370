"""Models come and go as JSON unchanged, and whatever is wrong with one is said with field, value and mend."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.twin.small import models
from vein2vein.core.records import digest, plain, read
from vein2vein.core.refusals import Refused
from vein2vein.engines.twin import base_model, model_from_json, model_to_json
from vein2vein.engines.twin.checking import check
from vein2vein.engines.twin.figures import STARTING
from vein2vein.engines.twin.model import Model

Json = dict[str, Any]


def base() -> Json:
    made: Json = plain(base_model(100.0))
    return made


def test_the_base_comes_back_unchanged() -> None:
    model = base_model()
    assert model_from_json(model_to_json(model)) == model
    assert digest(model_from_json(model_to_json(model))) == digest(model)


@given(model=models())
@settings(max_examples=30, deadline=None)
def test_any_model_comes_back_unchanged(model: Model) -> None:
    assert model_from_json(model_to_json(model)) == model


def test_every_starting_figure_says_where_it_is_from() -> None:
    for name, figure in STARTING.items():
        assert len(figure.source) > 10, name


def at(raw: Any, path: str) -> tuple[Any, Any]:
    """Return the container and key of a place such as `resources.operator.capacity`."""
    *way, last = path.split(".")
    for one in way:
        raw = (
            raw[one]
            if isinstance(raw, dict)
            else next(item for item in raw if item.get("name", item.get("kind")) == one)
        )
    return raw, last


WRONG: list[tuple[str, Any, str, str]] = [
    ("figures.apheresis.value.low", -1, "figures[apheresis].value.mode", "out of its range"),
    ("figures.apheresis.value.low", "3", "figures[apheresis].value.low", "not a number"),
    ("figures.terminated.value", 140, "figures[terminated].value", "out of its range"),
    ("figures.terminated.unit", "percent", "figures[terminated].unit", "unit is not known"),
    ("figures.culture.unit", "%", "figures[culture].unit", "what spreads is a duration"),
    ("figures.culture.value.kind", "normal", "figures[culture].value.kind", "kind is not known"),
    ("resources.suite.capacity", 0, "resources[suite].capacity", "never there"),
    ("resources.suite.capacity", 2.5, "resources[suite].capacity", "whole number"),
    ("resources.suite.capacity", -2, "resources[suite].capacity", "below nothing"),
    ("resources.suite.zone", "Asia/Lingang", "resources[suite].zone", "time zone"),
    (
        "resources.analyst.shifts",
        [{"days": ["mon"], "begins": "20:00", "until": "06:00", "capacity": 1}],
        "",
        "no shift",
    ),
    (
        "resources.analyst.shifts",
        [{"days": ["day"], "begins": "20:00", "until": "24:00", "capacity": 1}],
        "",
        "no days",
    ),
    ("stocks.vector.deliveries", [], "stocks[vector].deliveries", "never comes in"),
    ("demand.CN lupus.route", "moon", "demand[CN lupus].route", "no such thing"),
    ("demand.CN lupus.instead.oos", "oos_gout", "demand[CN lupus].instead", "no such thing"),
    ("demand.CN lupus.patients_per_year", -5, "demand[CN lupus].patients_per_year", "out of its range"),
    ("demand", [], "demand", "nothing is to be simulated"),
    ("days", 0, "days", "span cannot be simulated"),
    ("starts_at", "2026-01-05T00:00:00", "starts_at", "not a time"),
    ("colour", "red", "colour", "key is not known"),
    ("format", "vein2vein twin 9", "format", "not a model"),
    ("routes.domestic.operations.setup.figure", "set_up", "routes[domestic].setup", "no such thing"),
    ("routes.domestic.operations.setup.name", "", "routes[domestic].delay", "needs a name"),
    ("routes.domestic.operations.setup.using", ["operator", "operator"], "routes[domestic].setup", "seized twice"),
    ("routes.domestic.operations.setup.using", ["suite"], "routes[domestic].setup", "seized twice"),
    ("routes.domestic.operations.setup.name", "culture", "routes[domestic].culture", "used twice"),
    ("routes.domestic.operations.tests.branches", [], "routes[domestic].tests", "cannot run together"),
    ("routes.domestic.operations.conformity.chances", [{"figure": "oos", "to": "nowhere"}], "", "no such operation"),
    ("routes.domestic.operations.patient_lost", {"kind": "go", "to": "again"}, "", "no way leads here"),
    ("routes.domestic.operations.patient_lost.outcome", 7, "", "not of the kind"),
    ("routes.domestic.operations.attrition.since", "aphaeresis", "routes[domestic].attrition", "never marked"),
    ("vein_in", "infused", "vein_in: routes[domestic]", "never marked"),
    ("infused", "cured", "infused: routes[domestic]", "no way ends"),
    ("demand.CN lupus.instead", {"ooos": "oos_lupus"}, "instead: routes[domestic]", "names nothing"),
]


@pytest.mark.parametrize(("path", "value", "field", "message"), WRONG)
def test_what_is_wrong_is_said(path: str, value: Any, field: str, message: str) -> None:
    raw = base()
    if path.endswith("patient_lost"):
        raw["routes"][0]["operations"] += [value | {"name": "more"}]
    else:
        container, key = at(raw, path)
        container[key] = value
    with pytest.raises(Refused) as refused:
        model_from_json(json.dumps(raw))
    found = [one for one in refused.value.blockers if message in str(one)]
    assert found, [str(one) for one in refused.value.blockers]
    assert field in found[0].field
    assert all(one.mend for one in refused.value.blockers)


def route(*operations: Json) -> Json:
    raw = base()
    raw["routes"] = [{"name": "domestic", "operations": [OUT, IN, *operations]}]
    raw["demand"] = [one | {"route": "domestic", "instead": {}} for one in raw["demand"][:1]]
    return raw


SUITE: Json = {"kind": "seize", "name": "s", "resource": "suite"}
BACK: Json = {"kind": "release", "resource": "suite"}
OUT: Json = {"kind": "mark", "milestone": "apheresis"}
IN: Json = {"kind": "mark", "milestone": "infusion"}
END: Json = {"kind": "end", "outcome": "infused"}
COIN: Json = {"kind": "branch", "name": "coin", "chances": [{"figure": "oos_given", "to": "here"}]}


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([SUITE, END], "still held at the end"),
        ([BACK, END], "released and not held"),
        ([SUITE, {**SUITE, "name": "again"}, BACK, END], "seized twice"),
        (
            [COIN, {"kind": "go", "to": "later"}, {**END, "name": "here"}, {**IN, "name": "later"}],
            "stops without an end",
        ),
        ([COIN, SUITE, {"kind": "mark", "name": "here", "milestone": "x"}, END], "by another not"),
        ([{"kind": "go", "name": "here", "to": "here"}, END], "goes round for ever"),
        ([END, END], "no way leads here"),
        ([{"kind": "together", "name": "t", "branches": [[SUITE], [BACK]]}, END], "still held"),
        ([{"kind": "together", "name": "t", "branches": [[END]]}, END], "cannot end while"),
        (
            [{"kind": "limit", "since": "infusion", "figure": "culture", "to": "here"}, {**END, "name": "here"}],
            "another kind",
        ),
        ([{**COIN, "chances": COIN["chances"] * 3}, {**END, "name": "here"}], "more than certain"),
    ],
)
def test_a_route_that_cannot_be_is_refused(operations: list[Json], message: str) -> None:
    with pytest.raises(Refused, match=message):
        model_from_json(json.dumps(route(*operations)))


@pytest.mark.parametrize("text", ["", "[", "{}", "[]", "null", "7", '"x"', '{"name": NaN}', "[" * 100_000])
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        model_from_json(text)


@given(
    raw=st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(plain(base_model()))), inner)
        ),
        max_leaves=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_no_json_breaks_the_reader(raw: Any) -> None:
    with pytest.raises(Refused):
        read(Model, raw)


def test_a_checked_model_has_no_faults() -> None:
    assert list(check(base_model())) == []
