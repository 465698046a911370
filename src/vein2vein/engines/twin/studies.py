"""What-if studies: a model and named changes to it, compared on the same luck, with what can be said for certain.

A study is data and its result follows from it alone: replications of all variants share their random numbers, so
that differences are paired, and the digest of the study names the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from vein2vein.core.records import Faults, digest, parsed, read, text_of
from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.engines.twin.changes import changed
from vein2vein.engines.twin.model import Model
from vein2vein.engines.twin.models import checked
from vein2vein.engines.twin.outcomes import BASE, STUDY, Estimate, Outcome, Study, StudyResult, Variant
from vein2vein.engines.twin.sweeps import Finished, Progress, Swept, interval, sweep
from vein2vein.engines.twin.workers import Workers

__all__ = [
    "BASE",
    "STUDY",
    "Estimate",
    "Outcome",
    "Study",
    "StudyResult",
    "Variant",
    "checked_study",
    "result_to_json",
    "run_study",
    "study_from_json",
    "study_to_json",
]


def study_from_json(text: str) -> Study:
    """Return the study that a JSON text writes, every variant tried; raises `Refused` with every fault."""
    return checked_study(read(Study, parsed(text)))


def study_to_json(study: Study) -> str:
    """Return the one JSON text of a study."""
    return text_of(study)


def result_to_json(result: StudyResult) -> str:
    """Return the one JSON text of a study's result."""
    return text_of(result)


def checked_study(study: Study) -> Study:
    """Return the study; raises `Refused` when its base, a name or a variant's changes have faults."""
    faults = Faults()
    if study.format != STUDY:
        faults.add("format", study.format, N_("this is not a study"), N_("write “%(format)s”"), format=STUDY)
    names = [BASE, *(one.name for one in study.variants)]
    for name in {one for one in names if not one or names.count(one) > 1}:
        faults.add(f"variants[{name}]", name, N_("this name is empty or used twice"), N_("give each its own"))
    faults.refuse_any()
    checked(study.base)
    for variant in study.variants:
        _model(study, variant)
    return study


def _model(study: Study, variant: Variant) -> Model:
    try:
        return changed(study.base, variant.changes)
    except Refused as refused:
        raise Refused([_within(variant.name, one) for one in refused.blockers]) from None


def _within(name: str, one: Blocker) -> Blocker:
    return Blocker(one.code, one.message, f"variants[{name}]: {one.field}", one.value, one.mend, one.params)


def run_study(
    study: Study,
    *,
    workers: Workers | None = None,
    finished: Finished | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> StudyResult:
    """Return what the study finds; the same study gives the same result, whoever does the work."""
    models = {BASE: study.base, **{one.name: _model(study, one) for one in checked_study(study).variants}}
    everything = study.replications * len(models)
    swept: dict[str, Swept] = {}
    for name, model in models.items():
        before = study.replications * len(swept)

        def told(done: int, _: int, before: int = before) -> None:
            if on_progress is not None:
                on_progress(before + done, everything)

        swept[name] = sweep(
            model,
            seed=study.seed,
            replications=study.replications,
            workers=workers,
            finished=finished,
            on_progress=told,
            cancelled=cancelled,
        )
    outcomes = tuple(_outcome(name, models[name], swept[name], swept[BASE]) for name in models)
    return StudyResult(study=digest(study), seed=study.seed, replications=study.replications, outcomes=outcomes)


def _outcome(name: str, model: Model, found: Swept, base: Swept) -> Outcome:
    measures = {one: _estimate(interval(found.values[:, place])) for place, one in enumerate(found.names)}
    differences = {}
    for place, one in enumerate(found.names):
        if name != BASE and one in base.names:
            paired = found.values[:, place] - base.values[:, base.names.index(one)]
            differences[one] = _estimate(interval(paired), difference=True)
    waits = {one: made.mean or 0.0 for one, made in measures.items() if one.startswith("queue_d[")}
    longest = max(waits, key=lambda one: waits[one], default="")
    bottleneck = longest[len("queue_d[") : -1] if longest and waits[longest] > 0.0 else ""
    return Outcome(name=name, model=digest(model), bottleneck=bottleneck, measures=measures, differences=differences)


def _estimate(found: tuple[float, float, float], *, difference: bool = False) -> Estimate:
    mean, low, high = (one if math.isfinite(one) else None for one in found)
    clear = difference and low is not None and high is not None and (low > 0.0 or high < 0.0)
    return Estimate(mean=mean, low=low, high=high, clear=clear)
