"""The receipt gate: seal, contents, identity before two people, and the temperature of the whole way (N9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import CoiId, ContainerId, EquipmentId, OrderId, ShipmentId, SiteId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.engines.codes import Kind
from vein2vein.engines.definitions.model.supply import ExcursionRule as DefinedRule
from vein2vein.engines.instruments.excursions import ExcursionRule, judge
from vein2vein.engines.instruments.trace import Window, read_trace
from vein2vein.identity import actions as identity
from vein2vein.identity.actions.custody import person
from vein2vein.identity.scans import read_code
from vein2vein.identity.states import Disposition, Occasion
from vein2vein.logistics import facts, reads, rules
from vein2vein.logistics.actions.packing import require_place, require_scan
from vein2vein.logistics.models import Milestone, Shipment, Trace
from vein2vein.logistics.states import Finding, IncidentKind, MilestoneKind, ShipmentKind, ShipmentState, TraceVerdict
from vein2vein.network import actions as network
from vein2vein.orders import actions as orders
from vein2vein.quality import actions as quality


def engine_rule(defined: DefinedRule, *, mean_kinetic: bool) -> ExcursionRule:
    """Return a definition's excursion rule as the judging engine takes it: °C and minutes."""

    def celsius(side: str, bounds: str) -> Decimal | None:
        found = getattr(getattr(defined, bounds), side)
        return None if found is None else Decimal(found.to("degC").magnitude)

    outside = Decimal(int(defined.maximum_outside.total_seconds())) / 60
    return ExcursionRule(
        low_c=celsius("low", "allowed"),
        high_c=celsius("high", "allowed"),
        max_single_minutes=outside,
        max_cumulative_minutes=outside,
        hard_low_c=celsius("low", "absolute"),
        hard_high_c=celsius("high", "absolute"),
        max_gap_minutes=Decimal(int(defined.maximum_gap.total_seconds())) / 60,
        mean_kinetic=mean_kinetic,
    )


def _judged(shipment: Shipment, trace: Upload, at: datetime) -> Trace:
    """Return the row of a logger's file, judged for exactly packed → received; raises `Refused` for a bad file."""
    assert shipment.packed_at is not None  # noqa: S101 - refused before
    wanted = reads.wanted_of(shipment.order_id, ShipmentKind(shipment.kind))
    window = Window(shipment.packed_at, at)
    read = read_trace(
        trace.content,
        trace.filename,
        expected_serial=shipment.logger_serial,
        expected_window=window,
        allow_gaps=True,
    )
    chilled = wanted.journey.temperature_class == "chilled"
    verdict = judge(read, engine_rule(wanted.excursion, mean_kinetic=chilled), window)
    inside = [celsius for moment, celsius in read.points if window.start <= moment <= window.stop]
    return Trace(
        shipment=shipment,
        logger_serial=read.serial,
        filename=trace.filename,
        sha256=read.sha256,
        content=trace.content,
        verdict=verdict.outcome.value,
        window_from_at=shipment.packed_at,
        window_to_at=at,
        minutes_outside=verdict.cumulative_minutes_outside.quantize(Decimal("0.01")),
        coverage=verdict.coverage,
        warmest_c=max(inside, default=None),
        coldest_c=min(inside, default=None),
        mean_kinetic_c=verdict.mean_kinetic_c,
        excursions=len(verdict.excursions),
        gaps=len(verdict.gaps),
        recorded_at=at,
    )


def _missing(shipment: Shipment, reason: str, at: datetime) -> Trace:
    assert shipment.packed_at is not None  # noqa: S101 - refused before
    return Trace(
        shipment=shipment,
        logger_serial=shipment.logger_serial,
        verdict=TraceVerdict.MISSING.value,
        window_from_at=shipment.packed_at,
        window_to_at=at,
        missing_reason=reason,
        recorded_at=at,
    )


