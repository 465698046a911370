"""Problems as files, and everything that keeps one from having a meaning, by field, value and mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from vein2vein.core import canonical, records
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.engines.scheduling.problem import (
    FORMAT,
    WEEK_MIN,
    Batch,
    Calendar,
    Operation,
    Placed,
    Recipe,
    SchedulingProblem,
)

LONGEST_HORIZON_MIN = 10 * 366 * 24 * 60
_MEND = N_("Correct this value in the problem")


def problem_from_json(text: str) -> SchedulingProblem:
    """Read a problem; raises `Refused` naming place, value and mend of what is wrong."""
    problem = records.read_file(SchedulingProblem, text, FORMAT)
    refuse_any(problem_blockers(problem))
    return problem


def problem_to_json(problem: SchedulingProblem) -> str:
    """Return the problem as canonical JSON text."""
    return canonical.dumps({"format": FORMAT, **canonical.plain(problem)})


def problem_blockers(problem: SchedulingProblem) -> list[Blocker]:
    """Return everything in the problem that has no meaning, whoever plans it."""
    found = [*_times(problem), *_repeated(problem), *_unknown(problem)]
    if found:
        return found
    return [*_recipes(problem), *_fixed(problem)]


def _fault(message: str, where: str, value: object, **params: object) -> Blocker:
    said = {name: str(one) for name, one in params.items()}
    return Blocker("scheduling.problem", message, where, str(value)[:80], _MEND, said)


def _least(where: str, value: int | None, least: int) -> Iterator[Blocker]:
    if value is not None and value < least:
        yield _fault(N_("This number is %(least)s at least"), where, value, least=least)


def _times(problem: SchedulingProblem) -> Iterator[Blocker]:
    yield from _least("horizon_min", problem.horizon_min, 1)
    if problem.horizon_min > LONGEST_HORIZON_MIN:
        yield _fault(N_("A horizon is ten years at most"), "horizon_min", problem.horizon_min)
    yield from _least("now_min", problem.now_min, 0)
    yield from _least("frozen_until_min", problem.frozen_until_min, problem.now_min)
    yield from _least("move_cost", problem.move_cost, 0)
    for index, calendar in enumerate(problem.calendars):
        yield from _calendar(f"calendars[{index}]", calendar)
    for index, resource in enumerate(problem.resources):
        yield from _least(f"resources[{index}].capacity", resource.capacity, 0)
        yield from _least(f"resources[{index}].cents_per_hour", resource.cents_per_hour, 0)
    for index, lot in enumerate(problem.lots):
        yield from _least(f"lots[{index}].quantity", lot.quantity, 0)
        yield from _least(f"lots[{index}].usable_from_min", lot.usable_from_min, 0)
    for index, recipe in enumerate(problem.recipes):
        if not recipe.operations:
            yield _fault(N_("A recipe has one operation at least"), f"recipes[{index}].operations", recipe.code)
        for number, operation in enumerate(recipe.operations):
            yield from _operation(f"recipes[{index}].operations[{number}]", operation)
        for number, limit in enumerate(recipe.limits):
            yield from _least(f"recipes[{index}].limits[{number}].most_min", limit.most_min, 0)
    for index, batch in enumerate(problem.batches):
        yield from _batch(f"batches[{index}]", batch)


def _calendar(where: str, calendar: Calendar) -> Iterator[Blocker]:
    for number, (first, last) in enumerate(calendar.weekly):
        if not 0 <= first < last <= first + WEEK_MIN or first >= WEEK_MIN:
            message = N_("A window begins within the week, ends after it begins, and is a week long at most")
            yield _fault(message, f"{where}.weekly[{number}]", (first, last))
    for number, (first, last) in enumerate(calendar.closed):
        if not 0 <= first <= last:
            yield _fault(N_("A closure ends after it begins"), f"{where}.closed[{number}]", (first, last))


def _operation(where: str, operation: Operation) -> Iterator[Blocker]:
    yield from _least(f"{where}.duration_min", operation.duration_min, 0)
    yield from _least(f"{where}.wait_least_min", operation.wait_least_min, 0)
    yield from _least(f"{where}.wait_most_min", operation.wait_most_min, operation.wait_least_min)
    for number, use in enumerate(operation.uses):
        yield from _least(f"{where}.uses[{number}].from_min", use.from_min, 0)
        yield from _least(f"{where}.uses[{number}].to_min", use.to_min, use.from_min + 1)
        yield from _least(f"{where}.uses[{number}].units", use.units, 1)
    for number, draw in enumerate(operation.draws):
        yield from _least(f"{where}.draws[{number}].quantity", draw.quantity, 1)


def _batch(where: str, batch: Batch) -> Iterator[Blocker]:
    yield from _least(f"{where}.ready_min", batch.ready_min, 0)
    yield from _least(f"{where}.weight", batch.weight, 0)
    yield from _least(f"{where}.late_weight", batch.late_weight, 0)
    for number, one in enumerate(batch.took):
        yield from _least(f"{where}.took[{number}].duration_min", one.duration_min, 0)


def _repeated(problem: SchedulingProblem) -> Iterator[Blocker]:
    groups: dict[str, Iterable[object]] = {
        "calendars": (one.code for one in problem.calendars),
        "resources": (one.code for one in problem.resources),
        "lots": (one.code for one in problem.lots),
        "recipes": (one.code for one in problem.recipes),
        "batches": (one.code for one in problem.batches),
        "fixed": ((one.batch, one.operation) for one in problem.fixed),
        "previous": ((one.batch, one.operation) for one in problem.previous),
    }
    for index, recipe in enumerate(problem.recipes):
        groups[f"recipes[{index}].operations"] = (one.code for one in recipe.operations)
    for where, codes in groups.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield _fault(N_("This stands there twice"), where, code)


def _unknown(problem: SchedulingProblem) -> Iterator[Blocker]:
    calendars = {one.code for one in problem.calendars}
    for index, resource in enumerate(problem.resources):
        if resource.calendar not in calendars:
            message = N_("The resource %(code)s has no calendar: there is none of this code")
            yield _fault(message, f"resources[{index}].calendar", resource.calendar, code=resource.code)
    recipes = {one.code: {each.code for each in one.operations} for one in problem.recipes}
    message = N_("Nothing of this code is in the problem")
    for index, recipe in enumerate(problem.recipes):
        for number, limit in enumerate(recipe.limits):
            for code in (limit.after, limit.before):
                if code not in recipes[recipe.code]:
                    yield _fault(message, f"recipes[{index}].limits[{number}]", code)
    yield from _unknown_of_batches(problem, recipes, message)


def _unknown_of_batches(problem: SchedulingProblem, recipes: dict[str, set[str]], message: str) -> Iterator[Blocker]:
    chains: dict[str, set[str]] = {}
    for index, batch in enumerate(problem.batches):
        if batch.recipe not in recipes:
            yield _fault(message, f"batches[{index}].recipe", batch.recipe)
        chains[batch.code] = recipes.get(batch.recipe, set())
        for one in batch.took:
            if one.operation not in chains[batch.code]:
                yield _fault(message, f"batches[{index}].took", one.operation)
    for where, places in (("fixed", problem.fixed), ("previous", problem.previous)):
        for index, place in enumerate(places):
            if place.operation not in chains.get(place.batch, ()):
                yield _fault(message, f"{where}[{index}]", f"{place.batch}/{place.operation}")


def _recipes(problem: SchedulingProblem) -> Iterator[Blocker]:
    """Yield what a recipe's own chain makes impossible, and needs that no resource or lot can ever meet."""
    for index, recipe in enumerate(problem.recipes):
        where = f"recipes[{index}]"
        yield from _needs(problem, where, recipe)
        codes = [one.code for one in recipe.operations]
        for number, limit in enumerate(recipe.limits):
            first, last = codes.index(limit.after), codes.index(limit.before)
            if first >= last:
                message = N_("A limit runs from an operation to a later one")
                yield _fault(message, f"{where}.limits[{number}]", f"{limit.after} – {limit.before}")
                continue
            between = recipe.operations[first + 1 : last]
            least = sum(one.wait_least_min + one.duration_min for one in between)
            least += recipe.operations[last].wait_least_min
            if least > limit.most_min:
                message = N_(
                    "From %(after)s to %(before)s the operations between take %(least)s min, more than allowed"
                )
                params = {"after": limit.after, "before": limit.before, "least": least}
                yield _fault(message, f"{where}.limits[{number}].most_min", limit.most_min, **params)


