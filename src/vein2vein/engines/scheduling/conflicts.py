"""Why there is no plan: the smallest set of batches that cannot be planned together, and what binds them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.engines.scheduling.compiled.layout import lay_out
from vein2vein.engines.scheduling.problem import Batch, Calendar, SchedulingProblem
from vein2vein.engines.scheduling.proving import exists
from vein2vein.engines.scheduling.reading import problem_blockers
from vein2vein.engines.scheduling.solving import first_plan

MANY = 1_000
_MEND = N_("Give one of them more time, or more of what is named; every other batch can be planned beside them")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Batches of which all but any one can be planned together, and what would help, each alone.

    `proven` says whether the impossibility is proven; else no plan was found within the time.
    """

    batches: tuple[str, ...]
    binding: tuple[Blocker, ...]
    irreducible: bool
    proven: bool


def explain(problem: SchedulingProblem, *, seconds: float = 20.0) -> list[Blocker]:
    """Return in sentences why there is no plan; an empty list where there is one.

    First what has no meaning in the problem, then an irreducible conflict where it can be had within `seconds`.
    """
    found = problem_blockers(problem)
    if found:
        return found
    conflict = conflict_of(problem, seconds=seconds)
    return [] if conflict is None else list(conflict.binding)


def conflict_of(problem: SchedulingProblem, *, seconds: float = 20.0) -> Conflict | None:
    """Return why a problem without faults has no plan; None where it has one."""
    until = time.monotonic() + seconds
    asked = _Asked(problem, until)
    if asked.can(problem.batches) is not False:
        return None
    kept = asked.begun
    free = [one for one in problem.batches if one.code not in kept]
    alone = next((one for one in free if asked.can((one,)) is False), None)
    core = [alone] if alone is not None else asked.reduced(free)
    chosen = replace(problem, batches=tuple(one for one in problem.batches if one in core or one.code in kept))
    binding = tuple(_binding(chosen, tuple(one.code for one in core), asked))
    return Conflict(tuple(one.code for one in core), binding, not asked.unsure, not asked.unsure)


class _Asked:
    """Whether some batches can be planned, beside all that has begun; asked within a time."""

    def __init__(self, problem: SchedulingProblem, until: float) -> None:
        self.problem, self.until = problem, until
        self.begun = {one.batch for one in problem.fixed}
        self.unsure = False

    def can(self, batches: Iterable[Batch]) -> bool | None:
        """Say whether these can be planned together; None: not known within the time."""
        codes = {one.code for one in batches} | self.begun
        return self.is_possible(_only(self.problem, codes))

    def is_possible(self, problem: SchedulingProblem) -> bool | None:
        """Say whether a problem has a plan; None: not known within the time."""
        try:
            first_plan(lay_out(problem))
        except Refused:
            left = self.until - time.monotonic()
            answer = exists(problem, seconds=left) if left > 0 else None
            self.unsure |= answer is None
            return answer
        return True

    def reduced(self, batches: list[Batch]) -> list[Batch]:
        """Leave out, part by part, what the conflict does not need (deletion filter)."""
        core, size = list(batches), max(1, len(batches) // 2)
        while size:
            start = 0
            while start < len(core):
                fewer = core[:start] + core[start + size :]
                if fewer and self.can(fewer) is False:
                    core = fewer
                else:
                    start += size
            size //= 2
        return core


def _only(problem: SchedulingProblem, codes: set[str]) -> SchedulingProblem:
    return replace(
        problem,
        batches=tuple(one for one in problem.batches if one.code in codes),
        fixed=tuple(one for one in problem.fixed if one.batch in codes),
        previous=tuple(one for one in problem.previous if one.batch in codes),
    )


def _binding(problem: SchedulingProblem, core: tuple[str, ...], asked: _Asked) -> Iterator[Blocker]:
    """Yield what, let go alone, would let these batches be planned."""
    problem = _only(problem, {one.code for one in problem.batches})
    found = False
    for message, value, let_go in _relaxations(problem):
        if asked.is_possible(let_go(problem)):
            found = True
            yield _sentence(message, core, value)
    if not found:
        message = N_("%(batches)s cannot be planned together; no single limit or resource is the only reason")
        yield _sentence(message, core, "")


Relaxation = tuple[str, str, Callable[[SchedulingProblem], SchedulingProblem]]


def _relaxations(problem: SchedulingProblem) -> Iterator[Relaxation]:
    yield (
        N_("%(batches)s cannot be planned together by the patients' limits"),
        "latest_min",
        lambda one: replace(one, batches=tuple(replace(each, latest_min=None) for each in one.batches)),
    )
    yield (
        N_("%(batches)s cannot keep their longest waits and shelf lives together"),
        "limits",
        lambda one: replace(one, batches=tuple(replace(each, waives_limits=True) for each in one.batches)),
    )
    for kind in sorted({one.kind for one in problem.resources}):
        yield N_("%(batches)s need more of %(what)s than there is"), kind, _with_more(kind)
        yield N_("%(batches)s need %(what)s at times when it is closed"), kind, _with_open(kind)
    for material in sorted({one.material for one in problem.lots}):
        yield N_("%(batches)s need more of %(what)s than there is in date"), material, _with_lots(material)
    yield (
        N_("%(batches)s cannot end within the horizon"),
        "horizon_min",
        lambda one: replace(one, horizon_min=2 * one.horizon_min),
    )


def _with_more(kind: str) -> Callable[[SchedulingProblem], SchedulingProblem]:
    def let_go(problem: SchedulingProblem) -> SchedulingProblem:
        more = (replace(one, capacity=MANY) if one.kind == kind else one for one in problem.resources)
        return replace(problem, resources=tuple(more))

    return let_go


def _with_open(kind: str) -> Callable[[SchedulingProblem], SchedulingProblem]:
    def let_go(problem: SchedulingProblem) -> SchedulingProblem:
        always = "always " + "".join(one.code for one in problem.calendars)
        opened = (replace(one, calendar=always) if one.kind == kind else one for one in problem.resources)
        return replace(problem, resources=tuple(opened), calendars=(*problem.calendars, Calendar(code=always)))

    return let_go


def _with_lots(material: str) -> Callable[[SchedulingProblem], SchedulingProblem]:
    def let_go(problem: SchedulingProblem) -> SchedulingProblem:
        lots = (
            replace(one, quantity=one.quantity + 10**6, usable_from_min=0, expires_min=None)
            if one.material == material
            else one
            for one in problem.lots
        )
        return replace(problem, lots=tuple(lots))

    return let_go


def _sentence(message: str, core: tuple[str, ...], value: str) -> Blocker:
    params = {"batches": ", ".join(core)[:400], "what": value}
    return Blocker("scheduling.conflict", message, "batches", value, _MEND, params)
