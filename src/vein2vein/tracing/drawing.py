"""The genealogy as a drawing: columns from what was there first to what came of it; numbers for an inline SVG."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from vein2vein.tracing.reads import Edge, Thing

BOX_WIDTH, BOX_HEIGHT = 176, 46
COLUMN, ROW, MARGIN = 236, 58, 10
LONGEST = 22
"""Characters of a line that fit a box."""


@dataclass(frozen=True, slots=True)
class Box:
    """One thing as drawn: where, its code (shortened, and whole for its title), what it is and its state."""

    x: int
    y: int
    code: str
    whole: str
    name: str
    kind: str
    state: str
    bad: bool
    subject: bool
    width: int = BOX_WIDTH
    height: int = BOX_HEIGHT

    @property
    def text_x(self) -> int:
        """Return where the lines of text begin."""
        return self.x + 8

    @property
    def first_y(self) -> int:
        """Return the height of the first line."""
        return self.y + 18

    @property
    def second_y(self) -> int:
        """Return the height of the second line."""
        return self.y + 36


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes, the paths between them, and how large it all is."""

    boxes: tuple[Box, ...]
    paths: tuple[str, ...]
    width: int
    height: int


_BAD = frozenset({"recalled", "rejected", "terminated", "destroyed", "cancelled"})


def draw(things: Sequence[Thing], edges: Sequence[Edge], *, subject: str = "") -> Drawing | None:
    """Return the drawing of things and what came of what (an acyclic graph); None where there is nothing to draw."""
    if not things:
        return None
    by_key = {f"{_family(one.kind)}:{one.id}": one for one in things}
    inner = [(edge.parent, edge.child) for edge in edges if edge.parent in by_key and edge.child in by_key]
    columns = _columns(list(by_key), inner)
    rows = _rows(columns, inner)
    places = {
        key: (MARGIN + column * COLUMN, MARGIN + rows[key] * ROW) for column, keys in columns.items() for key in keys
    }
    boxes = tuple(_box(by_key[key], *places[key], subject=key == subject) for key in places)
    return Drawing(
        boxes=boxes,
        paths=tuple(_path(places[parent], places[child]) for parent, child in inner),
        width=max(x for x, _ in places.values()) + BOX_WIDTH + MARGIN,
        height=max(y for _, y in places.values()) + BOX_HEIGHT + MARGIN,
    )


def _family(kind: str) -> str:
    return kind if kind in ("lot", "batch") else "container"


def _columns(keys: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[int, list[str]]:
    """Return the things by column: each directly left of the first thing that came of it, what nothing came of last."""
    children: dict[str, list[str]] = defaultdict(list)
    for parent, child in edges:
        children[parent].append(child)
    ahead: dict[str, int] = {}

    def longest(key: str) -> int:
        if key not in ahead:
            ahead[key] = 0
            ahead[key] = max((longest(child) + 1 for child in children[key]), default=0)
        return ahead[key]

    deepest = max(longest(key) for key in keys)
    found: dict[int, list[str]] = defaultdict(list)
    for key in keys:
        found[deepest - ahead[key]].append(key)
    return dict(sorted(found.items()))


def _rows(columns: dict[int, list[str]], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return each thing's row: in the order of what it came from, so that few paths cross."""
    parents: dict[str, list[str]] = defaultdict(list)
    for parent, child in edges:
        parents[child].append(parent)
    rows: dict[str, int] = {}

    def middle(key: str) -> float:
        above = [rows[parent] for parent in parents[key] if parent in rows]
        return sum(above) / len(above) if above else 0.0

    for keys in columns.values():
        rows.update({key: row for row, key in enumerate(sorted(keys, key=middle))})
    return rows


def _box(thing: Thing, x: int, y: int, *, subject: bool) -> Box:
    return Box(
        x=x,
        y=y,
        code=_short(thing.code),
        whole=thing.code,
        name=thing.name,
        kind=_family(thing.kind),
        state=thing.state,
        bad=thing.state in _BAD,
        subject=subject,
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _path(start: tuple[int, int], end: tuple[int, int]) -> str:
    (x, y), (to_x, to_y) = start, end
    x, y, to_y = x + BOX_WIDTH, y + BOX_HEIGHT // 2, to_y + BOX_HEIGHT // 2
    bend = max(24, (to_x - x) // 2)
    return f"M{x},{y} C{x + bend},{y} {to_x - bend},{to_y} {to_x},{to_y}"
