"""The form of a new order, made from the definition: its markers, washouts, arms, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vein2vein.core.ids import new_id
from vein2vein.engines.definitions import Definition
from vein2vein.orders.rules.eligibility import OTHER_CLASS

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DraftForm:
    """What a definition asks of an order, in one language: (id, words) pairs."""

    name: str
    statement: str
    dose_unit: str
    consent_version: str
    indications: tuple[Choice, ...]
    arms: tuple[Choice, ...]
    starting_materials: tuple[Choice, ...]
    markers: tuple[Choice, ...]
    washouts: tuple[Choice, ...]


def form_of(definition: Definition, language: str) -> DraftForm:
    """Return the form of a definition in a language."""
    therapy = definition.therapy
    return DraftForm(
        name=therapy.name.said_in(language),
        statement=therapy.statement.said_in(language),
        dose_unit=therapy.dose.unit,
        consent_version=therapy.eligibility.consent_version,
        indications=tuple((one.id, one.name.said_in(language)) for one in therapy.indications),
        arms=tuple(
            (one.id, f"{one.protocol} · {one.name.said_in(language)} · {one.amount}") for one in therapy.dose.arms
        ),
        starting_materials=tuple((one.id, one.name.said_in(language)) for one in therapy.starting_materials),
        markers=tuple((one.id, one.name.said_in(language)) for one in therapy.eligibility.virology),
        washouts=tuple((one.id, one.name.said_in(language)) for one in therapy.eligibility.washouts),
    )


def raw_arguments(definition: Definition, posted: Mapping[str, str]) -> dict[str, Any]:
    """Return draft_order's raw arguments: `virology.ID.result|on` and `washout.ID` fields become its lists."""
    plain = {name: value for name, value in posted.items() if "." not in name and not name.startswith(("_", "csrf"))}
    eligibility = definition.therapy.eligibility
    virology: list[dict[str, Any]] = [
        {"marker": one.id, "result": posted[f"virology.{one.id}.result"], "tested_on": posted[f"virology.{one.id}.on"]}
        for one in eligibility.virology
        if posted.get(f"virology.{one.id}.result") and posted.get(f"virology.{one.id}.on")
    ]
    classes = [*(one.id for one in eligibility.washouts), OTHER_CLASS]
    prior: list[dict[str, Any]] = [
        {"drug_class": one, "drug": posted.get(f"washout.{one}.drug", ""), "ended_on": posted[f"washout.{one}"]}
        for one in classes
        if posted.get(f"washout.{one}")
    ]
    prior += [{"drug_class": one, "ended_on": None} for one in classes if posted.get(f"washout.{one}.running")]
    return {
        **plain,
        "therapy_code": definition.therapy.id,
        "dose_unit": definition.therapy.dose.unit,
        "virology": virology,
        "prior_therapies": prior,
    }


def new_key() -> str:
    """Return a fresh idempotency key for a form."""
    return str(new_id())