@dataclass(frozen=True, slots=True)
class _Receipt:
    """What was found at a receipt."""

    contents: list[rules.Packed]
    trace: Trace
    seal: str
    seal_intact: bool
    findings: list[Finding]
    cracked: list[str]
    at: datetime


@journal.action(
    "logistics.receive_shipment",
    roles={Role.WAREHOUSE, Role.CELL_LAB},
    witnessed=N_("contents and identity compared by two people"),
)
def receive_shipment(
    *,
    shipment_id: ShipmentId,
    scanned_shipment: str,
    scanned_seal: str,
    seal_intact: bool,
    scanned_containers: list[str],
    trace: Upload | None = None,
    no_trace_reason: str = "",
    tipped: bool = False,
    cracked_containers: list[str] | None = None,
    by: Actor,
    witness: Actor | None,
) -> Shipment:
    """Receive a delivered shipment: seal, every container scanned, identity by two people, the logger's CSV.

    The trace is judged by the definition's excursion rule from packing to now. An excursion, an incomplete or
    missing trace, a broken seal, a tip indicator that tripped (`tipped`), containers that are cracked, a hold time
    that is over, or a course that does not wait for it any more quarantine the shipment until QA has reviewed it
    (N9); a file that cannot be this journey's is refused. What is cracked is rejected at once. Starting material is
    then received; product whose way was good is at the site.
    """
    shipment = reads.get_shipment(shipment_id=shipment_id, by=by)
    kind, at = ShipmentKind(shipment.kind), journal.current().at
    require_place(by, rules.RECEIVERS[kind], SiteId(shipment.lane.destination_id))
    require_scan(scanned_shipment, Kind.SHIPMENT, shipment.code, "scanned_shipment")
    seal = read_code(scanned_seal, (Kind.SEAL,), "scanned_seal").value
    contents = reads.scanned_contents(scanned_containers)
    expected = {one.container_id: one.code for one in reads.packed_in(shipment)}
    cracked = [one.code for one in reads.scanned_contents(cracked_containers or [])]
    refuse_any(
        [
            *rules.state_blockers(shipment.state, [ShipmentState.DELIVERED]),
            *rules.time_blockers(shipment.packed_at, at),
            *rules.contents_blockers(contents, expected, shipment.coi_id),
            *rules.trace_given_blockers(given=trace is not None, reason=no_trace_reason),
            *rules.cracked_blockers(cracked, list(expected.values())),
        ]
    )
    row = _missing(shipment, no_trace_reason, at) if trace is None else _judged(shipment, trace, at)
    intact = seal_intact and seal == shipment.seal
    for text in scanned_containers:
        identity.check_identity(
            occasion=Occasion.RECEIPT,
            coi_id=CoiId(shipment.coi_id),
            scanned_label=text,
            container_ids=[ContainerId(one) for one in expected],
            by=by,
            witness=witness,
        )
    seen = rules.Seen(
        tipped=tipped,
        cracked=bool(cracked),
        hold_time_over=shipment.hold_ends_at is not None and at > shipment.hold_ends_at,
        incident=shipment.incidents.exclude(kind=IncidentKind.DELAYED).exists(),
        not_awaited=reads.order_state(shipment.order_id) not in rules.AWAITED[kind],
    )
    findings = rules.findings_of(TraceVerdict(row.verdict), seal_intact=intact, seen=seen)
    _record(shipment, _Receipt(contents, row, seal, intact, findings, cracked, at), by=by)
    return shipment


