"""Entering a network from text: markets, sites with their rooms, equipment and resources, lanes, authorisations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from typing import Any

import yaml

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.journal.reads import database_kind
from vein2vein.network import facts, states
from vein2vein.network.actions.enlarging import enlarged
from vein2vein.network.models import Authorisation, Equipment, Lane, Market, Resource, Room, Site

Row = Mapping[str, Any]


@journal.action("network.load_demonstration")
def load_demonstration(*, times: int = 1, by: Actor) -> Site:
    """Enter the demonstration network; refused in a production database and where a network stands already.

    `times` multiplies its equipment and units: the figures as they stand are for some 300 patients a year.
    """
    if database_kind() == "production":
        refuse_any(
            [
                Blocker(
                    "network.demonstration_in_production",
                    N_("A production database takes no demonstration data"),
                    field="database",
                    mend=N_("Use a database of its own for the demonstration"),
                )
            ]
        )
    text = resources.files("vein2vein.network").joinpath("demonstration.yaml").read_text("utf-8")
    if times > 1:
        text = yaml.safe_dump(enlarged(yaml.safe_load(text), times))
    return load_network(document=text, demonstration=True, by=by)


@journal.action("network.load_network")
def load_network(*, document: str, demonstration: bool = False, by: Actor) -> Site:
    """Enter a whole network from YAML text and return its manufacturing site; refused where one stands already.

    Due days are given as days from today ("calibration_due_in_days"), so that a text does not age.
    """
    _refuse_second()
    try:
        return _enter(yaml.safe_load(document), demonstration=demonstration)
    except yaml.YAMLError as error:
        raise Refused(_unreadable(str(error).replace("\n", " "))) from None
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise Refused(_unreadable(f"{type(error).__name__} {error}")) from None


def _refuse_second() -> None:
    if Site.objects.exists():
        refuse_any(
            [
                Blocker(
                    "network.already_entered",
                    N_("A network is entered already"),
                    field="database",
                    mend=N_("Change it by its actions"),
                )
            ]
        )


def _unreadable(why: str) -> Blocker:
    return Blocker(
        "network.unreadable",
        N_("This is not a network that can be entered: %(why)s"),
        "document",
        mend=N_("Compare it with the demonstration network, field by field"),
        params={"why": why[:300]},
    )


def _enter(told: Row, *, demonstration: bool) -> Site:
    markets = {row["code"]: _enter_market(row) for row in told["markets"]}
    sites: dict[str, Site] = {}
    for row in told["sites"]:
        sites[row["code"]] = _enter_site(row, markets, demonstration=demonstration)
    for row in told["lanes"]:
        _enter_lane(row, sites)
    for row in told["authorisations"]:
        _enter_authorisation(row, markets, sites)
    first = [site for site in sites.values() if site.kind == states.SiteKind.MANUFACTURING]
    if not first:
        raise ValueError("there is no manufacturing site")
    return first[0]


def _enter_market(row: Row) -> Market:
    made = Market(code=row["code"], name_en=row["name"]["en"], name_zh=row["name"]["zh"], agency=row["agency"])
    journal.record(facts.MarketOpened(market_id=made.pk, code=made.code), stream=f"market:{made.pk}", inserts=[made])
    return made


def _enter_site(row: Row, markets: Mapping[str, Market], *, demonstration: bool) -> Site:
    site = Site(
        code=row["code"],
        name_en=row["name"]["en"],
        name_zh=row["name"]["zh"],
        kind=states.SiteKind(row["kind"]),
        market=markets[row["market"]],
        zone=row["zone"],
        gln=str(row.get("gln", "")),
        qualified_until=_due(row, "qualified_for_days"),
        demonstration=demonstration,
    )
    rooms = {
        one["code"]: Room(
            site=site, code=one["code"], name_en=one["name"]["en"], name_zh=one["name"]["zh"], grade=one["grade"]
        )
        for one in row.get("rooms", [])
    }
    journal.record(
        facts.SiteEntered(site_id=site.pk, code=site.code, kind=site.kind, demonstration=demonstration),
        stream=f"site:{site.pk}",
        inserts=[site, *rooms.values()],
    )
    for one in row.get("equipment", []):
        _enter_equipment(one, site, rooms)
    units = [
        Resource(site=site, kind=one["kind"], code=f"{one['prefix']}-{number}")
        for one in row.get("resources", [])
        for number in range(1, one["units"] + 1)
    ]
    if units:
        journal.record(
            facts.ResourcesEntered(site_id=site.pk, code=site.code, units=len(units)),
            stream=f"site:{site.pk}",
            inserts=units,
        )
    return site


def _enter_equipment(row: Row, site: Site, rooms: Mapping[str, Room]) -> None:
    made = Equipment(
        site=site,
        room=rooms.get(row.get("room", "")),
        code=row["code"],
        name_en=row["name"]["en"],
        name_zh=row["name"]["zh"],
        equipment_class=row["class"],
        serial=row["serial"],
        state=states.EquipmentState(row.get("state", states.EquipmentState.AVAILABLE)),
        calibration_due_on=_due(row, "calibration_due_in_days"),
        requalification_due_on=_due(row, "requalification_due_in_days"),
        hold_time_h=Decimal(row["hold_time_h"]) if "hold_time_h" in row else None,
    )
    places = [Resource(site=site, kind=row["resource"], code=made.code, equipment=made)] if "resource" in row else []
    journal.record(
        facts.EquipmentEntered(equipment_id=made.pk, code=made.code, equipment_class=made.equipment_class),
        stream=f"equipment:{made.pk}",
        refs=[f"site:{site.pk}"],
        inserts=[made, *places],
    )


def _enter_lane(row: Row, sites: Mapping[str, Site]) -> None:
    made = Lane(
        code=row["code"],
        carrier=sites[row["carrier"]],
        origin=sites[row["origin"]],
        destination=sites[row["destination"]],
        temperature_class=states.TemperatureClass(row["temperature_class"]),
        typical_hours=Decimal(row["typical_hours"]),
        longest_hours=Decimal(row["longest_hours"]),
        borders=list(row.get("borders", [])),
        permits=list(row.get("permits", [])),
    )
    journal.record(
        facts.LaneEntered(lane_id=made.pk, code=made.code),
        stream=f"lane:{made.pk}",
        refs=[f"site:{made.carrier_id}", f"site:{made.origin_id}", f"site:{made.destination_id}"],
        inserts=[made],
    )


def _enter_authorisation(row: Row, markets: Mapping[str, Market], sites: Mapping[str, Site]) -> None:
    made = Authorisation(
        therapy_code=row["therapy"],
        market=markets[row["market"]],
        indication_code=row["indication"],
        route=states.Route(row["route"]),
        valid_from_on=row["valid_from_on"],
        valid_to_on=row.get("valid_to_on"),
        reference=row["reference"],
        holder=sites[row["holder"]],
    )
    journal.record(
        facts.AuthorisationEntered(
            authorisation_id=made.pk,
            therapy_code=made.therapy_code,
            market=row["market"],
            indication_code=made.indication_code,
            route=made.route,
            valid_from_on=made.valid_from_on,
            valid_to_on=made.valid_to_on,
        ),
        stream=f"authorisation:{made.pk}",
        refs=[f"site:{made.holder_id}"],
        inserts=[made],
    )


def _due(row: Row, key: str) -> date | None:
    return clock.now().date() + timedelta(days=int(row[key])) if key in row else None
