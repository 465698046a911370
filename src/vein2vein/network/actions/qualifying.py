"""Sites: qualified again before their qualification ends."""

from __future__ import annotations

from datetime import date

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import SiteId
from vein2vein.core.refusals import N_, refuse_any
from vein2vein.network import facts, reads, rules
from vein2vein.network.models import Site


@journal.action("network.qualify_site", roles={Role.QA_REVIEWER}, signed=N_("site qualified"))
def qualify_site(*, site_id: SiteId, certificate: str, qualified_until: date, by: Actor) -> Site:
    """Sign that a site was audited, under its certificate, and is qualified until a last good day."""
    site = reads.get_site_by_id(site_id)
    refuse_any(rules.requalified_blockers(certificate, qualified_until, today=clock.now().date()))
    journal.record(
        facts.SiteQualified(
            site_id=site.pk, code=site.code, certificate=certificate.strip(), qualified_until_on=qualified_until
        ),
        stream=f"site:{site.pk}",
        changes=[(site, {"qualified_until": qualified_until})],
    )
    return site
