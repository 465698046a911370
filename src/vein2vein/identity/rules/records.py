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
