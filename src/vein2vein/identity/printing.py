"""Labels as PDF: what the printer at the bedside or the bench is given.

A label says what the therapy's definition and the order demand; both were put on the chain when it was issued.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import CoiId, ContainerId, LabelId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.doors.naming import in_both
from vein2vein.doors.reading import read
from vein2vein.engines.codes import isbt
from vein2vein.engines.definitions.vocabulary import LabelField, LabelUse
from vein2vein.engines.papers import CannotPrint, Form, container_label, kit_label, language_of, wristband
from vein2vein.engines.papers.model import (
    Bedside,
    ContainerLabel,
    KitLabel,
    LabelSize,
    Language,
    Two,
    Warnings,
    Words,
    Wristband,
)
from vein2vein.identity import reads, rules
from vein2vein.identity.actions.labels import LABEL_ROLES
from vein2vein.identity.models import Chain, Container, Label
from vein2vein.identity.states import ContainerKind, ContainerState, LabelKind, LabelState
from vein2vein.journal.reads import database_kind

_SIZES = {
    ContainerKind.STARTING_MATERIAL: LabelSize.FINAL,
    ContainerKind.FINAL_PRODUCT: LabelSize.FINAL,
    ContainerKind.SAMPLE: LabelSize.SAMPLE,
    ContainerKind.RETAIN: LabelSize.SAMPLE,
}


PAPER_ROLES = LABEL_ROLES | {Role.INFUSION_NURSE}


def may_print(label: Label, *, by: Actor) -> bool:
    """Say whether a page offers a label's paper to this person: void labels, and those of others' patients, not."""
    theirs = label.container_id is not None or by.sites is not None
    return label.state != LabelState.VOIDED and theirs and by.has_any(PAPER_ROLES)


@read("identity.get_label_paper", roles=PAPER_ROLES)
def get_label_paper(*, label_id: LabelId, by: Actor) -> Upload:
    """Return a label as PDF, in the languages of its market; raises `Refused` for what must not be printed."""
    label = _printable(label_id, by)
    return Upload(f"label-{label.code}.pdf", label_pdf(label))


@read("identity.get_label_picture", roles=PAPER_ROLES)
def get_label_picture(*, label_id: LabelId, by: Actor) -> Upload:
    """Return a label as it will be printed, to be looked at on a page; refused as the paper is."""
    label = _printable(label_id, by)
    return Upload(f"label-{label.code}.png", label_pdf(label, Form.PNG))


def _printable(label_id: LabelId, by: Actor) -> Label:
    label = reads.get_label(label_id, by=by)
    if label.container_id is None:
        reads.bedside(CoiId(label.coi_id), by=by)  # wristbands and kits are printed by the patient's own hospital
    return label


def label_pdf(label: Label, form: Form = Form.PDF) -> bytes:
    """Return a wristband, a label of a kit or of a container as PDF or picture; raises `Refused` for a void one (N3).

    A label that cannot show what its definition demands is refused, and the field named.
    """
    refuse_any(rules.printable_blockers(label_state=label.state, code=label.code))
    container = label.container
    try:
        if label.kind == LabelKind.WRISTBAND:
            return wristband(_of_wristband(label), form)
        if container is None or container.state == ContainerState.EXPECTED:
            found = reads.find_label_set(label.coi, use=LabelUse.KIT.value)
            return kit_label(_of_kit(label, _said(label.coi, found)), form)
        found = reads.find_label_set(label.coi, set_id=container.label_set)
        return container_label(_of_container(label, container, _stated(_said(label.coi, found), container)), form)
    except CannotPrint as error:
        # The value may be what is known of the patient: it is not repeated.
        raise Refused(replace(error.blocker(), value="")) from None


@dataclass(frozen=True, slots=True)
class _Said:
    """What the definition's label set and the order demand of one label."""

    fields: frozenset[LabelField]
    paper: dict[str, Any]
    warnings: Warnings


