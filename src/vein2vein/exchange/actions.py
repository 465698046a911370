"""Taking in what hospitals send."""

from __future__ import annotations

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import OrderId, SiteId
from vein2vein.core.refusals import N_, Blocker, Conflict, NotFound, Refused, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.engines.definitions import Definition
from vein2vein.engines.fhir.order import OrderBundle
from vein2vein.engines.fhir.read_order import read_order
from vein2vein.exchange import reads, rules
from vein2vein.exchange.facts import OrderBundleReceived, OrderBundleRepeated
from vein2vein.exchange.models import ReceivedBundle
from vein2vein.identity.states import Sex
from vein2vein.network.reads import find_site, find_site_by_gln
from vein2vein.orders.actions import PriorTherapyGiven, VirologyGiven, draft_order
from vein2vein.orders.states import OrderRoute, VirologyResult
from vein2vein.therapies.reads import content_of, effective_definition

journal.explain(
    "exchange_bundle_once",
    Blocker(
        code="order.doubled_number",
        message=N_("This order number was received just now"),
        field="ServiceRequest.identifier",
        mend=N_("Look for the order in the list before you send it again"),
    ),
)


SENDERS = frozenset({Role.PHYSICIAN, Role.COORDINATOR})


@journal.action("exchange.receive_order_bundle", roles=SENDERS)
def receive_order_bundle(*, bundle: Upload, by: Actor) -> reads.ReceivedOrder:
    """Draft an order from a hospital's FHIR R4 Bundle; the same bundle again gives the same order, once.

    The dose is the arm's in a trial, else the indication's usual one. Raises `Refused` with FHIRPath, value and
    mend of every fault; the order is still to be prescribed by signature.
    """
    order = read_order(bundle.content, now=clock.now())
    site = find_site(order.hospital.site_code) if order.hospital.site_code else find_site_by_gln(order.hospital.gln)
    if site is None or site.kind != "hospital" or not by.sees(SiteId(site.pk)):
        raise NotFound(rules.unknown_hospital(order))
    known = reads.find_bundle(site.code, order.order_number)
    if known is not None:
        return _again(known, order)
    version = effective_definition(order.therapy_id, journal.current().at.date())
    if version is None:
        raise Refused(rules.unknown_therapy(order))
    order_id = _draft(order, content_of(version), site.code, site.zone, by)
    return _kept(order, order_id, site.code, bundle.filename)


def _draft(order: OrderBundle, definition: Definition, hospital_code: str, zone: str, by: Actor) -> OrderId:
    therapy = definition.therapy
    refuse_any(rules.bundle_blockers(therapy, order))
    indication = rules.indication_of(therapy, order.indication.codings) or ""
    arm = order.trial.arm if order.trial is not None else ""
    dose = rules.dose_of(therapy, indication, arm)
    if dose is None:
        raise Refused(rules.unknown_therapy(order))
    drafted = draft_order(
        hospital_code=hospital_code,
        hospital_number=order.patient.hospital_number,
        initials=order.patient.initials,
        birth_date=order.patient.born_on,
        sex=Sex(order.patient.sex),
        therapy_code=therapy.id,
        indication_code=indication,
        route=OrderRoute(order.route),
        dose_amount=dose.amount,
        dose_unit=dose.unit,
        weight_kg=order.weight.kg,
        weight_measured_at=order.weight.measured_at,
        consent_version=order.consent.version,
        consent_signed_on=order.consent.signed_on,
        collection_planned_at=rules.planned_collection(order.collection_on, authored_at=order.authored_at, zone=zone),
        virology=[VirologyGiven(one.marker, VirologyResult(one.result), one.collected_on) for one in order.virology],
        prior_therapies=[
            PriorTherapyGiven(one.therapy_class, ended_on=one.last_given_on) for one in order.prior_therapies
        ],
        protocol=order.trial.protocol if order.trial is not None else "",
        subject_number=order.trial.subject_number if order.trial is not None else "",
        arm=arm,
        by=by,
    )
    return OrderId(drafted.pk)


def _kept(order: OrderBundle, order_id: OrderId, hospital_code: str, filename: str) -> reads.ReceivedOrder:
    row = ReceivedBundle(
        hospital_code=hospital_code,
        identifier=order.order_number,
        digest=order.sha256,
        filename=filename,
        order_id=order_id,
        received_at=journal.current().at,
    )
    made = reads.received(row, unread=order.unread)
    journal.record(
        OrderBundleReceived(
            order_id=order_id,
            order_code=made.order_code,
            identifier=order.order_number,
            digest=order.sha256,
            prescriber=f"{order.physician.system}|{order.physician.identifier}",
        ),
        stream=f"order:{order_id}",
        inserts=[row],
    )
    return made


def _again(known: ReceivedBundle, order: OrderBundle) -> reads.ReceivedOrder:
    if known.digest != order.sha256:
        raise Conflict(rules.reused_number(order))
    made = reads.received(known, unread=order.unread, repeated=True)
    journal.record(
        OrderBundleRepeated(order_id=made.order_id, order_code=made.order_code, identifier=order.order_number),
        stream=f"order:{made.order_id}",
    )
    return made
