"""Learning figures from what was observed: every figure is worth so many observations, and the new ones join them.

Log-normal durations keep their form (courses still under way count as longer than they have lasted), exponential ones
and rates theirs, chances are counted (a Beta prior); every other duration becomes a table of quantiles in which the
old figure and what was observed are pooled.
"""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from vein2vein.core.records import Faults, parsed, read
from vein2vein.core.refusals import N_
from vein2vein.engines.twin import spreads
from vein2vein.engines.twin.draws import quantile
from vein2vein.engines.twin.model import Branch, Figure, Model, Operation, Together
from vein2vein.engines.twin.table import HOURS, RATES, SHARES, shaped

_NORMAL = NormalDist()
_ROUNDS, _QUANTILES = 30, 100
_LEAST_SIGMA = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One thing seen of a figure: how many hours it took, or whether it happened, or both for a rate.

    `running` says that it is not over: it took at least so many hours.
    """

    figure: str
    hours: float | None = None
    happened: bool | None = None
    running: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A figure before and after, and how many observations changed it."""

    figure: str
    before: Figure
    after: Figure
    observations: int


def observations_from_json(text: str) -> tuple[Observation, ...]:
    """Return the observations that a JSON list writes; raises `Refused` with every fault of form."""
    return read(_Observations, {"observations": parsed(text)}).observations


@dataclass(frozen=True, slots=True, kw_only=True)
class _Observations:
    observations: tuple[Observation, ...]


def learn(model: Model, observations: Iterable[Observation]) -> tuple[Model, tuple[Learnt, ...]]:
    """Return the model with its figures learnt, and what changed; raises `Refused` for what cannot be observed."""
    by_figure = defaultdict[str, list[Observation]](list)
    faults = Faults()
    for one in observations:
        by_figure[one.figure].append(one)
    for name, seen in by_figure.items():
        _check(model, name, seen, faults)
    faults.refuse_any()
    figures, learnt = dict(model.figures), []
    for name in sorted(by_figure):
        before = figures[name]
        after = learn_figure(before, by_figure[name])
        figures[name] = after
        learnt.append(Learnt(figure=name, before=before, after=after, observations=len(by_figure[name])))
    _keep_possible(model, figures)
    return dataclasses.replace(model, figures=figures), tuple(
        dataclasses.replace(one, after=figures[one.figure]) for one in learnt
    )


def _keep_possible(model: Model, figures: dict[str, Figure]) -> None:
    """Bring chances of one branch, learnt each for itself, back to certainty where they exceed it together."""
    branches = {one for route in model.routes for one in _branches(route.operations)}
    for demand in model.demand:
        for branch in branches:
            names = {demand.instead.get(one.figure, one.figure) for one in branch.chances}
            shares = [_share(figures[name]) for name in names if name in figures]
            if (total := math.fsum(shares)) > 1.0:
                for name in names:
                    value = _share(figures[name]) / SHARES[figures[name].unit] / total
                    figures[name] = dataclasses.replace(figures[name], value=value)


def _share(figure: Figure) -> float:
    return figure.value * SHARES[figure.unit] if isinstance(figure.value, float) and figure.unit in SHARES else 0.0


def _branches(operations: Sequence[Operation]) -> Iterator[Branch]:
    for one in operations:
        if isinstance(one, Branch):
            yield one
        elif isinstance(one, Together):
            for row in one.branches:
                yield from _branches(row)


def _check(model: Model, name: str, seen: Sequence[Observation], faults: Faults) -> None:
    where = f"observations[{name}]"
    if name not in model.figures:
        words = ", ".join(sorted(model.figures))[:400]
        faults.add(where, name, N_("there is no such thing here"), N_("write one of: %(words)s"), words=words)
        return
    unit = model.figures[name].unit
    for one in seen:
        timed = one.hours is not None and one.hours >= 0.0
        if not (timed if unit in HOURS else one.happened is not None and (unit in SHARES or timed)):
            mend = N_("give hours for a duration, “happened” for a chance, both for a rate")
            faults.add(where, str(one), N_("this does not say what the figure is about"), mend)
            return


def learn_figure(figure: Figure, seen: Sequence[Observation]) -> Figure:
    """Return a figure with observations of its kind pooled in; it is then worth as many more."""
    if not seen:
        return figure
    value = _value(figure, seen)
    source = f"{figure.source.split('; learnt from ')[0]}; learnt from {len(seen)} observations"
    return dataclasses.replace(figure, value=value, source=source, worth=figure.worth + len(seen))