def _said(chain: Chain, found: rules.LabelSet | None) -> _Said:
    if found is None:
        raise Refused(
            Blocker(
                "identity.label_set_unknown",
                N_("The definition of this treatment course has no label for this"),
                field="label_set",
                mend=N_("Label it in the step of the definition that makes it"),
            )
        )
    kind = database_kind()
    wanted = Language.BOTH if len(found.languages) > 1 else Language(found.languages[0])
    paper = {
        "printed_at": clock.now(),
        "language": language_of(chain.patient.hospital.market.code, wanted),
        "demonstration": kind == "demonstration",
        "simulated": kind == "simulated",
    }
    fields = frozenset(LabelField(one) for one in found.fields)
    return _Said(fields, paper, _warnings(chain, found))


def _warnings(chain: Chain, label_set: rules.LabelSet) -> Warnings:
    """Return the statements; an investigational order's is on every label, whatever the label set says."""
    barred = {"autologous_only", "clinical_trial"}
    return Warnings(
        autologous_only=any(one.id == "autologous_only" for one in label_set.statements),
        clinical_trial=chain.trial_only,
        not_evaluated=False,  # said in the definition's own words, among the others
        biohazard=any(one.when == "reactive" for one in label_set.statements),
        other=tuple(Two(one.en, one.zh) for one in label_set.statements if not barred & {one.id, one.when}),
    )


def _stated(said: _Said, container: Container) -> _Said:
    """Return what the label says with the container's own statement before the others."""
    if not container.statement_en:
        return said
    own = Two(container.statement_en, container.statement_zh)
    return replace(said, warnings=replace(said.warnings, other=(own, *said.warnings.other)))


def _bedside(label: Label) -> Bedside:
    known = reads.bedside_for_label(CoiId(label.coi_id))
    return Bedside(known.hospital_number, known.initials, known.birth_date, label.coi.subject_number)


def _of_wristband(label: Label) -> Wristband:
    hospital, kind = label.coi.patient.hospital, database_kind()
    return Wristband(
        printed_at=clock.now(),
        language=language_of(hospital.market.code, Language.BOTH),
        zone=hospital.zone,
        demonstration=kind == "demonstration",
        simulated=kind == "simulated",
        label_code=label.code,
        coi=label.coi.code,
        bedside=_bedside(label),
        hospital=Two(hospital.name_en, hospital.name_zh),
    )


def _din(number: str) -> str:
    """Return a donation number as it stands in its barcode: an ISBT 128 one with its flag characters."""
    return f"={number}{isbt.flag_value(number)}" if re.fullmatch(r"[A-Z0-9]{5}[0-9]{8}", number) else number


def _therapy(chain: Chain) -> Two:
    return Two(chain.therapy_name_en, chain.therapy_name_zh)


def _beside(words: Two, code: str) -> Two:
    return Two(f"{words.en} · {code}", f"{words.zh} · {code}") if code else words


def _two(english: str, chinese: str) -> Two:
    """Return a text in both languages; where it is an id alone, as its definition names it."""
    return Two(english, chinese) if chinese not in ("", english) else Two(*in_both(english))


def _of_kit(label: Label, said: _Said) -> KitLabel:
    chain, hospital, kit = label.coi, label.coi.patient.hospital, label.kit
    made = KitLabel(
        **said.paper,
        zone=hospital.zone,
        kit_code="" if kit is None else kit.code,
        label_code=label.code,
        coi=chain.code,
        purpose=_two(label.purpose, label.purpose_zh),
        label_of=f"{label.ordinal} / {0 if kit is None else kit.labels_printed}",
        therapy=_beside(_therapy(chain), chain.product_code),
        bedside=_bedside(label),
        collection_site=Two(hospital.name_en, hospital.name_zh),
        storage=Two(label.storage_en, label.storage_zh) if label.storage_en else "",
        protocol=chain.protocol,
        warnings=said.warnings,
    )
    shown = {
        LabelField.CONTAINER_ROLE: label.purpose,
        LabelField.CONTAINER_SERIAL: label.code,
        LabelField.SERIAL_OF_COUNT: made.kit_code,
        LabelField.STORAGE: label.storage_en,
        LabelField.SITE: hospital.name_en,
    }
    _refuse_missing(chain, said, shown)
    return made


