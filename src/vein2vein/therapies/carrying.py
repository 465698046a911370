"""Carrying virtual patients through a stored version on the plant that the network tells of."""

from __future__ import annotations

import json

from vein2vein import journal
from vein2vein.core.ids import DefinitionId
from vein2vein.core.records import plain, text_of
from vein2vein.core.refusals import Blocker, Refused
from vein2vein.network import reads as network
from vein2vein.network.rules import PERSON
from vein2vein.network.states import SiteKind
from vein2vein.therapies import reads
from vein2vein.therapies.actions import keep_rehearsal
from vein2vein.therapies.models import Rehearsal
from vein2vein.therapies.rehearsing import SEED, Units, rehearse, units_of


def units() -> Units:
    """Return what the first manufacturing site of the network books; nothing where there is none."""
    sites = network.list_sites_of_kind(SiteKind.MANUFACTURING)
    if not sites:
        return Units(counts={}, kind_of_class={}, home="")
    resources = [
        (one.kind, None if one.equipment is None else one.equipment.equipment_class)
        for one in network.list_units_of_site(sites[0].code)
        if one.kind != PERSON
    ]
    return units_of(resources, sites[0].market.code)


def carry_through(definition_id: DefinitionId) -> Rehearsal:
    """Rehearse a version and keep the verdict; a process that cannot even be a route does not pass."""
    definition = reads.get_definition(definition_id)
    by = journal.system("twin")
    try:
        found = rehearse(definition, units())
    except Refused as refused:
        return keep_rehearsal(
            definition_id=definition_id,
            verdict=json.dumps({"blockers": [_told(one) for one in refused.blockers]}, ensure_ascii=False),
            passes=False,
            patients=0,
            model="",
            seed=SEED,
            by=by,
        )
    if found is None:
        return keep_rehearsal(
            definition_id=definition_id, verdict="{}", passes=False, patients=0, model="", seed=SEED, by=by
        )
    return keep_rehearsal(
        definition_id=definition_id,
        verdict=text_of(found),
        passes=found.passes,
        patients=found.patients + len(found.virtual),
        model=found.model,
        seed=found.seed,
        by=by,
    )


def _told(one: Blocker) -> dict[str, object]:
    return {name: plain(getattr(one, name)) for name in ("code", "message", "field", "value", "mend", "params")}
