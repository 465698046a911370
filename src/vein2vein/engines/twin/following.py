"""Following a route before it is run: every name resolves, every way ends, and what is seized is given back.

What a course holds at an operation must be the same by whichever way it came: only then does a present state say all by
naming its operation, and nothing is seized twice or forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from vein2vein.core.records import Faults
from vein2vein.core.refusals import N_
from vein2vein.engines.twin import model as m
from vein2vein.engines.twin.table import HOURS, MOST_TOKENS, RATES, SHARES

Held = frozenset[str]


def check_route(where: str, model: m.Model, route: m.Route, instead: Mapping[str, str], faults: Faults) -> None:
    """Add every fault of one route as one demand takes it."""
    follower = _Follower(where, model, instead, faults)
    follower.check_names(route.operations, nested=False)
    follower.check_marks(route.operations)
    if not faults:
        follower.follow(route.operations, frozenset(), within=False)


class _Follower:
    def __init__(self, where: str, model: m.Model, instead: Mapping[str, str], faults: Faults) -> None:
        self.where, self.model, self.instead, self.faults = where, model, instead, faults
        self.resources = {one.name for one in model.resources}
        self.stocks = {one.name for one in model.stocks}
        self.seen = set[str]()
        self.named = set[str]()

    def fault(self, one: m.Operation, value: object, message: str, mend: str, **params: str) -> None:
        where = f"{self.where}.{one.name or one.kind}"
        if not any(f.field == where and f.message == message for f in self.faults):
            self.faults.add(where, value, message, mend, **params)

    def known(self, one: m.Operation, name: str, names: set[str] | Mapping[str, object]) -> bool:
        self.named.add(name)
        found = self.instead.get(name, name) in names
        if not found:
            words = ", ".join(sorted(names))[:400]
            self.fault(one, name, N_("there is no such thing here"), N_("write one of: %(words)s"), words=words)
        return found

    def figure(self, one: m.Operation, name: str, units: Mapping[str, float], *, spreads: bool = False) -> None:
        if not self.known(one, name, self.model.figures):
            return
        figure = self.model.figures[self.instead.get(name, name)]
        if figure.unit not in units or not (spreads or isinstance(figure.value, float)):
            mend = N_("name a figure in %(words)s") if spreads else N_("name a single number in %(words)s")
            self.fault(one, name, N_("this figure is of another kind"), mend, words=", ".join(units))

    def check_names(self, operations: Sequence[m.Operation], *, nested: bool) -> None:  # noqa: C901, PLR0912 - one case a kind
        targets = {one.name for one in operations}
        for one in operations:
            if one.name in self.seen:
                self.fault(one, one.name, N_("this name is empty or used twice"), N_("give each its own"))
            self.seen |= {one.name} - {""}
            if one.cost < 0.0:
                self.fault(one, one.cost, N_("this is below nothing"), N_("write 0 or more"))
            match one:
                case m.Seize() | m.Release():
                    self.known(one, one.resource, self.resources)
                case m.Take():
                    self.known(one, one.stock, self.stocks)
                case m.Delay():
                    self.figure(one, one.figure, HOURS, spreads=True)
                    for name in (*one.using, *([one.working] if one.working else [])):
                        self.known(one, name, self.resources)
                case m.Branch():
                    self.check_chances(one)
                case m.Limit():
                    self.figure(one, one.figure, HOURS)
                case m.Attrition():
                    self.figure(one, one.figure, RATES)
                case m.Together():
                    self.check_together(one, nested=nested)
                case m.End() if nested:
                    mend = N_("note it by a chance after the rows have come together")
                    self.fault(one, one.outcome, N_("a course cannot end while more is done for it"), mend)
            if isinstance(one, m.Seize | m.Take | m.Delay | m.Branch | m.Attrition) and not one.name:
                self.fault(
                    one,
                    "",
                    N_("this operation needs a name: by it luck is drawn, and a course found"),
                    N_("give each its own"),
                )
            for target in _targets(one):
                if target not in targets:
                    mend = N_("name an operation of the same row: %(words)s")
                    words = ", ".join(sorted(targets - {""}))[:400]
                    self.fault(one, target, N_("there is no such operation to go to"), mend, words=words)

    def check_marks(self, operations: Sequence[m.Operation]) -> None:
        """Every milestone that is asked for is marked, and some way ends with a dose."""
        every = list(_every(operations))
        marked = {one.milestone for one in every if isinstance(one, m.Mark)}
        words = ", ".join(sorted(marked))
        for one in every:
            if isinstance(one, m.Limit | m.Attrition) and one.since not in marked:
                message, mend = N_("this milestone is never marked"), N_("mark it, or write one of: %(words)s")
                self.fault(one, one.since, message, mend, words=words)
        for name in ("vein_out", "vein_in"):
            if (wanted := getattr(self.model, name)) not in marked:
                message, mend = N_("this milestone is never marked"), N_("mark it, or write one of: %(words)s")
                self.faults.add(f"{name}: {self.where}", wanted, message, mend, words=words)
        outcomes = {one.outcome for one in every if isinstance(one, m.End)}
        if self.model.infused not in outcomes:
            message, mend = N_("no way ends with this outcome"), N_("write one of: %(words)s")
            words = ", ".join(sorted(outcomes))
            self.faults.add(f"infused: {self.where}", self.model.infused, message, mend, words=words)
        for name in set(self.instead) - self.named:
            message, mend = N_("the route names nothing of this kind"), N_("write one of: %(words)s")
            words = ", ".join(sorted(self.named))[:400]
            self.faults.add(f"instead: {self.where}", name, message, mend, words=words)

    def check_chances(self, one: m.Branch) -> None:
        total = 0.0
        for chance in one.chances:
            self.figure(one, chance.figure, SHARES)
            figure = self.model.figures.get(self.instead.get(chance.figure, chance.figure))
            if figure is not None and figure.unit in SHARES and isinstance(figure.value, float):
                total += figure.value * SHARES[figure.unit]
        if total > 1.0 + 1e-9:
            self.fault(one, total, N_("these chances are more than certain together"), N_("let them sum to 1 at most"))

    def check_together(self, one: m.Together, *, nested: bool) -> None:
        if nested or not 1 <= len(one.branches) < MOST_TOKENS:
            mend = N_("write at least one row of operations, and none together within another")
            self.fault(one, len(one.branches), N_("this cannot run together"), mend)
        for branch in one.branches:
            self.check_names(branch, nested=True)

    def follow(self, operations: Sequence[m.Operation], held: Held, *, within: bool) -> None:
        """Walk all ways through a row of operations, with what is held on the way."""
        places = {one.name: place for place, one in enumerate(operations) if one.name}
        found: dict[int, Held] = {}
        ways = [(0, held)]
        while ways:
            place, now = ways.pop()
            if place == len(operations):
                self.check_end(operations, now, held, within=within)
                continue
            if place in found:
                if found[place] != now:
                    mend = N_("seize and release so that every way here holds the same")
                    value = ", ".join(sorted(now ^ found[place]))
                    self.fault(operations[place], value, N_("by one way this is held here, by another not"), mend)
                continue
            found[place] = now
            one = operations[place]
            after = self.after(one, now)
            ways.extend((places[target], after) for target in _targets(one))
            if not isinstance(one, m.Go | m.End):
                ways.append((place + 1, after))
        for place, one in enumerate(operations):
            if place not in found:
                self.fault(one, one.name, N_("no way leads here"), N_("remove it, or let something go to it"))
        self.check_ways_out(operations, places, set(found))

    def check_end(self, operations: Sequence[m.Operation], now: Held, held: Held, *, within: bool) -> None:
        if not within:
            message = N_("the route stops without an end")
            self.fault(operations[-1] if operations else m.End(outcome=""), "", message, N_("add an operation “end”"))
        elif now != held:
            value = ", ".join(sorted(now ^ held))
            self.fault(operations[-1], value, N_("this is still held at the end"), N_("release it before"))

    def check_ways_out(self, operations: Sequence[m.Operation], places: dict[str, int], found: set[int]) -> None:
        leads = {place for place in found if isinstance(operations[place], m.End)} | {len(operations)}
        while True:
            more = set()
            for place in found - leads:
                one = operations[place]
                following = {places[target] for target in _targets(one)}
                if not isinstance(one, m.Go | m.End):
                    following.add(place + 1)
                if following & leads:
                    more.add(place)
            if not more:
                break
            leads |= more
        for place in sorted(found - leads)[:1]:
            message = N_("from here a course goes round for ever")
            self.fault(operations[place], "", message, N_("let a chance or a limit lead out of the circle"))

    def after(self, one: m.Operation, held: Held) -> Held:
        match one:
            case m.Seize():
                return self.seized(one, self.instead.get(one.resource, one.resource), held)
            case m.Release():
                name = self.instead.get(one.resource, one.resource)
                if name not in held:
                    self.fault(one, name, N_("this is released and not held"), N_("seize it before"))
                return held - {name}
            case m.Delay():
                inner = held
                for name in one.using:
                    inner = self.seized(one, self.instead.get(name, name), inner)
            case m.Together():
                for branch in one.branches:
                    if branch:
                        self.follow(branch, frozenset(), within=True)
            case m.End() if held:
                self.fault(one, ", ".join(sorted(held)), N_("this is still held at the end"), N_("release it before"))
        return held

    def seized(self, one: m.Operation, name: str, held: Held) -> Held:
        if name in held:
            self.fault(one, name, N_("this is seized twice by one course"), N_("release it before"))
        return held | {name}


def _every(operations: Sequence[m.Operation]) -> Iterator[m.Operation]:
    for one in operations:
        yield one
        if isinstance(one, m.Together):
            for branch in one.branches:
                yield from _every(branch)


def _targets(one: m.Operation) -> list[str]:
    match one:
        case m.Branch():
            return [chance.to for chance in one.chances]
        case m.Limit() | m.Attrition() | m.Go():
            return [one.to]
    return []