def _of_container(label: Label, container: Container, said: _Said) -> ContainerLabel:
    chain, hospital = label.coi, label.coi.patient.hospital
    maker = container.made_by_site or hospital
    starting = container.kind == ContainerKind.STARTING_MATERIAL
    size = _SIZES.get(ContainerKind(container.kind), LabelSize.INTERMEDIATE)
    if label.reprint_of_id is not None and size is LabelSize.SAMPLE:
        size = LabelSize.INTERMEDIATE  # a tube's own code is on the void label too: the label code must be there
    contents = _two(container.contents_en, container.contents_zh)
    taken = starting or container.kind in (ContainerKind.SAMPLE, ContainerKind.RETAIN)
    made = ContainerLabel(
        **said.paper,
        zone=maker.zone,
        size=size,
        coi=chain.code,
        container_code=container.code,
        label_code=label.code,
        bedside=_bedside(label),
        therapy=_therapy(chain),
        therapy_short=_short(chain, said.fields),
        contents=_beside(contents, chain.product_code) if size is LabelSize.FINAL else contents,
        volume="" if container.volume_ml is None else f"{container.volume_ml.normalize():f} mL",
        batch_number=container.batch_number,
        din=_din(reads.donation_number(ContainerId(container.pk))),
        collected_at=container.made_at if taken else None,
        made_at=None if taken else container.made_at,
        expires_at=container.expires_at,
        storage=Two(container.storage_en, container.storage_zh) if container.storage_en else "",
        made_by=Two(maker.name_en, maker.name_zh) if LabelField.MANUFACTURER in said.fields else "",
        instructions=Two(f"Collected at {maker.name_en}", f"采集机构 {maker.name_zh}") if starting else "",
        authorisation=chain.authorisation_reference if size is LabelSize.FINAL else "",
        protocol=chain.protocol,
        warnings=said.warnings,
    )
    _refuse_missing(chain, said, _shown(container, maker.name_en, container.made_at))
    return made


def _short(chain: Chain, fields: frozenset[LabelField]) -> Words:
    """Return what a small label calls the product: its code, unless the definition wants the name there too."""
    return chain.product_code if LabelField.PRODUCT_NAME not in fields else _beside(_therapy(chain), chain.product_code)


def _shown(container: Container, maker: str, made_at: datetime) -> dict[LabelField, object]:
    by_base = container.kind == ContainerKind.STARTING_MATERIAL or container.made_by_site_id is not None
    return {
        LabelField.CONTAINER_SERIAL: container.code,
        LabelField.CONTAINER_ROLE: container.contents_en,
        LabelField.SAMPLE_CODE: container.contents_en,
        LabelField.BATCH_NUMBER: container.batch_number,
        LabelField.COLLECTED_AT: made_at,
        LabelField.MADE_AT: made_at,
        LabelField.EXPIRES_AT: container.expires_at,
        # A step that makes an intermediate need not know its volume: the definition then gives none.
        LabelField.VOLUME: container.volume_ml is not None or container.kind == ContainerKind.INTERMEDIATE,
        LabelField.STORAGE: container.storage_en,
        LabelField.SITE: maker,
        LabelField.MANUFACTURER: maker if by_base else "",
    }


def _refuse_missing(chain: Chain, said: _Said, shown: Mapping[LabelField, object]) -> None:
    known: dict[LabelField, object] = {
        LabelField.COI: chain.code,
        LabelField.PRODUCT_NAME: chain.therapy_name_en and chain.therapy_name_zh,
        LabelField.PRODUCT_CODE: chain.product_code,
        LabelField.PATIENT_IDENTIFIER_1: True,
        LabelField.PATIENT_IDENTIFIER_2: True,
        LabelField.PROTOCOL: chain.protocol,
        LabelField.SUBJECT_NUMBER: chain.subject_number,
        **shown,
    }
    present = {one.value for one, value in known.items() if value}
    refuse_any(rules.field_blockers({one.value for one in said.fields}, present, trial_only=chain.trial_only))
