"""Patients and their chains of identity."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import CoiId, PatientId, SiteId
from vein2vein.core.refusals import N_, Blocker, Conflict, Refused, refuse_any
from vein2vein.engines.codes import issue_coi
from vein2vein.identity import facts, reads, rules, secrecy
from vein2vein.identity.models import Chain, Container, Patient, PatientNumber
from vein2vein.identity.states import ChainState, ContainerState, Sex


@journal.action("identity.register_patient")
def register_patient(
    *, hospital_id: SiteId, hospital_number: str, initials: str, birth_date: date, sex: Sex, by: Actor
) -> Patient:
    """Register a hospital's patient, de-identified; raises `Conflict` when the number is known there already."""
    at = journal.current().at
    refuse_any(
        rules.patient_blockers(hospital_number=hospital_number, initials=initials, birth_date=birth_date, on=at.date())
    )
    patient = Patient(hospital_id=hospital_id, initials=initials.strip().upper(), birth_date=birth_date, sex=sex.value)
    _refuse_known(hospital_id, hospital_number)
    number = PatientNumber(
        patient=patient,
        hospital_id=hospital_id,
        number_encrypted=secrecy.encrypt(hospital_number),
        number_digest=secrecy.digest(hospital_id, hospital_number),
        linked_at=at,
    )
    journal.record(
        facts.PatientRegistered(patient_id=patient.pk, hospital_id=hospital_id, sex=sex.value),
        stream=f"patient:{patient.pk}",
        refs=[f"site:{hospital_id}"],
        inserts=[patient, number],
    )
    return patient


def number_known() -> Blocker:
    """Return the blocker of a number that means a patient already; it does not say which."""
    return Blocker(
        "identity.number_known",
        N_("This hospital number belongs to a patient who is registered already"),
        field="hospital_number",
        mend=N_("Choose that patient instead; if it is somebody else, the number is wrong"),
    )


def _refuse_known(hospital_id: SiteId, hospital_number: str) -> None:
    found = PatientNumber.objects.filter(
        hospital_id=hospital_id, number_digest=secrecy.digest(hospital_id, hospital_number)
    )
    if found.exists():
        raise Conflict(number_known())


@journal.action(
    "identity.link_patient_number",
    roles={Role.COORDINATOR, Role.PHYSICIAN},
    witnessed=N_("both numbers belong to this patient"),
)
def link_patient_number(
    *,
    patient_id: PatientId,
    former_number: str,
    new_number: str,
    birth_date: date,
    reason: str,
    by: Actor,
    witness: Actor | None,
) -> PatientNumber:
    """Tie a patient's new hospital number to the former one, by two people who compare number and birth date."""
    patient = reads.get_patient(patient_id, by=by)
    hospital_id = SiteId(patient.hospital_id)
    require_witness(witness, by=by, site_id=hospital_id, roles=frozenset({Role.COORDINATOR, Role.PHYSICIAN}))
    current = PatientNumber.objects.get(patient=patient, current=True)
    at = journal.current().at
    alike = current.number_digest == secrecy.digest(hospital_id, former_number) and patient.birth_date == birth_date
    if not alike:
        raise Refused(
            Blocker(
                "identity.not_this_patient",
                N_("The former number or the birth date is not that of this patient"),
                field="former_number",
                mend=N_("Stop. Identify the patient again from their papers"),
            )
        )
    refuse_any(
        rules.patient_blockers(
            hospital_number=new_number, initials=patient.initials, birth_date=birth_date, on=at.date()
        )
    )
    _refuse_known(hospital_id, new_number)
    number = PatientNumber(
        patient=patient,
        hospital_id=hospital_id,
        number_encrypted=secrecy.encrypt(new_number),
        number_digest=secrecy.digest(hospital_id, new_number),
        current=False,
        linked_at=at,
    )
    chains = [f"coi:{one}" for one in Chain.objects.filter(patient=patient).values_list("id", flat=True)]
    journal.record(
        facts.PatientNumberLinked(patient_id=patient.pk, hospital_id=hospital_id),
        stream=f"patient:{patient.pk}",
        refs=[f"site:{hospital_id}", *chains],
        inserts=[number],
        changes=[(current, {"current": False}), (number, {"current": True})],
    )
    return number


def require_witness(witness: Actor | None, *, by: Actor, site_id: SiteId, roles: frozenset[Role]) -> Actor:
    """Return the second person of an identity check, or raise `Refused`: present, another, signed, trusted here."""
    signed = {manifest.account_id for manifest in journal.current().signatures}
    refuse_any(
        rules.witness_blockers(
            present=witness is not None,
            same=witness is not None and witness.account_id == by.account_id,
            signed=witness is not None and str(witness.account_id) in signed,
            trusted=witness is not None and witness.has_any(roles) and witness.sees(site_id),
        )
    )
    assert witness is not None  # noqa: S101 - refused above
    return witness


@journal.action("identity.issue_chain")
def issue_chain(
    *, patient_id: PatientId, therapy_code: str, order_ref: str, on_labels: rules.OnChain, by: Actor
) -> Chain:
    """Issue the chain of identity (COI) of one treatment course; raises `Conflict` for an order that has one.

    `on_labels` is what each of its labels will say, from the definition and the order.
    """
    patient = reads.get_patient(patient_id, by=by)
    if Chain.objects.filter(order_ref=order_ref).exists():
        raise Conflict(
            Blocker(
                "identity.order_has_chain",
                N_("This order has a chain of identity already"),
                field="order",
                value=order_ref,
                mend=N_("Use the chain that was issued"),
            )
        )
    chain = Chain(
        code=issue_coi(),
        patient=patient,
        therapy_code=therapy_code,
        order_ref=order_ref,
        issued_at=journal.current().at,
        state=ChainState.OPEN.value,
        therapy_name_en=on_labels.therapy_name_en,
        therapy_name_zh=on_labels.therapy_name_zh,
        product_code=on_labels.product_code,
        trial_only=on_labels.trial_only,
        protocol=on_labels.protocol,
        subject_number=on_labels.subject_number,
        authorisation_reference=on_labels.authorisation_reference,
        label_sets=[_plain(one) for one in on_labels.label_sets],
    )
    journal.record(
        facts.ChainIssued(
            coi_id=chain.pk, coi=chain.code, patient_id=patient.pk, therapy_code=therapy_code, order_ref=order_ref
        ),
        stream=f"coi:{chain.pk}",
        refs=[f"patient:{patient.pk}", f"site:{patient.hospital_id}", order_ref],
        inserts=[chain],
    )
    return chain


def _plain(label_set: rules.LabelSet) -> dict[str, object]:
    return {
        "id": label_set.id,
        "use": label_set.use,
        "languages": list(label_set.languages),
        "fields": list(label_set.fields),
        "statements": [asdict(one) for one in label_set.statements],
    }


@journal.action("identity.close_chain")
def close_chain(*, coi_id: CoiId, by: Actor) -> Chain:
    """Close a chain at the end of its treatment course: nothing more is tied to it; not while a bag is expected."""
    chain = reads.get_chain_by_id(coi_id, by=by)
    if Container.objects.filter(coi=chain, state=ContainerState.EXPECTED).exists():
        raise Refused(
            Blocker(
                "identity.container_expected",
                N_("A container of this chain was labelled and is not filled"),
                field="coi",
                value=chain.code,
                mend=N_("Fill or destroy it first"),
            )
        )
    journal.transition(
        chain,
        "close",
        facts.ChainClosed(coi_id=chain.pk, coi=chain.code),
        stream=f"coi:{chain.pk}",
        refs=[f"patient:{chain.patient_id}"],
    )
    return chain
