"""Kits and labels: printed as a series, activated by the bedside scan, printed again by two people, reconciled."""

from __future__ import annotations

from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import CoiId, LabelId, SiteId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.engines.codes import Kind, issue
from vein2vein.identity import facts, reads, rules, scans
from vein2vein.identity.actions.chains import require_witness
from vein2vein.identity.actions.containers import said_of
from vein2vein.identity.actions.custody import opened, person
from vein2vein.identity.models import Container, Kit, Label
from vein2vein.identity.rules import KitLabelWish
from vein2vein.identity.states import (
    ChainState,
    ContainerState,
    Disposition,
    KitState,
    LabelState,
    Occasion,
)

KIT_ROLES = frozenset({Role.COORDINATOR, Role.APHERESIS_NURSE})
LABEL_ROLES = frozenset(
    {
        Role.COORDINATOR,
        Role.APHERESIS_NURSE,
        Role.CELL_LAB,
        Role.OPERATOR,
        Role.SUPERVISOR,
        Role.QC_ANALYST,
        Role.WAREHOUSE,
    }
)


@journal.action("identity.print_kit")
def print_kit(*, coi_id: CoiId, labels: list[KitLabelWish], by: Actor) -> Kit:
    """Print the serialised labels of a collection kit, each bound to this chain; the last kit must be reconciled."""
    chain = reads.get_chain_by_id(coi_id, by=by)
    refuse_any(
        rules.kit_blockers(
            labels,
            chain_open=chain.state == ChainState.OPEN,
            unreconciled=reads.has_open_kit(CoiId(chain.pk)),
        )
    )
    at = journal.current().at
    wishes = [wish for wish in labels for _ in range(wish.quantity)]
    kit = Kit(coi=chain, code=issue(Kind.KIT), printed_at=at, labels_printed=len(wishes), state=KitState.PRINTED.value)
    printed = [
        Label(
            coi=chain,
            code=issue(Kind.LABEL),
            state=LabelState.PRINTED.value,
            kit=kit,
            ordinal=ordinal,
            purpose=wish.purpose.strip(),
            purpose_zh=wish.purpose_zh.strip(),
            storage_en=wish.storage_en,
            storage_zh=wish.storage_zh,
            container_kind=wish.container_kind.value,
            container_role=wish.container_role.strip(),
            printed_at=at,
        )
        for ordinal, wish in enumerate(wishes, start=1)
    ]
    journal.record(
        facts.KitPrinted(coi_id=chain.pk, kit_id=kit.pk, kit=kit.code, labels=len(printed)),
        stream=f"coi:{chain.pk}",
        refs=[f"site:{chain.patient.hospital_id}"],
        inserts=[kit, *printed],
    )
    return kit


@journal.action("identity.activate_label", witnessed=N_("typed codes compared with the labels"))
def activate_label(
    *,
    coi_id: CoiId,
    scanned_wristband: str,
    scanned_label: str,
    donation_number: str = "",
    manual: bool = False,
    entered_again: list[str] | None = None,
    on_label: rules.OnContainer | None = None,
    by: Actor,
    witness: Actor | None = None,
) -> Container:
    """Bind a kit label to a new container by scanning the wristband and the label at the bedside (N2–N4).

    The container is expected until it is filled. Typed codes (`manual`) are entered twice and witnessed.
    """
    chain = reads.get_chain_by_id(coi_id, by=by)
    _manual_path(
        manual=manual,
        entered=[scanned_wristband, scanned_label],
        again=entered_again or [],
        witness=witness,
        by=by,
        site_id=SiteId(chain.patient.hospital_id),
    )
    band, label = scans.wristband(scanned_wristband), scans.label(scanned_label)
    refuse_any(
        rules.match(
            occasion=Occasion.WRISTBAND,
            band=rules.Band(band.coi_id, band.state),
            bag=None,
            ordered=rules.Ordered(chain.pk),
            at=journal.current().at,
        )
        or rules.activation_blockers(
            label_state=label.state,
            label_coi=label.coi_id,
            wristband_coi=band.coi_id,
            coi_id=chain.pk,
            chain_open=chain.state == ChainState.OPEN,
            checked=reads.has_check(CoiId(chain.pk), Occasion.COLLECTION),
        )
    )
    return _bind(label, scans.donation_number(donation_number), on_label, manual=manual, by=by)


def _manual_path(
    *, manual: bool, entered: list[str], again: list[str], witness: Actor | None, by: Actor, site_id: SiteId
) -> None:
    refuse_any(rules.dual_entry_blockers(manual=manual, entered=entered, again=again, witnessed=witness is not None))
    if manual:
        require_witness(witness, by=by, site_id=site_id, roles=LABEL_ROLES | {Role.INFUSION_NURSE, Role.PHYSICIAN})


