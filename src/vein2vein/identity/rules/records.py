"""The plain records that the rules are given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vein2vein.identity.states import ContainerKind, CustodianKind


@dataclass(frozen=True, slots=True)
class Custodian:
    """Who or what has a container: `ref` is "account:…", "site:…" or "position:…"."""

    kind: CustodianKind
    ref: str
    name: str
    position_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class KitLabelWish:
    """How many labels of one purpose a kit is to have, and which container each will make."""

    purpose: str
    quantity: int
    container_role: str
    container_kind: ContainerKind = ContainerKind.STARTING_MATERIAL
    purpose_zh: str = ""
    storage_en: str = ""
    storage_zh: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A warning that a label carries, in the definition's words; `when` says on what ground."""

    id: str
    when: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class LabelSet:
    """One of a definition's labels: the fields it must show, in which languages, and the warnings that apply."""

    id: str
    use: str
    languages: tuple[str, ...]
    fields: tuple[str, ...]
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChain:
    """What every label of a treatment course says, decided when its order is accepted."""

    therapy_name_en: str
    therapy_name_zh: str
    product_code: str
    trial_only: bool
    protocol: str = ""
    subject_number: str = ""
    authorisation_reference: str = ""
    label_sets: tuple[LabelSet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnContainer:
    """What a container's label says beside its chain; `made_by_site_id` is None for the patient's own hospital."""

    label_set: str = ""
    contents_en: str = ""
    contents_zh: str = ""
    storage_en: str = ""
    storage_zh: str = ""
    batch_number: str = ""
    made_by_site_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ContainerView:
    """A container as the rules see it."""

    container_id: UUID
    coi_id: UUID
    kind: str
    state: str
    disposition: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How many labels of a kit are in each state."""

    printed: int
    spare: int
    activated: int
    used: int
    voided: int

    @property
    def difference(self) -> int:
        """Return printed less used and voided: anything but 0 is a label astray."""
        return self.printed - self.used - self.voided