def _needs(problem: SchedulingProblem, where: str, recipe: Recipe) -> Iterator[Blocker]:
    weekly = {one.code: one.weekly for one in problem.calendars}
    for number, operation in enumerate(recipe.operations):
        for count, use in enumerate(operation.uses):
            place = f"{where}.operations[{number}].uses[{count}]"
            able = [one for one in problem.resources if one.kind == use.kind and one.capacity >= use.units]
            if not able:
                message = N_("%(operation)s needs %(units)s of this kind; no resource has so many")
                yield _fault(message, f"{place}.kind", use.kind, operation=operation.code, units=use.units)
                continue
            able = [one for one in able if not use.qualification or use.qualification in one.qualifications]
            if not able:
                message = N_("No resource of kind %(kind)s is qualified for this")
                yield _fault(message, f"{place}.qualification", use.qualification, kind=use.kind)
            elif all(_longest(weekly[one.calendar]) < use.to_min - use.from_min for one in able):
                message = N_("%(operation)s takes %(minutes)s min at one time; no %(kind)s is ever open so long")
                params = {"operation": operation.code, "minutes": use.to_min - use.from_min, "kind": use.kind}
                yield _fault(message, f"{place}.to_min", use.to_min, **params)
        for draw in operation.draws:
            lots = [one.quantity for one in problem.lots if one.material == draw.material]
            if not lots or max(lots) < draw.quantity:
                message = N_("%(operation)s draws %(quantity)s; no lot has so many")
                params = {"operation": operation.code, "quantity": draw.quantity}
                yield _fault(message, f"{where}.operations[{number}].draws", draw.material, **params)