def _bind(
    label: Label, donation_number: str, on_label: rules.OnContainer | None, *, manual: bool, by: Actor
) -> Container:
    at = journal.current().at
    container = Container(
        coi_id=label.coi_id,
        code=issue(Kind.CONTAINER),
        kind=label.container_kind,
        role=label.container_role,
        state=ContainerState.EXPECTED.value,
        disposition=Disposition.QUARANTINED.value,
        donation_number=donation_number,
        made_at=at,
        **said_of(on_label),
    )
    stream, refs = f"coi:{label.coi_id}", [f"container:{container.pk}"]
    # Two entries: the container must stand before the label points to it.
    journal.record(
        facts.ContainerExpected(
            coi_id=label.coi_id,
            container_id=container.pk,
            container=container.code,
            role=container.role,
            donation_number=donation_number,
        ),
        stream=stream,
        refs=refs,
        inserts=[container, opened(container, person(by), at)],
    )
    journal.transition(
        label,
        "activate",
        facts.LabelActivated(
            coi_id=label.coi_id,
            label_id=label.pk,
            label=label.code,
            container_id=container.pk,
            container=container.code,
            manual=manual,
        ),
        stream=stream,
        refs=refs,
        container=container,
        activated_at=at,
    )
    return container


def _label_refs(label: Label) -> list[str]:
    return [] if label.container_id is None else [f"container:{label.container_id}"]


@journal.action("identity.void_label", roles=LABEL_ROLES)
def void_label(*, scanned_label: str, reason: str, by: Actor) -> Label:
    """Void a label that is not needed or spoiled; not one in force on a container that still exists."""
    label = reads.get_label(LabelId(scans.label(scanned_label).pk), by=by)
    state = None if label.container is None else label.container.state
    refuse_any(rules.reason_blockers(reason) + rules.void_blockers(label_state=label.state, container_state=state))
    _void(label)
    return label


def _void(label: Label) -> None:
    journal.transition(
        label,
        "void",
        facts.LabelVoided(coi_id=label.coi_id, label_id=label.pk, label=label.code),
        stream=f"coi:{label.coi_id}",
        refs=_label_refs(label),
        voided_at=journal.current().at,
    )


@journal.action("identity.void_spare_labels", roles=KIT_ROLES)
def void_spare_labels(*, kit_id: UUID, reason: str, by: Actor) -> Kit:
    """Void every label of a kit that was never activated, before the kit is reconciled (N3)."""
    kit = reads.get_kit(kit_id, by=by)
    spare = list(Label.objects.filter(kit=kit, state=LabelState.PRINTED).order_by("ordinal"))
    refuse_any(rules.reason_blockers(reason) + rules.spare_blockers(len(spare)))
    for label in spare:
        _void(label)
    return kit


@journal.action("identity.void_unused_labels")
def void_unused_labels(*, coi_id: CoiId, reason: str, by: Actor) -> int:
    """Void every printed label of a chain that was never activated (N3), for its course ended; return how many."""
    refuse_any(rules.reason_blockers(reason))
    unused = Label.objects.filter(coi_id=coi_id, state=LabelState.PRINTED).order_by("id")
    for label in unused:
        _void(label)
    return len(unused)


@journal.action("identity.reprint_label", roles=LABEL_ROLES, witnessed=N_("old label destroyed, new label compared"))
def reprint_label(*, label_id: LabelId, reason: str, by: Actor, witness: Actor | None) -> Label:
    """Print a label again with a new code, by two people; the old one is void from that moment (N3)."""
    old = reads.get_label(label_id, by=by)
    site_id = SiteId(old.coi.patient.hospital_id)
    require_witness(witness, by=by, site_id=site_id, roles=LABEL_ROLES | {Role.QA_REVIEWER})
    state = None if old.container is None else old.container.state
    refuse_any(
        rules.reason_blockers(reason)
        + rules.reprint_blockers(label_kind=old.kind, label_state=old.state, container_state=state)
    )
    at = journal.current().at
    bound = old.container_id is not None
    new = Label(
        coi_id=old.coi_id,
        kind=old.kind,
        code=issue(Kind.LABEL),
        state=(LabelState.USED if bound else LabelState.PRINTED).value,
        kit_id=old.kit_id,
        ordinal=old.ordinal,
        purpose=old.purpose,
        purpose_zh=old.purpose_zh,
        storage_en=old.storage_en,
        storage_zh=old.storage_zh,
        container_kind=old.container_kind,
        container_role=old.container_role,
        container_id=old.container_id,
        reprint_of=old,
        printed_at=at,
        activated_at=at if bound else None,
    )
    journal.transition(
        old,
        "void",
        facts.LabelReprinted(
            coi_id=old.coi_id, label_id=new.pk, label=new.code, voided=old.code, container_id=old.container_id
        ),
        stream=f"coi:{old.coi_id}",
        refs=_label_refs(old),
        inserts=[new],
        voided_at=at,
    )
    return new


@journal.action("identity.reconcile_labels", roles=KIT_ROLES)
def reconcile_labels(*, kit_id: UUID, counted_used: int, counted_voided: int, by: Actor) -> Kit:
    """Reconcile a kit (标签平衡): printed = used + voided, by the records and by hand, or it is refused (N3)."""
    kit = reads.get_kit(kit_id, by=by)
    count = reads.count_labels(kit)
    refuse_any(rules.reconciliation_blockers(count, counted_used=counted_used, counted_voided=counted_voided))
    journal.transition(
        kit,
        "reconcile",
        facts.LabelsReconciled(
            coi_id=kit.coi_id, kit_id=kit.pk, kit=kit.code, printed=count.printed, used=count.used, voided=count.voided
        ),
        stream=f"coi:{kit.coi_id}",
    )
    return kit
