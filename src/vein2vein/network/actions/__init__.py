"""The only writers of the network."""

from vein2vein.network.actions.authorising import end_authorisation, record_authorisation
from vein2vein.network.actions.entering import load_demonstration, load_network
from vein2vein.network.actions.equipment import (
    demand_requalification,
    record_calibration,
    return_equipment_to_service,
    take_equipment_out_of_service,
)
from vein2vein.network.actions.qualifying import qualify_site
from vein2vein.network.actions.reservations import (
    release_reservation,
    reserve_earliest,
    reserve_unit,
    reserve_units,
    use_reservation,
)
from vein2vein.network.actions.using import give_back, take_person, take_units

__all__ = [
    "demand_requalification",
    "end_authorisation",
    "give_back",
    "load_demonstration",
    "load_network",
    "qualify_site",
    "record_authorisation",
    "record_calibration",
    "release_reservation",
    "reserve_earliest",
    "reserve_unit",
    "reserve_units",
    "return_equipment_to_service",
    "take_equipment_out_of_service",
    "take_person",
    "take_units",
    "use_reservation",
]