def _longest(weekly: tuple[tuple[int, int], ...]) -> int:
    """Return the longest time open at a stretch, in minutes; without end where it is always open."""
    windows = sorted((first + week * WEEK_MIN, last + week * WEEK_MIN) for week in range(3) for first, last in weekly)
    longest, begun, ended = 0, 0, -1
    for first, last in windows:
        if first > ended:
            begun = first
        ended = max(ended, last)
        longest = max(longest, ended - begun)
    return longest if longest < 2 * WEEK_MIN else LONGEST_HORIZON_MIN


def _fixed(problem: SchedulingProblem) -> Iterator[Blocker]:
    kept = {(one.batch, one.operation) for one in problem.fixed}
    recipes = {one.code: one for one in problem.recipes}
    for index, batch in enumerate(problem.batches):
        flags = [(batch.code, one.code) in kept for one in recipes[batch.recipe].operations]
        if flags != sorted(flags, reverse=True):
            message = N_("Only the first operations of a batch can be fixed; one before a fixed one is not")
            yield _fault(message, f"batches[{index}]", batch.code)
    resources = {one.code for one in problem.resources}
    lots = {one.code for one in problem.lots}
    for index, place in enumerate(problem.fixed):
        yield from _needs_named(f"fixed[{index}]", place, resources, lots)


def _needs_named(where: str, place: Placed, resources: set[str], lots: set[str]) -> Iterator[Blocker]:
    message = N_("Nothing of this code is in the problem")
    for code in sorted(set(place.resources) - resources):
        yield _fault(message, f"{where}.resources", code)
    for code in sorted(set(place.lots) - lots):
        yield _fault(message, f"{where}.lots", code)
