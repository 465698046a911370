"""Tracing: what a code stands for, the courses it touched, and everything that touched a course."""

from vein2vein.tracing.reads.back import Course, Thing, trace_course
from vein2vein.tracing.reads.forward import Dose, Touched, list_touched, touched_by_lots
from vein2vein.tracing.reads.notices import get_notice, list_notices, list_open_notices
from vein2vein.tracing.reads.searching import Findings, Hit, search
from vein2vein.tracing.reads.subjects import PLANT_ROLES, Subject, find_subject, get_subject, unknown
from vein2vein.tracing.reads.whole import Edge, Trace, trace

__all__ = [
    "PLANT_ROLES",
    "Course",
    "Dose",
    "Edge",
    "Findings",
    "Hit",
    "Subject",
    "Thing",
    "Touched",
    "Trace",
    "find_subject",
    "get_notice",
    "get_subject",
    "list_notices",
    "list_open_notices",
    "list_touched",
    "search",
    "touched_by_lots",
    "trace",
    "trace_course",
    "unknown",
]
