"""The papers of a shipment: the label on the shipping container, and what travels along."""

from __future__ import annotations

from datetime import timedelta

from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.ids import ShipmentId
from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.core.uploads import Upload
from vein2vein.doors.reading import read
from vein2vein.engines import papers
from vein2vein.engines.papers import model as m
from vein2vein.journal.reads import database_kind
from vein2vein.logistics import reads, rules
from vein2vein.logistics.models import Shipment
from vein2vein.logistics.states import MilestoneKind, ShipmentKind
from vein2vein.network.reads import get_site
from vein2vein.orders import reads as orders

CONTENTS = {
    ShipmentKind.STARTING_MATERIAL: m.Two("Human cells for autologous use", "自体使用人源细胞"),
    ShipmentKind.PRODUCT: m.Two("Autologous cell therapy product", "自体细胞治疗产品"),
    ShipmentKind.RETURN: m.Two("Autologous cell therapy product, returned unused", "自体细胞治疗产品（未使用，退回）"),
}
STEPS = {
    MilestoneKind.PACKED: m.Two("Packed", "装箱"),
    MilestoneKind.HANDED_OVER: m.Two("Handed over", "交接"),
    MilestoneKind.DELIVERED: m.Two("Delivered", "送达"),
    MilestoneKind.RECEIVED: m.Two("Received", "接收"),
}
ROAD = m.Two("temperature controlled", "温控运输")
NO_CALL = "–"


def _require_packed(shipment: Shipment) -> None:
    if shipment.packed_at is None or shipment.arrive_by is None:
        raise Refused(
            Blocker(
                "logistics.not_packed",
                N_("The shipment is not packed yet: there is nothing to label"),
                field="shipment",
                value=shipment.code,
                mend=N_("Pack it first"),
            )
        )


def _party(code: str) -> m.Party:
    site = get_site(code)
    market = m.Two(f"{site.code}, {site.market.name_en}", f"{site.code}，{site.market.name_zh}")
    return m.Party(m.Two(site.name_en, site.name_zh), market, site.gln or NO_CALL, NO_CALL)


def _marks() -> tuple[bool, bool]:
    kind = database_kind()
    return kind == "demonstration", kind == "simulated"


