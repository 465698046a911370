"""What planning assumes where neither a definition nor the network says it; shown on the plan's page."""

from __future__ import annotations

from datetime import timedelta

from vein2vein.core.refusals import N_

COLLECTION = timedelta(hours=5)
"""An apheresis with its preparation takes 3 to 6 hours (published)."""
INFUSION = timedelta(hours=2)
BED_STAY = timedelta(hours=8)
"""As long as `orders.plan_infusion` keeps a bed."""
RELEASE = timedelta(hours=1)
ANALYST = timedelta(hours=4)
"""Of an analyst's time for one batch's release tests."""
REVIEWER = timedelta(hours=3)
"""Of a reviewer's time for one batch record."""
BESIDE_LONG = timedelta(hours=2)
"""Of its staff's time for an operation that outlasts a shift."""

DAY_MIN = 24 * 60
ALWAYS = ((0, 7 * DAY_MIN),)
WORK_DAYS = tuple((day * DAY_MIN + 8 * 60, day * DAY_MIN + 18 * 60) for day in range(5))
LONG_DAYS = tuple((day * DAY_MIN + 6 * 60, day * DAY_MIN + 22 * 60) for day in range(7))
WARD_DAYS = tuple((day * DAY_MIN + 8 * 60, day * DAY_MIN + 20 * 60) for day in range(7))

WEEKLY: dict[str, tuple[tuple[int, int], ...]] = {
    "qc_analyst": LONG_DAYS,
    "qa_reviewer": WORK_DAYS,
    "qualified_person": WORK_DAYS,
    "infusion_bed": WARD_DAYS,
}
"""When resources of a kind are there, in minutes of the week; what is not named is always there."""

CENTS_PER_HOUR: dict[str, int] = {
    "manufacturing_slot": 60_000,
    "operator": 9_000,
    "qc_analyst": 8_000,
    "qa_reviewer": 9_000,
    "qualified_person": 12_000,
    "courier": 3_000,
    "infusion_bed": 10_000,
}
"""What an hour of one unit is taken to cost, beside promises [assumed]."""

SAID = (
    N_("Collection 5 h, infusion 2 h with a bed for 8 h, release 1 h"),
    N_("4 h of an analyst and 3 h of a reviewer for each batch"),
    N_("Analysts daily 06:00–22:00, reviewers and qualified persons on work days 08:00–18:00, beds daily 08:00–20:00"),
    N_("Operators and equipment day and night"),
    N_("Couriers are counted, and booked with their shipment"),
    N_("Slots and beds are reserved; workstations and people are planned, and taken when work begins"),
)
"""The same in sentences."""
FREEZE = timedelta(hours=72)
"""What is due within this stays where it is, as long as it can stand."""
