"""What the network's journal entries carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from vein2vein.core.facts import Fact, fact
from vein2vein.core.refusals import N_


@fact("network")
class MarketOpened(Fact):
    """A market was entered in the network."""

    says: ClassVar[str] = N_("Market %(code)s entered")
    market_id: UUID
    code: str


@fact("network")
class SiteEntered(Fact):
    """A site was entered in the network, with its rooms, equipment and resources."""

    says: ClassVar[str] = N_("Site %(code)s entered")
    site_id: UUID
    code: str
    kind: str
    demonstration: bool


@fact("network")
class EquipmentEntered(Fact):
    """A piece of equipment was entered."""

    says: ClassVar[str] = N_("Equipment %(code)s entered (%(equipment_class)s)")
    equipment_id: UUID
    code: str
    equipment_class: str


@fact("network")
class ResourcesEntered(Fact):
    """Units of capacity were entered for a site."""

    says: ClassVar[str] = N_("%(units)s resources entered for site %(code)s")
    site_id: UUID
    code: str
    units: int


@fact("network")
class LaneEntered(Fact):
    """A lane was entered."""

    says: ClassVar[str] = N_("Lane %(code)s entered")
    lane_id: UUID
    code: str


@fact("network")
class AuthorisationEntered(Fact):
    """An authorisation was entered."""

    says: ClassVar[str] = N_("%(therapy_code)s authorised in %(market)s for %(indication_code)s: %(route)s")
    authorisation_id: UUID
    therapy_code: str
    market: str
    indication_code: str
    route: str
    valid_from_on: date
    valid_to_on: date | None


@fact("network")
class AuthorisationEnded(Fact):
    """An authorisation has a last good day now."""

    says: ClassVar[str] = N_(
        "%(therapy_code)s no longer authorised in %(market)s for %(indication_code)s after %(valid_to_on)s: %(reason)s"
    )
    authorisation_id: UUID
    therapy_code: str
    market: str
    indication_code: str
    route: str
    valid_to_on: date
    reason: str


@fact("network")
class EquipmentTakenOutOfService(Fact):
    """A piece of equipment may not be used until it is returned."""

    says: ClassVar[str] = N_("Equipment %(code)s taken out of service: %(reason)s")
    equipment_id: UUID
    code: str
    reason: str


@fact("network")
class EquipmentReturnedToService(Fact):
    """A piece of equipment may be used again."""

    says: ClassVar[str] = N_("Equipment %(code)s returned to service: %(reason)s")
    equipment_id: UUID
    code: str
    reason: str


@fact("network")
class CalibrationRecorded(Fact):
    """A piece of equipment was calibrated or requalified."""

    says: ClassVar[str] = N_("Calibration of %(code)s recorded, next due %(calibration_due_on)s")
    equipment_id: UUID
    code: str
    certificate: str
    calibration_due_on: date | None
    requalification_due_on: date | None
    hold_time_h: Decimal | None


@fact("network")
class SiteQualified(Fact):
    """A site was audited and qualified again."""

    says: ClassVar[str] = N_("Site %(code)s qualified until %(qualified_until_on)s (%(certificate)s)")
    site_id: UUID
    code: str
    certificate: str
    qualified_until_on: date


@fact("network")
class RequalificationDemanded(Fact):
    """A use was recorded after which the equipment must be requalified."""

    says: ClassVar[str] = N_("%(code)s must be requalified: %(reason)s")
    equipment_id: UUID
    code: str
    reason: str
    requalification_due_on: date


@fact("network")
class ResourceReserved(Fact):
    """A span of a resource is kept for a holder."""

    says: ClassVar[str] = N_("%(resource)s reserved from %(starts_at)s to %(ends_at)s")
    reservation_id: UUID
    resource_id: UUID
    resource: str
    kind: str
    holder: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Use(Fact):
    """What is told of a use that begins or ends: which resource, and for whom."""

    reservation_id: UUID
    resource_id: UUID
    resource: str
    kind: str
    holder: str
    held_for: str


@fact("network")
class ResourceTaken(Use):
    """A resource is in use for a holder from now on."""

    says: ClassVar[str] = N_("%(resource)s in use for %(held_for)s")


@fact("network")
class ResourceGivenBack(Use):
    """A resource is no longer in use."""

    says: ClassVar[str] = N_("%(resource)s given back by %(held_for)s")


@fact("network")
class PersonEntered(Fact):
    """A person can be booked: at one place at a time."""

    says: ClassVar[str] = N_("%(code)s can be booked")
    resource_id: UUID
    code: str


@fact("network")
class ReservationReleased(Fact):
    """A reservation was given back."""

    says: ClassVar[str] = N_("Reservation of %(resource)s given back: %(reason)s")
    reservation_id: UUID
    resource_id: UUID
    resource: str
    holder: str
    reason: str


@fact("network")
class ReservationUsed(Fact):
    """A reservation was taken up."""

    says: ClassVar[str] = N_("Reservation of %(resource)s taken up")
    reservation_id: UUID
    resource_id: UUID
    resource: str
    holder: str
