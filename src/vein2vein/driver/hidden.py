"""Demonstration years whose true figures are hidden: each span and chance of `figures.py` moved by luck.

The twin is told nothing of it and has to learn what is so from the journal; how well it does is what
`./vein2vein forecast score` measures.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vein2vein.driver import figures
from vein2vein.driver.draws import Draws, LogNormal, Triangular, Uniform

SPAN, CHANCE = (0.8, 1.25), (0.6, 1.6)
"""By how much spans and chances are multiplied, at the least and at the most."""
SLOWER = {"COMPENDIAL_RELEASE_TESTS", "RAPID_RELEASE_TESTS", "RELEASE_TO_INFUSION", "ORDER_BEFORE_COLLECTION"}
"""Spans that only get longer: what they last at least is said by a definition or a gate."""
LEFT = {"ORDERS_A_DAY", "NEXT_ORDER", "WAIT_SHARE", "LUPUS_SHARE", "FROZEN_MATERIAL"}
"""What is no course of things: who orders, and shares of a span that a definition gives."""


@contextmanager
def hidden(seed: int | None) -> Iterator[None]:
    """Let the driver's figures be others than those of `figures.py`, moved by luck from a seed; None moves nothing."""
    if seed is None:
        yield
        return
    kept = {name: value for name, value in vars(figures).items() if name.isupper() and name not in LEFT | {"DAY"}}
    draws = Draws(seed, 0)
    try:
        for name in sorted(kept):
            setattr(figures, name, _moved(name, kept[name], draws))
        yield
    finally:
        for name, value in kept.items():
            setattr(figures, name, value)


def _moved(name: str, value: Any, draws: Draws) -> Any:
    """Return a figure moved: spans keep their form, floors stand, chances stay below certainty."""
    low, high = SPAN if not isinstance(value, float | dict) else CHANCE
    share = draws.share(name)
    if name in SLOWER:
        low = 1.0
    by = low * (high / low) ** share
    match value:
        case Triangular(low=first, mode=mode, high=last):
            return Triangular(first * by, mode * by, last * by)
        case Uniform(low=first, high=last):
            return Uniform(first * by, last * by)
        case LogNormal(median=median):
            return dataclasses.replace(value, median=median * by)
        case float():
            return min(value * by, 0.95)
        case dict():
            return {key: min(chance * by, 0.95) for key, chance in value.items()}
    return value