def _record(shipment: Shipment, receipt: _Receipt, *, by: Actor) -> None:
    giver, row = reads.custodian_of(shipment), receipt.trace
    containers = [ContainerId(one.container_id) for one in receipt.contents]
    identity.hand_over(container_ids=containers, to=person(by), by=by)
    journal.transition(
        shipment,
        "quarantine" if receipt.findings else "receive",
        facts.ShipmentReceived(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            sscc=shipment.sscc,
            coi_id=shipment.coi_id,
            order_id=shipment.order_id,
            kind=shipment.kind,
            site=shipment.lane.destination.code,
            seal=receipt.seal,
            seal_intact=receipt.seal_intact,
            containers=tuple(facts.PackedContainer(one.container_id, one.code) for one in receipt.contents),
            verdict=row.verdict,
            trace_sha256=row.sha256,
            minutes_outside=row.minutes_outside,
            coverage=row.coverage,
            quarantined=bool(receipt.findings),
        ),
        stream=shipment.stream,
        refs=[*shipment.refs, *(f"container:{one}" for one in containers)],
        inserts=[
            row,
            Milestone(
                shipment=shipment,
                kind=MilestoneKind.RECEIVED.value,
                from_custodian=giver,
                to_custodian=by.name,
                place=shipment.lane.destination.code,
                at=receipt.at,
                recorded_by=by.account_id,
            ),
        ],
        received_at=receipt.at,
        seal_intact=receipt.seal_intact,
        findings=[one.value for one in receipt.findings],
    )
    if reads.wanted_of(shipment.order_id, ShipmentKind(shipment.kind)).requalified_each_use:
        reason = f"used by shipment {shipment.code}"
        network.demand_requalification(equipment_id=EquipmentId(shipment.shipper_id), reason=reason, by=by)
    if receipt.findings:
        _quarantine(shipment, receipt, by=by)
    _advance(shipment, good=not receipt.findings, by=by)


def _quarantine(shipment: Shipment, receipt: _Receipt, *, by: Actor) -> None:
    row, found = receipt.trace, ", ".join(one.value.replace("_", " ") for one in receipt.findings)
    for one in receipt.contents:
        wanted = Disposition.REJECTED if one.code in receipt.cracked else Disposition.QUARANTINED
        if one.disposition not in (wanted, Disposition.REJECTED):
            identity.set_disposition(
                container_id=ContainerId(one.container_id),
                disposition=wanted,
                reason=f"shipment {shipment.code}: {found}",
                by=by,
            )
    journal.record(
        facts.ExcursionFound(
            shipment_id=shipment.pk,
            shipment=shipment.code,
            coi_id=shipment.coi_id,
            order_id=shipment.order_id,
            kind=shipment.kind,
            found=found,
            findings=tuple(one.value for one in receipt.findings),
            verdict=row.verdict,
            minutes_outside=row.minutes_outside,
            warmest_c=row.warmest_c,
            coldest_c=row.coldest_c,
        ),
        stream=shipment.stream,
        refs=shipment.refs,
    )
    quality.open_deviation(
        subject=f"Shipment {shipment.code}: {found}",
        description=_described(shipment, receipt),
        order_id=OrderId(shipment.order_id),
        hold=False,
        source=f"shipment:{shipment.pk}:receipt",
        involved=[str(by.account_id)],
        by=by,
    )


def _described(shipment: Shipment, receipt: _Receipt) -> str:
    row = receipt.trace
    seal = "seal intact" if receipt.seal_intact else f"seal {shipment.seal} broken or replaced ({receipt.seal})"
    seal += f"; cracked: {', '.join(receipt.cracked)}" if receipt.cracked else ""
    if row.verdict == TraceVerdict.MISSING:
        return f"{seal}; no temperature trace: {row.missing_reason}"
    return (
        f"{seal}; trace {row.verdict} ({row.sha256}): {row.minutes_outside} min outside, "
        f"{row.coldest_c} to {row.warmest_c} °C, {row.gaps} gaps, coverage {row.coverage}"
    )


def _advance(shipment: Shipment, *, good: bool, by: Actor) -> None:
    order_id = OrderId(shipment.order_id)
    if reads.order_state(order_id) not in rules.AWAITED[ShipmentKind(shipment.kind)]:
        return
    if shipment.kind == ShipmentKind.STARTING_MATERIAL:
        orders.mark_received(order_id=order_id, by=by)
    elif shipment.kind == ShipmentKind.PRODUCT and good:
        orders.mark_at_site(order_id=order_id, by=by)
