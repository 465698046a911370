"""The genealogy is laid out from left to right, without boxes upon boxes."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from vein2vein.tracing.drawing import BOX_HEIGHT, BOX_WIDTH, draw
from vein2vein.tracing.reads import Edge, Thing


def thing(number: int, code: str = "X") -> Thing:
    return Thing("lot", UUID(int=number), code, "lentiviral_vector", "released")


def key(number: int) -> str:
    return f"lot:{UUID(int=number)}"


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw([], []) is None


def test_what_came_of_something_stands_right_of_it() -> None:
    drawing = draw([thing(1), thing(2), thing(3)], [Edge(key(1), key(2)), Edge(key(2), key(3))], subject=key(2))
    assert drawing is not None
    assert [one.x for one in drawing.boxes] == sorted(one.x for one in drawing.boxes)
    assert [one.subject for one in drawing.boxes] == [False, True, False]
    assert len(drawing.paths) == 2


def test_a_long_code_is_shortened_and_kept_whole_for_its_title() -> None:
    drawing = draw([thing(1, "V2V-7K3M-9QXT-4BNZ-7K3M-9QXT")], [])
    assert drawing is not None
    (box,) = drawing.boxes
    assert box.code.endswith("…")
    assert box.whole == "V2V-7K3M-9QXT-4BNZ-7K3M-9QXT"


@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)).filter(lambda one: one[0] < one[1]), max_size=60))
def test_no_two_boxes_lie_on_each_other(pairs: list[tuple[int, int]]) -> None:
    drawing = draw([thing(one) for one in range(26)], [Edge(key(a), key(b)) for a, b in pairs])
    assert drawing is not None
    places = [(one.x, one.y) for one in drawing.boxes]
    assert len(set(places)) == 26
    for box in drawing.boxes:
        assert box.x + BOX_WIDTH <= drawing.width
        assert box.y + BOX_HEIGHT <= drawing.height
