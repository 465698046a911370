"""Learning figures from what was observed: every figure is worth so many observations, and the new ones join them.

Chances are counted (a Beta prior), rates are learned from exposure. A duration becomes a table of quantiles that
predicts the next one: what was observed, smoothed, beside the old figure moved to where it was seen to lie, the wider
the less was seen. Courses still under way count as longer than they have lasted.
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
from vein2vein.engines.twin.table import HOURS, RATES, SHARES, Floats, shaped

_NORMAL = NormalDist()
_ROUNDS, _QUANTILES, _POINTS = 30, 200, 40
_LEAST, _LEAST_SPREAD = 1e-3, 0.05
_PLACE, _SHAPE = 0.2, 0.4
"""Which parts of a figure's worth its place and its form have: figures of elsewhere travel better in form."""
_UNSURE = 0.25
"""How far, as a logarithm, an assumed duration is off its place before anything was seen."""
_SMOOTH, _LEAST_WIDTH = 0.5, 0.01
_KERNEL = np.array([_NORMAL.inv_cdf((place + 0.5) / 5.0) for place in range(5)])
_STILL = 0.1
_FAR = np.array([0.5, 1.0, 1.5, 2.0])
"""Durations of a tenth of an observation, as logarithms beyond the middle: what stands still for no known reason."""


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
    hours = np.array([(one.hours or 0.0) / HOURS[figure.unit] for one in seen])
    running = np.array([one.running for one in seen])
    if isinstance(value, float) and np.all(np.abs(hours - value) < 1e-9):
        return value
    return _predicted(figure, hours[~running], hours[running])


def _predicted(figure: Figure, over: Floats, running: Floats) -> spreads.Spread:
    """Return how the next duration spreads: what was seen, smoothed, beside the old figure moved to where it lies.

    What is still running counts among the durations that are longer (Kaplan and Meier, by Efron's redistribution), a
    small part of the whole is a long tail of what stands still, and the less was seen the wider all of it is.
    """
    worth = max(figure.worth, 1.0)
    prior = np.log(np.maximum(_points_of(figure), _LEAST))
    seen = np.log(np.maximum(over, _LEAST))
    moved, unsure = _moved(prior, seen, np.log(np.maximum(running, _LEAST)), worth * _PLACE)
    old_at, old_weight = _smoothed(prior + moved, unsure, worth * _SHAPE)
    width = 0.0 if len(seen) < 2 else max(_SMOOTH * _scale(seen) * len(seen) ** -0.2, _LEAST_WIDTH)
    new_at, new_weight = _smoothed(seen, width if len(seen) > 1 else unsure, float(len(seen)))
    middle = float(np.median(np.concatenate([old_at, new_at])))
    far_at, far_weight = middle + _FAR, np.full(len(_FAR), _STILL / len(_FAR))
    at = np.exp(np.concatenate([old_at, new_at, far_at]))
    weight = np.concatenate([old_weight, new_weight, far_weight])
    order = np.argsort(at, kind="stable")
    at, weight = _beyond(at[order], weight[order], np.sort(running))
    shares = (np.cumsum(weight) - weight / 2.0) / weight.sum()
    values = np.interp(np.linspace(0.0, 1.0, _QUANTILES + 1), shares, at)
    return spreads.Empirical(values=tuple(float(one) for one in values), **_clips(figure, over))


def _clips(figure: Figure, over: Floats) -> dict[str, float | None]:
    """Return the bounds that what was seen has kept; one that was broken is none."""
    if isinstance(figure.value, float):
        return {"at_least": None, "at_most": None}
    least, most = figure.value.at_least, figure.value.at_most
    return {
        "at_least": None if least is None or np.any(over < least) else least,
        "at_most": None if most is None or np.any(over > most) else most,
    }


def _moved(prior: Floats, seen: Floats, running: Floats, worth: float) -> tuple[float, float]:
    """Return by how much the old figure's logarithm is moved, and how unsure its place still is."""
    middle, spread = float(prior.mean()), max(float(prior.std()), _LEAST_SPREAD)
    mean = middle
    for _ in range(_ROUNDS):
        beyond = [_expected_beyond(one, mean, spread) for one in running]
        new = (worth * middle + float(seen.sum()) + math.fsum(beyond)) / (worth + len(seen) + len(beyond))
        done = abs(new - mean) < 1e-9
        mean = new
        if done:
            break
    return mean - middle, _UNSURE * math.sqrt(worth / (worth + len(seen)))


def _expected_beyond(at: float, mean: float, spread: float) -> float:
    """Return the expected logarithm of what is beyond `at`, of a normal distribution."""
    z = (at - mean) / spread
    part = 1.0 - _NORMAL.cdf(z)
    return mean + spread * _NORMAL.pdf(z) / part if part > 1e-9 else at


def _scale(logs: Floats) -> float:
    """Return a robust standard deviation."""
    low, high = np.quantile(logs, (0.25, 0.75))
    return float(min(logs.std(), (high - low) / 1.349))


def _smoothed(logs: Floats, width: float, weight: float) -> tuple[Floats, Floats]:
    """Return each point spread over a normal kernel, all of them together of so much weight."""
    if not len(logs) or weight <= 0.0:
        return np.zeros(0), np.zeros(0)
    at = (logs[:, None] + width * _KERNEL[None, :]).ravel()
    return at, np.full(len(at), weight / len(at))


def _beyond(at: Floats, weight: Floats, running: Floats) -> tuple[Floats, Floats]:
    """Give the weight of each duration that still runs to those that are longer; where there are none, to a tail."""
    own = np.ones(len(running))
    for place, hours in enumerate(running):
        longer, runs_on = at > hours, own[place + 1 :]
        beyond = weight[longer].sum() + runs_on.sum()
        if beyond > 0.0:
            part = own[place] / beyond
            weight = weight * (1.0 + np.where(longer, part, 0.0))
            own[place + 1 :] = runs_on * (1.0 + part)
        else:
            at = np.concatenate([at, max(hours, _LEAST) * np.exp(_FAR / 4.0)])
            weight = np.concatenate([weight, np.full(len(_FAR), own[place] / len(_FAR))])
    return at, weight


def _points_of(figure: Figure) -> Floats:
    draw = _quantile_of(figure)
    return np.array([draw((place + 0.5) / _POINTS) for place in range(_POINTS)])


def _quantile_of(figure: Figure) -> Callable[[float], float]:
    row, scale = shaped(figure), HOURS[figure.unit]
    points = np.array(row.points or (0.0,))
    numbers = (0.0, float(len(row.points)), 0.0, 0.0, 0.0) if row.points else row.numbers

    def draw(share: float) -> float:
        return min(max(quantile(int(row.shape), *numbers, points, share), row.least), row.most) / scale

    return draw
