"""Deviations that stand in the way: classified, investigated and closed by QA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vein2vein.core.ids import BatchId, DeviationId
from vein2vein.driver import figures
from vein2vein.driver.agenda import Play
from vein2vein.quality.reads import blocking_deviations
from vein2vein.quality.states import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vein2vein.driver.course import Course
    from vein2vein.quality.models import Deviation


def settle(course: Course, batch_id: BatchId) -> Play:
    """Investigate and close what deviations stand in the way of a batch's release, or of a late finding's end."""
    while blocking_deviations(batch_id, course.coi_id):
        yield course.draws.span("deviation", figures.DEVIATION)
        _close(course, blocking_deviations(batch_id, course.coi_id))  # somebody else may have closed some meanwhile


def _close(course: Course, found: Sequence[Deviation]) -> None:
    for deviation in found:
        course.happened["deviation closed"] += 1
        given: dict[str, Any] = {"deviation_id": DeviationId(deviation.pk)}
        act = course.crew.act
        if deviation.severity == Severity.UNCLASSIFIED:
            told: dict[str, Any] = {"severity": Severity.MINOR, "reason": "no effect on the product is to be expected"}
            act("quality.classify_deviation", "qareviewer2", "", **given, **told)
        if deviation.state == "open":
            cause, impact = "found in the demonstration's records", "none on the product: within the validated range"
            act("quality.investigate_deviation", "qareviewer2", "", **given, root_cause=cause, impact=impact)
        act("quality.close_deviation", "qareviewer2", "", **given, reason="cause known, no effect")
