"""What forecasting does when a dose is given: what was said of it can be scored."""

from __future__ import annotations

from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor
from vein2vein.forecasting.models import Forecast
from vein2vein.journal import EntryView


@journal.follow("forecasting.score_forecasts", "orders.InfusionStarted", tells=True)
def follow_infusions(entry: EntryView, *, by: Actor) -> None:  # noqa: ARG001 - nothing is written to the journal
    """Note beside every forecast of the order when its infusion began; a second bag changes nothing."""
    rows = Forecast.objects.filter(order_id=UUID(entry.data["order_id"]), happened_at__isnull=True)
    rows.filter(as_of__lte=entry.performed_at).update(happened_at=entry.performed_at)
