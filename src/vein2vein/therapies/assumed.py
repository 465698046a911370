"""Figures that no record of a base says: what is published or assumed of everybody's course, each with its source.

They are where the twin begins; a base edits them and learns them from its own journal (`forecasting`).
"""

from __future__ import annotations

from vein2vein.engines.twin.figures import STARTING
from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.spreads import LogNormal, Triangular, Uniform

APPOINTED_D = 400.0
"""How far ahead of its date a course with an appointment is thought to have been given it: every date is nearer."""

_TAKEN = (
    "apheresis",
    "apheresis_again",
    "customs",
    "receipt",
    "material_rejected",
    "excursion",
    "apheresis_repeated",
    "turnaround",
    "terminated",
    "oos_given",
    "made_again",
    "panel_invalid",
    "panel_repeat",
    "sterility_invalid",
    "sterility_repeat",
    "sterility_compendial",
    "decision",
    "bag_lost",
    "attrition",
)
_ASSUMED = "assumed, without a published figure: replace it by the base's own"

ASSUMED: dict[str, Figure] = {
    "referral": Figure(
        value=Uniform(low=6.0, high=12.0),
        unit="d",
        source=f"order to collection: {_ASSUMED} (referral to apheresis takes 22 d, IQR 15–28, at one US centre)",
    ),
    "appointed": Figure(value=APPOINTED_D, unit="d", source="an open course's own appointment; not to be changed"),
    "never": Figure(value=0.0, unit="%", source="nobody comes this way by chance; not to be changed"),
    "not_collected": Figure(value=7.0, unit="%", source=f"ordered and not collected: {_ASSUMED}"),
    "postponed": Figure(value=4.0, unit="%", source=f"collections put off because the patient is unfit: {_ASSUMED}"),
    "postponement": Figure(
        value=LogNormal(median=12.0, sigma=0.6, at_least=2.0), unit="d", source=f"until fit again: {_ASSUMED}"
    ),
    "to_start": Figure(
        value=Triangular(low=0.5, mode=4.0, high=24.0),
        unit="h",
        source=f"from the material's arrival to the batch record: {_ASSUMED}",
    ),
    "oos": Figure(value=8.0, unit="%", source=STARTING["oos_myeloma"].source),
    "oos_multiple_myeloma": STARTING["oos_myeloma"],
    "oos_sle": STARTING["oos_lupus"],
    "oos_lupus_nephritis": STARTING["oos_lupus"],
    "dispatch": Figure(
        value=Triangular(low=0.0, mode=0.3, high=2.0),
        unit="d",
        source=f"from release to hand-over, with the site's reconfirmation: {_ASSUMED}",
    ),
    "preparation": Figure(
        value=LogNormal(median=2.0, sigma=1.0, at_least=0.75),
        unit="d",
        source="product on site to the begin of lymphodepletion: what transit and lymphodepletion leave of release to "
        "infusion, median 8 d, at least 6 d (assumed)",
    ),
    "bed": Figure(value=8.0, unit="h", source="a bed is kept for eight hours (orders.plan_infusion)"),
    "hold_judged": Figure(
        value=80.0, unit="%", source=f"batches over a hold limit that quality lets go on: {_ASSUMED}"
    ),
    **{name: STARTING[name] for name in _TAKEN},
}
"""By name, as routes name them."""