def _temperature(shipment: Shipment) -> tuple[m.Two, m.Two]:
    definition = orders.definition_for(shipment.order_id)
    condition = definition.supply.condition(shipment.condition)
    rule = definition.supply.excursion(shipment.condition)
    name = m.Two("", "") if condition is None else m.Two(condition.name.en, condition.name.zh)
    if rule is None:
        return name, m.Two("", "")
    minutes = int(rule.maximum_outside.total_seconds() // 60)
    allowed, absolute = _degrees(str(rule.allowed)), _degrees(str(rule.absolute))
    return name, m.Two(
        f"outside {allowed} at most {minutes} min in all, outside {absolute} never",
        f"超出{allowed}累计不超过{minutes}分钟，任何时候不得超出{absolute}",
    )


def _degrees(text: str) -> str:
    return text.replace("degC", "°C").replace("-", "−")


def _language(shipment: Shipment) -> m.Language:
    """Return the language of the papers: that of the market where the shipment is opened."""
    return papers.language_of(shipment.lane.destination.market.code, m.Language.BOTH)


def _warnings(shipment: Shipment) -> m.Warnings:
    return m.Warnings(clinical_trial=orders.load_order(shipment.order_id).trial_only)


@read("logistics.print_shipping_label")
def print_shipping_label(*, shipment_id: ShipmentId, language: m.Language | None = None, by: Actor) -> Upload:
    """Return the label of a packed shipping container as PDF (100 × 150 mm), its barcodes as they are scanned."""
    return _shipping_label(shipment_id, language, by, papers.Form.PDF)


def look_at_shipping_label(*, shipment_id: ShipmentId, by: Actor) -> Upload:
    """Return the label of a packed shipping container as it will be printed, to be looked at before."""
    return _shipping_label(shipment_id, None, by, papers.Form.PNG)


def _shipping_label(shipment_id: ShipmentId, language: m.Language | None, by: Actor, form: papers.Form) -> Upload:
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    _require_packed(shipment)
    assert shipment.packed_at is not None and shipment.arrive_by is not None  # noqa: S101, PT018 - refused before
    demonstration, simulated = _marks()
    lane = shipment.lane
    label = m.ShippingLabel(
        language=language or _language(shipment),
        printed_at=clock.now(),
        demonstration=demonstration,
        simulated=simulated,
        shipment_code=shipment.code,
        shipper_code=shipment.shipper_code,
        sscc=shipment.sscc,
        coi=shipment.coi.code,
        sender=_party(lane.origin.code),
        receiver=_party(lane.destination.code),
        contents=CONTENTS[ShipmentKind(shipment.kind)],
        containers=len(reads.packed_in(shipment)),
        temperature=_temperature(shipment)[0],
        packed_at=shipment.packed_at,
        arrive_by=shipment.arrive_by,
        hold_ends_at=shipment.hold_ends_at,
        carrier=m.Two(lane.carrier.name_en, lane.carrier.name_zh),
        logger_code=shipment.logger_code,
        seal_code=shipment.seal,
        emergency=NO_CALL,
        warnings=_warnings(shipment),
    )
    return Upload(f"{shipment.code}-label.{form}", papers.shipping_label(label, form))


@read("logistics.print_travel_papers")
def print_travel_papers(*, shipment_id: ShipmentId, language: m.Language | None = None, by: Actor) -> Upload:
    """Return what travels with a packed shipment as PDF: packing list, way, temperature, permits, handovers."""
    return _travel_papers(shipment_id, language, by, papers.Form.PDF)


def look_at_travel_papers(*, shipment_id: ShipmentId, by: Actor) -> Upload:
    """Return the first page of what travels with a packed shipment, to be looked at; refused as the paper is."""
    return _travel_papers(shipment_id, None, by, papers.Form.PNG)


def _travel_papers(shipment_id: ShipmentId, language: m.Language | None, by: Actor, form: papers.Form) -> Upload:
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    _require_packed(shipment)
    assert shipment.packed_at is not None and shipment.arrive_by is not None  # noqa: S101, PT018 - refused before
    demonstration, simulated = _marks()
    lane, kind = shipment.lane, ShipmentKind(shipment.kind)
    temperature, excursion = _temperature(shipment)
    paper = m.TravelPapers(
        language=language or _language(shipment),
        printed_at=clock.now(),
        demonstration=demonstration,
        simulated=simulated,
        shipment_code=shipment.code,
        shipper_code=shipment.shipper_code,
        sscc=shipment.sscc,
        coi=shipment.coi.code,
        sender=_party(lane.origin.code),
        receiver=_party(lane.destination.code),
        contents=CONTENTS[kind],
        temperature=temperature,
        excursion_rule=excursion,
        packed_at=shipment.packed_at,
        arrive_by=shipment.arrive_by,
        hold_ends_at=shipment.hold_ends_at,
        requalified_on=None,
        logger_code=shipment.logger_code,
        seal_code=shipment.seal,
        emergency=NO_CALL,
        packed=tuple(
            m.PackedContainer(
                one.code,
                CONTENTS[kind],
                "" if one.volume_ml is None else f"{rules.plain(one.volume_ml)} mL",
                expires_at=one.expires_at,
            )
            for one in reads.packed_in(shipment)
        ),
        legs=(
            m.Leg(
                m.Two(lane.origin.name_en, lane.origin.name_zh),
                m.Two(lane.destination.name_en, lane.destination.name_zh),
                m.Two(lane.carrier.name_en, lane.carrier.name_zh),
                ROAD,
                shipment.packed_at,
                shipment.packed_at + timedelta(hours=float(lane.typical_hours)),
            ),
        ),
        handovers=tuple(
            m.Handover(STEPS[MilestoneKind(one.kind)], one.from_custodian, one.to_custodian, one.at, one.place)
            for one in reads.milestones_of(shipment)
        ),
        permits=tuple(m.Permit(one.name, one.number, "–") for one in shipment.permits.order_by("name")),
        warnings=_warnings(shipment),
    )
    return Upload(f"{shipment.code}-travel-papers.{form}", papers.travel_papers(paper, form))
