"""Two people compare patient, container and order: the check that stands before collection, receipt and infusion."""

from __future__ import annotations

from datetime import date

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import CoiId, ContainerId, SiteId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.engines.codes import Kind, issue
from vein2vein.identity import facts, reads, rules, scans, secrecy
from vein2vein.identity.actions.chains import require_witness
from vein2vein.identity.models import Chain, IdentityCheck, Label, PatientNumber
from vein2vein.identity.states import ChainState, LabelKind, LabelState, Occasion

BEDSIDE_ROLES = frozenset({Role.COORDINATOR, Role.APHERESIS_NURSE, Role.INFUSION_NURSE, Role.PHYSICIAN, Role.CELL_LAB})
RECEIPT_ROLES = frozenset({Role.WAREHOUSE, Role.OPERATOR, Role.SUPERVISOR, Role.QA_REVIEWER, Role.QC_ANALYST})
CHECK_ROLES = BEDSIDE_ROLES | RECEIPT_ROLES


@journal.action(
    "identity.issue_wristband",
    roles={Role.COORDINATOR, Role.APHERESIS_NURSE, Role.INFUSION_NURSE},
    witnessed=N_("patient identified, wristband put on"),
)
def issue_wristband(
    *, coi_id: CoiId, hospital_number: str, birth_date: date, by: Actor, witness: Actor | None
) -> Label:
    """Put a wristband on the patient, by two people who compare number and birth date; the former one is void."""
    chain = reads.get_chain_by_id(coi_id, by=by)
    site_id = SiteId(chain.patient.hospital_id)
    second = require_witness(witness, by=by, site_id=site_id, roles=BEDSIDE_ROLES)
    if chain.state != ChainState.OPEN:
        raise Refused(rules.chain_closed())
    known = PatientNumber.objects.filter(
        patient_id=chain.patient_id, current=True, number_digest=secrecy.digest(site_id, hospital_number)
    ).exists()
    if not known or chain.patient.birth_date != birth_date:
        raise Refused(
            Blocker(
                "identity.not_this_patient",
                N_("Hospital number or birth date are not those of this treatment course's patient"),
                field="hospital_number",
                mend=N_("Stop. This may be another patient: identify the patient again"),
            )
        )
    return _put_on(chain, by=by, witness=second)


def _put_on(chain: Chain, *, by: Actor, witness: Actor) -> Label:
    at = journal.current().at
    stream, refs = f"coi:{chain.pk}", [f"patient:{chain.patient_id}", f"account:{witness.account_id}"]
    former = reads.find_wristband_in_force(CoiId(chain.pk))
    if former is not None:
        journal.transition(
            former,
            "void",
            facts.LabelVoided(coi_id=chain.pk, label_id=former.pk, label=former.code),
            stream=stream,
            voided_at=at,
        )
    band = Label(
        coi=chain,
        kind=LabelKind.WRISTBAND.value,
        code=issue(Kind.WRISTBAND),
        state=LabelState.USED.value,
        purpose="wristband",
        printed_at=at,
        activated_at=at,
    )
    check = _row(chain, Occasion.WRISTBAND, None, band, None, manual=False, by=by, witness=witness)
    journal.record(
        facts.WristbandIssued(
            coi_id=chain.pk, label_id=band.pk, wristband=band.code, voided="" if former is None else former.code
        ),
        stream=stream,
        refs=refs,
        inserts=[band, check],
    )
    return band


def _row(
    chain: Chain,
    occasion: Occasion,
    container_id: ContainerId | None,
    band: Label | None,
    label: Label | None,
    *,
    manual: bool,
    by: Actor,
    witness: Actor,
) -> IdentityCheck:
    return IdentityCheck(
        coi=chain,
        occasion=occasion.value,
        container_id=container_id,
        performed_by_id=by.account_id,
        witnessed_by_id=witness.account_id,
        wristband=band,
        label=label,
        manual=manual,
        checked_at=journal.current().at,
    )


@journal.action("identity.check_identity")
def check_identity(
    *,
    occasion: Occasion,
    coi_id: CoiId,
    scanned_wristband: str = "",
    scanned_label: str = "",
    container_ids: list[ContainerId] | None = None,
    manual: bool = False,
    entered_again: list[str] | None = None,
    by: Actor,
    witness: Actor | None,
) -> IdentityCheck:
    """Match wristband, bag and order (N5) and record that two people did; `container_ids` are those of the order.

    The action around it must be witnessed: the second person's signature is looked for in the deed.
    """
    return _check(
        occasion=occasion,
        coi_id=coi_id,
        scanned_wristband=scanned_wristband,
        scanned_label=scanned_label,
        container_ids=container_ids,
        manual=manual,
        entered_again=entered_again or [],
        by=by,
        witness=witness,
    )


@journal.action("identity.record_identity_check", roles=CHECK_ROLES, witnessed=N_("identity compared by two people"))
def record_identity_check(
    *,
    occasion: Occasion,
    coi_id: CoiId,
    scanned_wristband: str = "",
    scanned_label: str = "",
    manual: bool = False,
    entered_again: list[str] | None = None,
    by: Actor,
    witness: Actor | None,
) -> IdentityCheck:
    """Record a check of identity by two people at collection or receipt; thaw and infusion are matched on the order."""
    refuse_any(rules.occasion_blockers(occasion))
    return _check(
        occasion=occasion,
        coi_id=coi_id,
        scanned_wristband=scanned_wristband,
        scanned_label=scanned_label,
        container_ids=None,
        manual=manual,
        entered_again=entered_again or [],
        by=by,
        witness=witness,
    )


def _check(
    *,
    occasion: Occasion,
    coi_id: CoiId,
    scanned_wristband: str,
    scanned_label: str,
    container_ids: list[ContainerId] | None,
    manual: bool,
    entered_again: list[str],
    by: Actor,
    witness: Actor | None,
) -> IdentityCheck:
    chain = reads.get_chain_by_id(coi_id, by=by)
    hospital = SiteId(chain.patient.hospital_id)
    roles = RECEIPT_ROLES | BEDSIDE_ROLES if occasion is Occasion.RECEIPT else BEDSIDE_ROLES
    second = require_witness(witness, by=by, site_id=hospital, roles=roles)
    entered = [text for text in (scanned_wristband, scanned_label) if text]
    refuse_any(rules.dual_entry_blockers(manual=manual, entered=entered, again=entered_again, witnessed=True))
    band = scans.wristband(scanned_wristband) if scanned_wristband else None
    bag = scans.container(scanned_label) if scanned_label else None
    refuse_any(
        rules.match(
            occasion=occasion,
            band=None if band is None else rules.Band(band.coi_id, band.state),
            bag=None if bag is None else rules.Bag(reads.view_container(bag.container), bag.label.state),
            ordered=rules.Ordered(chain.pk, None if container_ids is None else frozenset(container_ids)),
            at=journal.current().at,
        )
    )
    container_id = None if bag is None else ContainerId(bag.container.pk)
    label = None if bag is None else bag.label
    check = _row(chain, occasion, container_id, band, label, manual=manual, by=by, witness=second)
    journal.record(
        facts.IdentityChecked(
            coi_id=chain.pk,
            check_id=check.pk,
            occasion=occasion.value,
            container_id=container_id,
            wristband_id=None if band is None else band.pk,
            performed_by=by.account_id,
            witnessed_by=second.account_id,
            manual=manual,
        ),
        stream=f"coi:{chain.pk}",
        refs=[f"account:{second.account_id}", *([] if bag is None else [f"container:{container_id}"])],
        inserts=[check],
    )
    return check
