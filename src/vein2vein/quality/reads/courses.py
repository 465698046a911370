"""How a treatment course stands with quality, as its hospital may know it: conformity, decisions, late findings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, Subquery

from vein2vein.core.actor import Actor
from vein2vein.core.ids import OrderId
from vein2vein.doors.reading import page, read
from vein2vein.laboratory.cases import release_rule
from vein2vein.manufacturing.reads import definition_of
from vein2vein.orders.reads import get_order
from vein2vein.quality.models import Assessment, Disposition
from vein2vein.quality.reads.late import CALLED


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A test that does not conform, with its criterion and result."""

    code: str
    name_en: str
    name_zh: str
    limit: str
    result: str


@dataclass(frozen=True, slots=True)
class BatchStanding:
    """A batch of a course: the last verdict, what failed, and whether the route knows an exceptional release."""

    batch_id: UUID
    batch_number: str
    order_id: UUID
    order_code: str
    market: str
    route: str
    overall: str
    assessed_at: datetime
    failed: tuple[FailedTest, ...]
    exceptional_release: bool
    decided: bool


_FINAL = Disposition.objects.filter(batch=OuterRef("batch"), final=True)


def _latest() -> Subquery:
    return Subquery(Assessment.objects.filter(batch=OuterRef("batch")).order_by("-id").values("id")[:1])


def _standing(row: Assessment) -> BatchStanding:
    batch = row.batch
    lines = json.loads(row.verdict)["lines"]
    failed = tuple(
        FailedTest(
            one["test"],
            one["name_en"],
            one["name_zh"],
            one["limit"],
            one["outcome"] or f"{one['rounded'] or ''} {one['unit']}".strip(),
        )
        for one in lines
        if one["status"] == "fail"
    )
    rule = release_rule(definition_of(batch).specification, batch.market, batch.route, exceptional=True)
    return BatchStanding(
        batch_id=batch.pk,
        batch_number=batch.number,
        order_id=batch.order_id,
        order_code=batch.order.code,
        market=batch.market,
        route=batch.route,
        overall=row.overall,
        assessed_at=row.assessed_at,
        failed=failed,
        exceptional_release=rule is not None,
        decided=Disposition.objects.filter(batch=batch, final=True).exists(),
    )


@read("quality.list_course_standings", roles=CALLED)
def list_course_standings(*, order_id: OrderId, by: Actor) -> list[BatchStanding]:
    """Return how each assessed batch of a course stands, oldest first; a hospital sees its own courses only."""
    get_order(order_id=order_id, by=by)
    rows = Assessment.objects.select_related("batch__order", "batch__definition").filter(batch__order_id=order_id)
    return [_standing(one) for one in rows.annotate(latest=_latest()).filter(id=F("latest")).order_by("id")]


@read("quality.list_nonconforming", roles=CALLED)
def list_nonconforming(*, limit: int = 50, by: Actor) -> list[BatchStanding]:
    """Return the batches that do not conform and about which nothing is decided yet, oldest first."""
    seen = Q() if by.sites is None else Q(batch__order__hospital_id__in=by.sites)
    rows = (
        Assessment.objects.select_related("batch__order", "batch__definition")
        .filter(seen, ~Exists(_FINAL), overall="does_not_conform", batch__order__state="manufactured")
        .annotate(latest=_latest())
        .filter(id=F("latest"))
    )
    return [_standing(row) for row in page(rows, limit)]
