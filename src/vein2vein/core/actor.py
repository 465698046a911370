"""Who acts: an account with its roles and the sites it may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from vein2vein.core.ids import AccountId, SiteId


class Role(StrEnum):
    """What a person is trusted to do; the words of the trade (`docs/words.md`)."""

    PHYSICIAN = "physician"
    COORDINATOR = "coordinator"
    APHERESIS_NURSE = "apheresis_nurse"
    CARRIER = "carrier"
    WAREHOUSE = "warehouse"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    QC_ANALYST = "qc_analyst"
    QC_REVIEWER = "qc_reviewer"
    QA_REVIEWER = "qa_reviewer"
    QUALIFIED_PERSON = "qualified_person"
    PLANNER = "planner"
    CELL_LAB = "cell_lab"
    INFUSION_NURSE = "infusion_nurse"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


HOSPITAL_ROLES = frozenset({Role.PHYSICIAN, Role.COORDINATOR, Role.APHERESIS_NURSE, Role.CELL_LAB, Role.INFUSION_NURSE})
"""Roles that a hospital's staff hold; they see their own site's patients only."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system itself) at a door.

    `sites` is None for those who see every site. `grant` is a one-use signature grant, present
    only on the call that it was given for.
    """

    account_id: AccountId
    name: str
    roles: frozenset[Role]
    sites: frozenset[SiteId] | None = None
    grant: str | None = None

    def sees(self, site_id: SiteId) -> bool:
        """Say whether this actor may see what belongs to `site_id`."""
        return self.sites is None or site_id in self.sites

    def has_any(self, roles: frozenset[Role]) -> bool:
        """Say whether the actor holds at least one of `roles`."""
        return bool(self.roles & roles)

    def signing(self, grant: str) -> Actor:
        """Return the same actor carrying a signature grant."""
        return replace(self, grant=grant)
