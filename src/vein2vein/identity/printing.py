"""Labels as PDF: what the printer at the bedside or the bench is given."""

from __future__ import annotations

from dataclasses import replace

from vein2vein.core import clock
from vein2vein.core.ids import CoiId
from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.engines.papers import CannotPrint, container_label, kit_label, wristband
from vein2vein.engines.papers.model import Bedside, ContainerLabel, KitLabel, LabelSize, Two, Wristband
from vein2vein.identity import reads
from vein2vein.identity.models import Container, Label
from vein2vein.identity.states import ContainerKind, LabelKind, LabelState
from vein2vein.journal.reads import database_kind
from vein2vein.network import reads as network

_SIZES = {
    ContainerKind.FINAL_PRODUCT: LabelSize.FINAL,
    ContainerKind.SAMPLE: LabelSize.SAMPLE,
    ContainerKind.RETAIN: LabelSize.SAMPLE,
}


def label_pdf(label: Label) -> bytes:
    """Return a wristband, a label of a kit or of a container as PDF; raises `Refused` for a void label (N3)."""
    if label.state == LabelState.VOIDED:
        raise Refused(
            Blocker(
                "identity.label_void",
                N_("A void label is not printed"),
                field="label",
                value=label.code,
                mend=N_("Print the label that is in force"),
            )
        )
    try:
        if label.kind == LabelKind.WRISTBAND:
            return wristband(_of_wristband(label))
        return kit_label(_of_kit(label)) if label.container is None else container_label(_of_container(label))
    except CannotPrint as error:
        # The value may be what is known of the patient: it is not repeated.
        raise Refused(replace(error.blocker(), value="")) from None


def _bedside(label: Label) -> Bedside:
    known = reads.bedside_for_label(CoiId(label.coi_id))
    return Bedside(known.hospital_number, known.initials, known.birth_date)


def _of_wristband(label: Label) -> Wristband:
    hospital, kind = label.coi.patient.hospital, database_kind()
    return Wristband(
        printed_at=clock.now(),
        zone=hospital.zone,
        demonstration=kind == "demonstration",
        simulated=kind == "simulated",
        label_code=label.code,
        coi=label.coi.code,
        bedside=_bedside(label),
        hospital=Two(hospital.name_en, hospital.name_zh),
    )


def _of_kit(label: Label) -> KitLabel:
    hospital = label.coi.patient.hospital
    kit = label.kit
    kind = database_kind()
    return KitLabel(
        printed_at=clock.now(),
        zone=hospital.zone,
        demonstration=kind == "demonstration",
        simulated=kind == "simulated",
        kit_code="" if kit is None else kit.code,
        label_code=label.code,
        coi=label.coi.code,
        purpose=label.purpose,
        label_of=f"{label.ordinal} / {0 if kit is None else kit.labels_printed}",
        therapy=label.coi.therapy_code,
        bedside=_bedside(label),
        collection_site=Two(hospital.name_en, hospital.name_zh),
    )


def _of_container(label: Label) -> ContainerLabel:
    container = label.container
    assert container is not None  # noqa: S101 - the caller has looked
    hospital, kind = label.coi.patient.hospital, database_kind()
    size = _SIZES.get(ContainerKind(container.kind), LabelSize.INTERMEDIATE)
    if label.reprint_of_id is not None and size is LabelSize.SAMPLE:
        size = LabelSize.INTERMEDIATE  # a tube's own code is on the void label too: the label code must be there
    return ContainerLabel(
        printed_at=clock.now(),
        zone=_zone(container, hospital.zone),
        demonstration=kind == "demonstration",
        simulated=kind == "simulated",
        size=size,
        coi=label.coi.code,
        container_code=container.code,
        label_code=label.code,
        bedside=_bedside(label),
        therapy=label.coi.therapy_code,
        contents=container.role.replace("_", " "),
        volume="" if container.volume_ml is None else f"{container.volume_ml.normalize():f} mL",
        batch_number="",
        din=container.donation_number,
        made_at=container.made_at,
        expires_at=container.expires_at,
    )


def _zone(container: Container, hospital_zone: str) -> str:
    if container.kind == ContainerKind.STARTING_MATERIAL:
        return hospital_zone
    base = network.find_site("CN-LG")
    return hospital_zone if base is None else base.zone
