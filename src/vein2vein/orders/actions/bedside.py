"""On the ward: thaw, three-way match before two people, infusion."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ContainerId, OrderId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.definitions import Definition
from vein2vein.identity import actions as identity
from vein2vein.identity.states import Occasion
from vein2vein.orders import facts, reads, rules
from vein2vein.orders.models import DoseBag, FollowUpVisit, Infusion, Order
from vein2vein.orders.states import InfusionEnd, OrderState, VisitState


@journal.action("orders.thaw_product", roles={Role.CELL_LAB})
def thaw_product(*, order_id: OrderId, scanned_bag: str, by: Actor) -> Order:
    """Thaw a scanned bag of the released dose, now, after clearance, lymphodepletion and the dose's confirmation."""
    order = reads.get_order(order_id=order_id, by=by)
    journal.caught_up(order.stream, holding=True)
    at, view = journal.current().at, reads.scanned_bag(order, scanned_bag)
    bedside = reads.bedside_view(order)
    definition = reads.definition_of(order)
    refuse_any(
        [
            *rules.thaw_blockers(bedside, view, at=at),
            *reads.obstacle_blockers(order),
            *reads.reconfirmation_blockers(order, definition, moment="thaw", at=at),
            *rules.weight_blockers(
                definition.therapy.eligibility,
                weight_kg=order.weight_kg,
                measured_at=order.weight_measured_at,
                at=at,
            ),
        ]
    )
    bag = _bag(order, view.code)
    identity.thaw_container(container_id=ContainerId(bag.container_id), by=by)
    journal.transition(
        order,
        "thaw",
        facts.ProductThawed(
            order_id=order.id,
            coi=reads.coi_code(order),
            container_code=view.code,
            thawed_at=at,
            infuse_until_at=at + bedside.thaw_limit,
        ),
        stream=order.stream,
        refs=[*order.refs, f"container:{bag.container_id}"],
        changes=[(bag, {"thawed_at": at, "thawed_by": by.account_id})],
    )
    return order


@journal.action("orders.match_at_bedside", roles={Role.INFUSION_NURSE, Role.PHYSICIAN}, witnessed=N_("bedside match"))
def match_at_bedside(
    *,
    order_id: OrderId,
    scanned_wristband: str,
    scanned_bag: str,
    manual: bool = False,
    entered_again: list[str] | None = None,
    by: Actor,
    witness: Actor | None,
) -> DoseBag:
    """Match wristband, bag and order before two people, immediately before the infusion (N5).

    Codes that cannot be scanned (`manual`) are entered twice; the second person compares them.
    """
    order = reads.get_order(order_id=order_id, by=by)
    at, view = journal.current().at, reads.scanned_bag(order, scanned_bag)
    refuse_any(
        rules.match_blockers(
            reads.bedside_view(order),
            view,
            wristband_coi_id=reads.scanned_wristband(scanned_wristband),
            two_people=witness is not None and witness.account_id != by.account_id,
            at=at,
        )
    )
    bag = _bag(order, view.code)
    check = identity.check_identity(
        occasion=Occasion.INFUSION,
        coi_id=reads.coi_of(order),
        scanned_wristband=scanned_wristband,
        scanned_label=scanned_bag,
        container_ids=[ContainerId(one) for one in order.dose_bags.values_list("container_id", flat=True)],
        manual=manual,
        entered_again=entered_again,
        by=by,
        witness=witness,
    )
    journal.record(
        facts.BedsideMatched(
            order_id=order.id,
            coi=reads.coi_code(order),
            container_code=view.code,
            wristband="" if check.wristband is None else check.wristband.code,
        ),
        stream=order.stream,
        refs=[*order.refs, f"container:{bag.container_id}", f"account:{check.witnessed_by_id}"],
        changes=[
            (bag, {"matched_at": at, "matched_by": by.account_id, "witnessed_by": check.witnessed_by_id}),
        ],
    )
    return bag


