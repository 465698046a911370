"""The operations of one starting-material alternative, as a graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from vein2vein.engines.definitions.model.definition import Definition
from vein2vein.engines.definitions.model.process import After, Operation, Step


@dataclass(frozen=True)
class Path:
    """What is done for one alternative; ids are those of operations."""

    alternative: str
    operations: dict[str, Operation]
    steps: dict[str, tuple[Step, ...]]

    @cached_property
    def after(self) -> dict[str, tuple[After, ...]]:
        """Return what each operation comes after, within this alternative."""
        return {
            one.id: tuple(link for link in one.after if link.operation in self.operations)
            for one in self.operations.values()
        }

    @cached_property
    def ancestors(self) -> dict[str, frozenset[str]]:
        """Return, for each operation, all that have surely ended before it begins."""
        found: dict[str, frozenset[str]] = {}
        for one in self.order:
            links = {link.operation for link in self.after[one]}
            found[one] = frozenset(links.union(*(found[link] for link in links)))
        return found

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Return the operations so that each follows those it comes after; those in a ring are left out."""
        placed: dict[str, None] = {}
        while True:
            ready = [
                one
                for one in self.operations
                if one not in placed and all(link.operation in placed for link in self.after[one])
            ]
            if not ready:
                return tuple(placed)
            placed.update(dict.fromkeys(ready))

    def steps_in_order(self) -> Iterator[tuple[Operation, Step]]:
        """Yield the steps of all operations in an order that may be worked in."""
        for one in self.order:
            for step in self.steps[one]:
                yield self.operations[one], step

    def steps_before(self, operation_id: str, step: Step | None = None) -> Iterator[Step]:
        """Yield the steps that are surely done before a step (None: before the operation begins)."""
        for one in self.order:
            if one in self.ancestors[operation_id]:
                yield from self.steps[one]
        for mine in self.steps[operation_id] if step is not None else ():
            if step is not None and mine.id == step.id:
                return
            yield mine


def step_path(operation: Operation, step: Step) -> str:
    """Return the path of a step."""
    return f"process.operations[{operation.id}].steps[{step.id}]"


def paths_of(definition: Definition) -> tuple[Path, ...]:
    """Return one path for each starting-material alternative."""
    paths = []
    for alternative in definition.therapy.starting_materials:
        chosen = definition.process.for_alternative(alternative.id)
        operations = {operation.id: operation for operation, _ in chosen}
        paths.append(Path(alternative.id, operations, {operation.id: steps for operation, steps in chosen}))
    return tuple(paths)