def _value(figure: Figure, seen: Sequence[Observation]) -> float | spreads.Spread:
    value, worth = figure.value, figure.worth
    if figure.unit in SHARES and isinstance(value, float):
        scale = SHARES[figure.unit]
        happened = sum(bool(one.happened) for one in seen)
        return (worth * value * scale + happened) / (worth + len(seen)) / scale
    if figure.unit in RATES and isinstance(value, float):
        rate = value * RATES[figure.unit]
        exposed = math.fsum(one.hours or 0.0 for one in seen)
        happened = sum(bool(one.happened) for one in seen)
        known = worth / rate if rate > 0.0 else 0.0
        return (worth + happened) / (known + exposed) / RATES[figure.unit] if rate > 0.0 and exposed > 0.0 else value
    hours = [(one.hours or 0.0) / HOURS[figure.unit] for one in seen]
    running = [one.running for one in seen]
    if isinstance(value, spreads.LogNormal):
        return _lognormal(value, worth, hours, running)
    if isinstance(value, spreads.Exponential):
        over = running.count(False)
        return dataclasses.replace(value, mean=(worth * value.mean + math.fsum(hours)) / (worth + over))
    return _pooled(figure, [one for one, still in zip(hours, running, strict=True) if not still])


def _lognormal(
    value: spreads.LogNormal, worth: float, hours: Sequence[float], running: Sequence[bool]
) -> spreads.LogNormal:
    """Fit by expectation and maximisation: what is running, or clipped, counts with its expected logarithm."""
    floor = -math.inf if not value.at_least else math.log(value.at_least) + 1e-9
    seen = [(math.log(max(one, 1e-9)), still) for one, still in zip(hours, running, strict=True)]
    mean, sigma = math.log(value.median), max(value.sigma, _LEAST_SIGMA)
    prior_mean, prior_square = mean, sigma**2
    prior = max(worth, 1e-6)
    for _ in range(_ROUNDS):
        expected = [_expected(at, still, at <= floor, mean, sigma) for at, still in seen]
        total = prior + len(expected)
        new = (prior * prior_mean + math.fsum(one[0] for one in expected)) / total
        squares = math.fsum(one[1] - 2.0 * new * one[0] + new**2 for one in expected)
        spread = (prior * (prior_square + (prior_mean - new) ** 2 / (1.0 + len(expected) / prior)) + squares) / total
        done = abs(new - mean) < 1e-10
        mean, sigma = new, max(math.sqrt(max(spread, 0.0)), _LEAST_SIGMA)
        if done:
            break
    return dataclasses.replace(value, median=math.exp(mean), sigma=min(sigma, 5.0))


def _expected(at: float, still: bool, below: bool, mean: float, sigma: float) -> tuple[float, float]:
    """Return expected logarithm and its square, of one seen, one still running, or one that lies below a floor."""
    if not still and not below:
        return at, at * at
    z = (at - mean) / sigma
    part = 1.0 - _NORMAL.cdf(z) if still else _NORMAL.cdf(z)
    if part < 1e-12:
        return at, at * at
    pull = _NORMAL.pdf(z) / part
    first = mean + sigma * pull if still else mean - sigma * pull
    variance = sigma**2 * (1.0 + z * pull - pull**2) if still else sigma**2 * (1.0 - z * pull - pull**2)
    return first, max(variance, 0.0) + first**2


def _pooled(figure: Figure, hours: Sequence[float]) -> float | spreads.Spread:
    old = figure.value
    if not hours or (isinstance(old, float) and all(abs(one - old) < 1e-9 for one in hours)):
        return old
    draw = _quantile_of(figure)
    prior = max(round(figure.worth), 1)
    pooled = np.sort(np.array([*hours, *(draw((place + 0.5) / prior) for place in range(prior))]))
    shares = np.linspace(0.0, 1.0, _QUANTILES + 1) * (len(pooled) - 1)
    values = np.interp(shares, np.arange(len(pooled)), pooled)
    clips = (None, None) if isinstance(old, float) else (old.at_least, old.at_most)
    return spreads.Empirical(values=tuple(float(one) for one in values), at_least=clips[0], at_most=clips[1])


def _quantile_of(figure: Figure) -> Callable[[float], float]:
    row, scale = shaped(figure), HOURS[figure.unit]
    points = np.array(row.points or (0.0,))
    numbers = (0.0, float(len(row.points)), 0.0, 0.0, 0.0) if row.points else row.numbers

    def draw(share: float) -> float:
        return min(max(quantile(int(row.shape), *numbers, points, share), row.least), row.most) / scale

    return draw
