"""Why an operation could not stay where it was: the first thing in the new state that speaks against the old place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from vein2vein.core.refusals import N_, Blocker
from vein2vein.engines.scheduling.availability import Reservation, Steps, steps_of
from vein2vein.engines.scheduling.problem import Limit, Operation, Placed, SchedulingProblem


class Reasons:
    """The new plan, ready to be asked why something is not where it was."""

    def __init__(self, problem: SchedulingProblem, placed: Iterable[Placed], previous: Iterable[Placed]) -> None:
        self.problem = problem
        self.now = {(one.batch, one.operation): one for one in placed}
        self.was = {(one.batch, one.operation): one for one in previous}
        self.batches = {one.code: one for one in problem.batches}
        self.recipes = {one.code: one for one in problem.recipes}
        self.resources = {one.code: one for one in problem.resources}
        self.calendars = {one.code: one for one in problem.calendars}
        self.lots = {one.code: one for one in problem.lots}
        self.open: dict[str, Steps] = {}
        self.holders: dict[str, list[tuple[Reservation, str]]] = defaultdict(list)
        operations = {(one.code, each.code): each for one in problem.recipes for each in one.operations}
        for one in self.now.values():
            uses = operations[self.batches[one.batch].recipe, one.operation].uses
            for code, use in zip(one.resources, uses, strict=False):
                start = one.start_min
                taken = Reservation(code, start + use.from_min, start + use.to_min, use.units)
                self.holders[code].append((taken, one.batch))

    def of(self, old: Placed, new: Placed) -> Blocker:
        """Return why `old` could not stay; where it could have, that the new place costs less."""
        operations = self.recipes[self.batches[old.batch].recipe].operations
        number = next(k for k, one in enumerate(operations) if one.code == old.operation)
        return (
            self._follows(old, operations, number)
            or self._closed(old, operations[number])
            or self._lot(old, operations[number])
            or self._taken(old, operations[number])
            or self._keeps_limit(old, operations, number)
            or _why(
                "better", N_("The new place costs less: an earlier end, or room for others"), old, minute=new.start_min
            )
        )

    def _lasts(self, batch: str, operation: Operation) -> int:
        took = {one.operation: one.duration_min for one in self.batches[batch].took}
        return took.get(operation.code, operation.duration_min)

    def _follows(self, old: Placed, operations: tuple[Operation, ...], number: int) -> Blocker | None:
        if number == 0:
            if old.start_min < self.batches[old.batch].ready_min:
                ready = self.batches[old.batch].ready_min
                return _why("ready", N_("The batch is ready only at minute %(minute)s"), old, minute=ready)
            return None
        before = operations[number - 1]
        end = self.now[old.batch, before.code].start_min + self._lasts(old.batch, before)
        if end + operations[number].wait_least_min > old.start_min:
            message = N_("%(before)s before it ends only at minute %(minute)s")
            return _why("follows", message, old, before=before.code, minute=end)
        return None

    def _closed(self, old: Placed, operation: Operation) -> Blocker | None:
        for code, use in zip(old.resources, operation.uses, strict=False):
            resource = self.resources.get(code)
            if resource is None or resource.kind != use.kind:
                return _why("gone", N_("%(resource)s is not there any more"), old, resource=code)
            if use.qualification and use.qualification not in resource.qualifications:
                message = N_("%(resource)s is not qualified for %(qualification)s any more")
                return _why("unqualified", message, old, resource=code, qualification=use.qualification)
            if code not in self.open:
                calendar = self.calendars[resource.calendar]
                self.open[code] = steps_of(resource, calendar, self.problem.horizon_min, ())
            first, length = old.start_min + use.from_min, use.to_min - use.from_min
            if self.open[code].earliest(first, length, use.units) != first:
                return _why("closed", N_("%(resource)s is closed or too few then"), old, resource=code)
        return None

    def _lot(self, old: Placed, operation: Operation) -> Blocker | None:
        end = old.start_min + self._lasts(old.batch, operation)
        for code in old.lots:
            lot = self.lots.get(code)
            if lot is None or lot.quantity == 0:
                return _why("lot", N_("Lot %(lot)s is not there any more"), old, lot=code)
            if (lot.expires_min is not None and end > lot.expires_min) or old.start_min < lot.usable_from_min:
                return _why("lot", N_("Lot %(lot)s is not in date then"), old, lot=code)
        return None

    def _taken(self, old: Placed, operation: Operation) -> Blocker | None:
        for code, use in zip(old.resources, operation.uses, strict=False):
            first, last = old.start_min + use.from_min, old.start_min + use.to_min
            near = [
                (one, batch)
                for one, batch in self.holders[code]
                if one.from_min < last and one.to_min > first and batch != old.batch
            ]
            minutes = {max(first, one.from_min) for one, _batch in near}
            for minute in sorted(minutes):
                there = [(one, batch) for one, batch in near if one.from_min <= minute < one.to_min]
                if sum(one.units for one, _batch in there) + use.units > self.resources[code].capacity:
                    who = ", ".join(sorted({batch for _one, batch in there if self._is_new_there(batch, code)}))
                    who = who or ", ".join(sorted({batch for _one, batch in there}))
                    return _why("room", N_("%(resource)s is needed then for %(who)s"), old, resource=code, who=who)
        return None

    def _is_new_there(self, batch: str, code: str) -> bool:
        """Say whether a batch has something else on a resource than it had."""
        for operation in self.recipes[self.batches[batch].recipe].operations:
            now, was = self.now[batch, operation.code], self.was.get((batch, operation.code))
            if code in now.resources and (was is None or was.start_min != now.start_min or code not in was.resources):
                return True
        return False

    def _keeps_limit(self, old: Placed, operations: tuple[Operation, ...], number: int) -> Blocker | None:
        end = old.start_min + self._lasts(old.batch, operations[number])
        if self.batches[old.batch].waives_limits:
            return None
        limits = {one.before: one.most_min for one in self._limits(old.batch) if one.after == old.operation}
        if number + 1 < len(operations):
            most = operations[number + 1].wait_most_min
            if most is not None:
                limits[operations[number + 1].code] = min(most, limits.get(operations[number + 1].code, most))
        for code, most in limits.items():
            if self.now[old.batch, code].start_min - end > most:
                message = N_("%(after)s after it can start only at minute %(minute)s, and must not wait longer")
                minute = self.now[old.batch, code].start_min
                return _why("limit", message, old, after=code, minute=minute)
        return None

    def _limits(self, batch: str) -> tuple[Limit, ...]:
        return self.recipes[self.batches[batch].recipe].limits


def _why(code: str, message: str, old: Placed, **params: object) -> Blocker:
    said = {name: str(one)[:300] for name, one in params.items()}
    return Blocker(f"moved.{code}", message, f"{old.batch}/{old.operation}", str(old.start_min), params=said)
