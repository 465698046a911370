"""What stands in the way of an order's next act: plain values in, blockers out."""

from vein2vein.orders.rules.bedside import (
    BagView,
    Bedside,
    infusion_end_within_limit,
    infusion_volume_blockers,
    match_blockers,
    start_infusion_blockers,
    thaw_blockers,
)
from vein2vein.orders.rules.course import (
    clearance_blockers,
    collection_end_blockers,
    hospital_blockers,
    lymphodepletion_report_blockers,
    reconfirmation_blockers,
    release_blockers,
    visit_blockers,
)
from vein2vein.orders.rules.dose import (
    DosePlan,
    confirmation_blockers,
    ordered_total,
    per_unit,
    per_unit_again,
    weight_blockers,
    weight_change_blockers,
)
from vein2vein.orders.rules.eligibility import Marker, Pack, Prescription, Prior, eligibility_blockers, route_blockers

__all__ = [
    "BagView",
    "Bedside",
    "DosePlan",
    "Marker",
    "Pack",
    "Prescription",
    "Prior",
    "clearance_blockers",
    "collection_end_blockers",
    "confirmation_blockers",
    "eligibility_blockers",
    "hospital_blockers",
    "infusion_end_within_limit",
    "infusion_volume_blockers",
    "lymphodepletion_report_blockers",
    "match_blockers",
    "ordered_total",
    "per_unit",
    "per_unit_again",
    "reconfirmation_blockers",
    "release_blockers",
    "route_blockers",
    "start_infusion_blockers",
    "thaw_blockers",
    "visit_blockers",
    "weight_blockers",
    "weight_change_blockers",
]
