"""The apheresis (单采): two people at the bedside, a kit label activated by its scan, what came of it."""

from __future__ import annotations

from decimal import Decimal

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import ContainerId, OrderId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.identity import actions as identity
from vein2vein.identity.actions.labels import KIT_ROLES
from vein2vein.identity.reads import KitRow
from vein2vein.identity.states import Occasion
from vein2vein.orders import facts, reads, rules
from vein2vein.orders.models import Collection, Order
from vein2vein.orders.states import OrderState

NURSES = frozenset({Role.APHERESIS_NURSE})


@journal.action("orders.print_collection_kit", roles=KIT_ROLES)
def print_collection_kit(*, order_id: OrderId, spare: int = 1, by: Actor) -> KitRow:
    """Print the kit that the definition asks for: a label for the bag of the order's material, and `spare` more."""
    order = reads.get_order(order_id=order_id, by=by)
    labels = rules.kit_wishes(reads.definition_of(order), order.starting_material, spare=spare)
    kit = identity.print_kit(coi_id=reads.coi_of(order), labels=labels, by=by)
    journal.record(
        facts.CollectionKitPrinted(order_id=order.id, coi=reads.coi_code(order), kit=kit.code),
        stream=order.stream,
        refs=order.refs,
    )
    return kit


@journal.action("orders.start_collection", roles=NURSES, witnessed=N_("identity checked"))
def start_collection(
    *,
    order_id: OrderId,
    scanned_wristband: str,
    manual: bool = False,
    entered_again: list[str] | None = None,
    by: Actor,
    witness: Actor | None,
) -> Order:
    """Begin the apheresis after two people identified the patient by the scanned wristband.

    A code that cannot be scanned (`manual`) is entered twice; the second person compares it.

    Washout, virology and consent are looked at once more for today; the site must have reconfirmed. A course may
    have several collections, one after the other, before its material is shipped.
    """
    order = reads.get_order(order_id=order_id, by=by)
    at = journal.current().at
    if order.state in (OrderState.ACCEPTED, OrderState.COLLECTED):
        refuse_any(reads.collection_blockers(order, at=at))
    check = identity.check_identity(
        occasion=Occasion.COLLECTION,
        coi_id=reads.coi_of(order),
        scanned_wristband=scanned_wristband,
        manual=manual,
        entered_again=entered_again,
        by=by,
        witness=witness,
    )
    journal.transition(
        order,
        "start_collection",
        facts.CollectionStarted(
            order_id=order.id,
            coi=reads.coi_code(order),
            wristband="" if check.wristband is None else check.wristband.code,
        ),
        stream=order.stream,
        refs=order.refs,
        inserts=[
            Collection(order=order, ordinal=order.collections.count() + 1, started_at=at, started_by=by.account_id)
        ],
    )
    return order


@journal.action("orders.activate_kit_label", roles=NURSES, witnessed=N_("typed codes compared with the labels"))
def activate_kit_label(
    *,
    order_id: OrderId,
    scanned_wristband: str,
    scanned_label: str,
    donation_number: str = "",
    manual: bool = False,
    entered_again: list[str] | None = None,
    by: Actor,
    witness: Actor | None = None,
) -> Collection:
    """Scan wristband and a kit label at the bedside: the label now names the bag that is being collected.

    `donation_number` is the hospital's DIN (ISBT 128) where it uses one, scanned. Codes that cannot be scanned
    (`manual`) are entered twice, and a second person signs.
    """
    order = reads.get_order(order_id=order_id, by=by)
    collection = _running(order)
    definition = reads.definition_of(order)
    rule = definition.supply.starting_material(order.starting_material)
    container = identity.activate_label(
        coi_id=reads.coi_of(order),
        scanned_wristband=scanned_wristband,
        scanned_label=scanned_label,
        donation_number=donation_number,
        manual=manual,
        entered_again=entered_again,
        on_label=rules.on_starting_material(definition, order.starting_material),
        by=by,
        witness=witness,
    )
    refuse_any(
        rules.kit_label_blockers(
            has_bag=collection.container_id is not None,
            kind=container.kind,
            role=container.role,
            needed="" if rule is None else rule.container,
        )
    )
    journal.record(
        facts.KitLabelActivated(
            order_id=order.id, coi=reads.coi_code(order), label=scanned_label, container_code=container.code
        ),
        stream=order.stream,
        refs=[*order.refs, f"container:{container.pk}"],
        changes=[(collection, {"container": container, "donation_number": container.donation_number})],
    )
    return collection


@journal.action("orders.record_collection", roles=NURSES)
def record_collection(*, order_id: OrderId, volume_ml: Decimal, alternative: str = "", by: Actor) -> Collection:
    """Write down the end of the apheresis, now: volume in mL, and how the material goes on (fresh, cryopreserved)."""
    order = reads.get_order(order_id=order_id, by=by)
    collection = _running(order)
    at, taken = journal.current().at, alternative or order.starting_material
    definition = reads.definition_of(order)
    rule, said = definition.supply.starting_material(taken), rules.on_starting_material(definition, taken)
    found = rules.collection_end_blockers(
        rule, alternative=taken, volume_ml=volume_ml, started_at=collection.started_at, ended_at=at
    )
    container = collection.container
    if container is None:
        raise Refused([*found, _no_label()])
    refuse_any(found)
    identity.fill_container(
        container_id=ContainerId(container.pk),
        volume_ml=volume_ml,
        expires_at=None if rule is None else at + rule.maximum_age,
        storage_en=said.storage_en,
        storage_zh=said.storage_zh,
        by=by,
    )
    journal.transition(
        order,
        "record_collection",
        facts.CollectionRecorded(
            order_id=order.id,
            coi=reads.coi_code(order),
            container_id=container.pk,
            container_code=container.code,
            alternative=taken,
            donation_number=collection.donation_number,
            started_at=collection.started_at,
            ended_at=at,
            volume_ml=volume_ml,
        ),
        stream=order.stream,
        refs=[*order.refs, f"container:{container.pk}"],
        changes=[(collection, {"ended_at": at, "volume_ml": volume_ml, "alternative": taken})],
        starting_material=taken,
    )
    return collection


def _running(order: Order) -> Collection:
    rows = Collection.objects.select_related("container").filter(order=order)
    found = rows.filter(ended_at__isnull=True, failed_at__isnull=True).first()
    if found is None or order.state != OrderState.COLLECTING:
        raise Refused(
            Blocker(
                code="orders.no_collection",
                message=N_("No collection is under way for this order (%(state)s)"),
                field="state",
                value=order.state,
                mend=N_("Start the collection with the identity check first"),
                params={"state": order.state},
            )
        )
    return found


def _no_label() -> Blocker:
    return Blocker(
        code="orders.no_label_activated",
        message=N_("No kit label was activated for the bag"),
        field="scanned_label",
        mend=N_("Put a label of the kit on the bag at the bedside and scan it"),
    )
