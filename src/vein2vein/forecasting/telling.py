"""What a sweep comes to, in lines that people read."""

from __future__ import annotations

import math
from collections.abc import Iterator

from vein2vein.engines.twin import Model
from vein2vein.engines.twin.outcomes import Estimate, StudyResult
from vein2vein.engines.twin.sweeps import Swept, interval

_FIRST = (
    ("patients", "patients", 1),
    ("infused", "infused", 1),
    ("lost", "lost", 1),
    ("unfinished", "not ended when the simulation did", 1),
    ("waiting_d_mean", "waiting in queues, mean (d)", 2),
    ("waiting_d_p90", "waiting in queues, nine of ten below (d)", 2),
    ("vein_to_vein_d_p10", "vein to vein, one of ten below (d)", 1),
    ("vein_to_vein_d_p50", "vein to vein, median (d)", 1),
    ("vein_to_vein_d_p90", "vein to vein, nine of ten below (d)", 1),
    ("arrival_to_infusion_d_p50", "order to infusion, median (d)", 1),
    ("cost_per_dose", "cost of a dose", 0),
)


def told(model: Model, found: Swept) -> Iterator[tuple[str, str]]:
    """Yield lines (name, value with its 95 % interval), and titles (value empty)."""
    means = {name: interval(found.values[:, place]) for place, name in enumerate(found.names)}
    for name, title, places in _FIRST:
        yield title, _value(means[name], places)
    yield "how courses ended", ""
    for name, value in means.items():
        if name.startswith("outcome["):
            yield name[len("outcome[") : -1], _value(value, 1)
    yield "used, of open hours", ""
    for one in model.resources:
        mean, low, high = means[f"utilisation[{one.name}]"]
        yield one.name, _value((100 * mean, 100 * low, 100 * high), 1, " %")
    queues = {name: value for name, value in means.items() if name.startswith("queue_d[")}
    longest = max(queues, key=lambda one: queues[one][0], default="")
    yield "bottleneck", ""
    if longest and queues[longest][0] > 0.0:
        yield longest[len("queue_d[") : -1], f"{_value(queues[longest], 1)} patient-days waited a year"
    else:
        yield "none", "nobody waits"


def _value(value: tuple[float, float, float], places: int, unit: str = "") -> str:
    mean, low, high = value
    if math.isnan(mean):
        return "–"
    if not math.isfinite(low):
        return f"{mean:,.{places}f}{unit}"
    return f"{mean:,.{places}f}{unit}  ({low:,.{places}f} – {high:,.{places}f})"


_OF_A_STUDY = (
    ("waiting_d_mean", "waiting in queues, mean (d)", 1.0, 2),
    ("vein_to_vein_d_p50", "vein to vein, median (d)", 1.0, 1),
    ("lost_share", "patients lost (%)", 100.0, 1),
    ("infused", "infused of a year's patients", 1.0, 0),
    ("cost_per_dose", "cost of a dose", 1.0, 0),
)


def told_of(result: StudyResult) -> Iterator[tuple[str, str]]:
    """Yield lines of what a study found: each variant with its difference to the base on the same luck."""
    for outcome in result.outcomes:
        yield f"{outcome.name} (bottleneck: {outcome.bottleneck or 'none'})", ""
        for name, title, scale, places in _OF_A_STUDY:
            one, apart = outcome.measures.get(name), outcome.differences.get(name)
            if one is None or one.mean is None:
                continue
            text = _scaled(one, scale, places)
            if apart is not None and apart.mean is not None:
                sure = "" if apart.clear else ", not certain"
                text += f"   {apart.mean * scale:+,.{places}f}{sure}"
            yield title, text


def _scaled(one: Estimate, scale: float, places: int) -> str:
    low, high = (-math.inf if one.low is None else one.low), (math.inf if one.high is None else one.high)
    return _value(((one.mean or 0.0) * scale, low * scale, high * scale), places)
