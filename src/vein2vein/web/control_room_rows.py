"""The control room's table rows, put together here: a template takes ten times as long for five hundred courses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from vein2vein.doors.templatetags.doors import stamp, word

if TYPE_CHECKING:
    from vein2vein.web.control_room import Line

_ANY = UUID(int=0)


def drawn(lines: Sequence[Line]) -> SafeString:
    """Return the rows of the courses, everything in them escaped."""
    order = _address(lambda: reverse("orders:order", args=[_ANY]))
    timeline = _address(lambda: reverse("timeline", args=["coi", _ANY]))
    flags = {
        "late": f'<span class="state bad">{escape(gettext("overdue"))}</span> ',
        "soon": f'<span class="state warn">{escape(gettext("soon"))}</span> ',
    }
    rows = (
        f'<tr class="{line.standing}">{_head(line, order, timeline)}{"".join(_cells(line, order))}'
        f'<td class="keep">{flags.get(line.standing, "")}{escape(line.due)}{_moment(line)}</td></tr>'
        for line in lines
    )
    return mark_safe("\n".join(rows))  # noqa: S308 - every text in it went through escape


def _address(of: Callable[[], str]) -> Callable[[UUID], str]:
    """Return what makes the address of a thing from its id: the pattern is looked up once."""
    before, _, after = of().partition(str(_ANY))
    return lambda pk: f"{before}{pk}{after}"


def _head(line: Line, order: Callable[[UUID], str], timeline: Callable[[UUID], str]) -> str:
    course = line.course
    to, code = (
        (order(course.order_id), course.order_code) if course.coi_id is None else (timeline(course.coi_id), course.coi)
    )
    told = filter(None, (course.hospital_code, course.subject_number))
    codes = (f'<span class="whole">{escape(one)}</span>' for one in told)
    said = " · ".join((escape(word(course.therapy_code)), *codes))
    return f'<th scope="row"><a class="code" href="{to}">{escape(code)}</a><small>{said}</small></th>'


def _cells(line: Line, order: Callable[[UUID], str]) -> Iterator[str]:
    for cell in line.cells:
        title = f' title="{escape(cell.stage)}: {stamp(cell.began_at)}"' if cell.began_at else ""
        now = ""
        if cell.how == "now":
            state = escape(word(line.course.state, "order"))
            now = f'<a href="{order(line.course.order_id)}">{state}</a>'
        yield f'<td class="way {cell.how}"{title}>{now}<span>{escape(cell.spent)}</span></td>'


def _moment(line: Line) -> str:
    if line.course.due_at is None:
        return ""
    return f"<small>{stamp(line.course.due_at)} · {escape(line.left)}</small>"