@journal.action("orders.start_infusion", roles={Role.INFUSION_NURSE, Role.PHYSICIAN})
def start_infusion(*, order_id: OrderId, scanned_bag: str, by: Actor) -> Infusion:
    """Start the infusion of a matched bag, now."""
    order = reads.get_order(order_id=order_id, by=by)
    journal.caught_up(order.stream, holding=True)
    at, view = journal.current().at, reads.scanned_bag(order, scanned_bag)
    refuse_any(
        [*rules.start_infusion_blockers(reads.bedside_view(order), view, at=at), *reads.obstacle_blockers(order)]
    )
    bag = _bag(order, view.code)
    infusion = Infusion(order=order, bag=bag, started_at=at, started_by=by.account_id)
    journal.record(
        facts.InfusionStarted(order_id=order.id, coi=reads.coi_code(order), container_code=view.code, started_at=at),
        stream=order.stream,
        refs=[*order.refs, f"container:{bag.container_id}"],
        inserts=[infusion],
    )
    identity.mark_infused(container_id=ContainerId(bag.container_id), by=by)
    return infusion


@journal.action("orders.record_infusion", roles={Role.INFUSION_NURSE, Role.PHYSICIAN})
def record_infusion(
    *,
    order_id: OrderId,
    scanned_bag: str,
    volume_ml: Decimal,
    end: InfusionEnd = InfusionEnd.COMPLETED,
    remark: str = "",
    by: Actor,
) -> Infusion:
    """Write down the end of a bag's infusion, now: volume in mL. The dose's last bag opens the follow-up visits."""
    order = reads.get_order(order_id=order_id, by=by)
    at, view = journal.current().at, reads.scanned_bag(order, scanned_bag)
    infusion = infusion_under_way(order, view.code)
    bag = infusion.bag
    refuse_any(
        [
            *rules.infusion_volume_blockers(bag_volume_ml=bag.volume_ml, volume_ml=volume_ml),
            *(rules.reason_blockers(remark) if end is InfusionEnd.STOPPED else []),
        ]
    )
    definition = reads.definition_of(order)
    last = end is InfusionEnd.STOPPED or not order.dose_bags.filter(infusion__ended_at__isnull=True).exclude(pk=bag.pk)
    fact = facts.InfusionRecorded(
        order_id=order.id,
        order_code=order.code,
        coi=reads.coi_code(order),
        container_code=view.code,
        started_at=infusion.started_at,
        ended_at=at,
        volume_ml=volume_ml,
        end=end,
        within_limit=_in_time(definition, bag, infusion, at),
        last=bool(last),
    )
    refs = [*order.refs, f"container:{bag.container_id}"]
    ended = [(infusion, {"ended_at": at, "end": end, "volume_ml": volume_ml, "remark": remark, "interrupted_at": None})]
    if last and order.state != OrderState.INFUSED:  # the rest of a dose may have been recalled meanwhile
        journal.transition(
            order,
            "infuse",
            fact,
            stream=order.stream,
            refs=refs,
            changes=ended,
            inserts=visits_of(order, definition, at),
        )
    else:
        journal.record(fact, stream=order.stream, refs=refs, changes=ended)
    return infusion


def _in_time(definition: Definition, bag: DoseBag, infusion: Infusion, at: datetime) -> bool:
    rule = definition.supply.bedside
    return bag.thawed_at is not None and rules.infusion_end_within_limit(
        thawed_at=bag.thawed_at,
        started_at=infusion.started_at,
        ended_at=at,
        thaw_limit=rule.thaw_to_infusion_end,
        longest=rule.infusion_maximum,
    )


def visits_of(order: Order, definition: Definition, at: datetime) -> list[FollowUpVisit]:
    """Return the follow-up visits that the definition asks for after an infusion at a time."""
    day = reads.local_day(order, at)
    return [
        FollowUpVisit(
            order=order,
            code=visit.id,
            name_en=visit.name.en,
            name_zh=visit.name.zh,
            day=visit.day,
            due_on=day + timedelta(days=visit.day),
            window_from_on=day + timedelta(days=visit.day - visit.window_before_days),
            window_to_on=day + timedelta(days=visit.day + visit.window_after_days),
            state=VisitState.DUE,
        )
        for visit in definition.supply.follow_up
    ]


def _bag(order: Order, code: str) -> DoseBag:
    return DoseBag.objects.select_related("container").get(order=order, container__code=code)


def infusion_under_way(order: Order, code: str) -> Infusion:
    """Return the infusion of a bag that is not ended; raises `Refused` where there is none."""
    found = (
        Infusion.objects.select_related("bag")
        .filter(order=order, bag__container__code=code, ended_at__isnull=True)
        .first()
    )
    if found is None:
        raise Refused(
            Blocker(
                code="orders.no_infusion",
                message=N_("No infusion of this bag is under way"),
                field="scanned_bag",
                value=code,
                mend=N_("Scan the bag that is being infused"),
            )
        )
    return found
