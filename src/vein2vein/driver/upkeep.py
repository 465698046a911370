"""What keeps a site in order for years: seals, calibrations, trainings, stocks, and a lot that is recalled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from vein2vein.core.ids import EquipmentId, LotId, PlanId, SiteId
from vein2vein.core.refusals import Refusal
from vein2vein.core.uploads import Upload
from vein2vein.driver import figures
from vein2vein.driver.agenda import Play
from vein2vein.journal.sealing import seal as journal_seal
from vein2vein.materials import reads as materials
from vein2vein.materials.states import LotState
from vein2vein.network import reads as network
from vein2vein.people import reads as people
from vein2vein.planning import current
from vein2vein.planning import reads as planning
from vein2vein.planning.courses import PLANT as SITE

if TYPE_CHECKING:
    from vein2vein.driver.base import Base
    from vein2vein.materials.models import Lot

LOTS = Path(materials.__file__).with_name("demonstration.yaml")
LOOK_EVERY = timedelta(days=7)
"""How often stocks and due days are looked at [assumed]."""
CALIBRATED_AHEAD = timedelta(days=21)
CALIBRATED_FOR = timedelta(days=365)
TRAININGS_EVERY = timedelta(days=28)
"""How often trainings are looked at; those that end within twice that are renewed [assumed]."""
TRAINED_FOR = timedelta(days=730)
LOT_TESTING = timedelta(days=3)
"""From a delivery to the release of its lot [assumed]."""
SEAL_EVERY = timedelta(days=1)
PLANNED_EVERY = timedelta(days=28)
"""How often the planner plans anew what is live [assumed]."""
MARKETS = ("CN", "HK")
RELEASED_FOR = ("CN", "HK", "SG")
DELIVERED = re.compile(r"-\d{6}$")
"""How the numbers of the lots that are delivered here end: their day."""


def upkeep(base: Base) -> None:
    """Let the site's people look after seals, stocks, due days and trainings, as long as anybody is treated."""
    told = yaml.safe_load(LOTS.read_text(encoding="utf-8"))
    base.agenda.add(-4, _train(base))
    if base.plans:
        base.agenda.add(-5, _plan(base))
    if not base.endless:
        base.agenda.add(-3, _seal(base))
    base.agenda.add(-2, _calibrate(base))
    base.agenda.add(-1, _stock(base, told))


def _seal(base: Base) -> Play:
    while base.under_way:
        yield SEAL_EVERY
        journal_seal()


def _plan(base: Base) -> Play:
    """Let the planner make a plan of what is live and put it in force, as soon as there is something to plan."""
    if not base.endless:
        yield LOOK_EVERY
    while base.under_way:
        if current.find_draft(SITE) is None:
            _put_in_force(base)
        yield PLANNED_EVERY


def _put_in_force(base: Base) -> None:
    """Make a plan, tell the hospitals whose dates it moves, and sign it; somebody else's draft is left alone."""
    crew = base.crew
    try:
        made = crew.act("planning.make_plan", "planner", plant=SITE, reason="what is live")
        for line in planning.changes_of_plan(made):
            told = {"order_code": line.promise.order.code, "reason": "the hospital was told, and agrees"}
            crew.act("planning.confirm_date", "planner", plan_id=PlanId(made.pk), **told)
        crew.act("planning.adopt_plan", "planner", plan_id=PlanId(made.pk))
    except Refusal:
        base.happened["no plan could be put in force"] += 1
    else:
        base.happened["plan put in force"] += 1


def _calibrate(base: Base) -> Play:
    while base.under_way:
        now = base.crew.clock.at
        soon, day = (now + CALIBRATED_AHEAD).date(), (now + CALIBRATED_FOR).date()
        for row in network.list_equipment_due(before=soon):
            given: dict[str, Any] = {"calibration_due_on": day}
            if row.calibration_due_on is None or row.calibration_due_on > soon:
                given = {"requalification_due_on": day}
            base.happened["equipment calibrated or requalified"] += 1
            base.crew.act(
                "network.record_calibration",
                "supervisor",
                equipment_id=EquipmentId(row.pk),
                certificate=f"DEMO-CAL-{row.code}-{now:%Y%m%d}",
                **given,
            )
        yield LOOK_EVERY


def _train(base: Base) -> Play:
    """Renew each training that ends soon; nobody confirms their own."""
    while base.under_way:
        today = base.crew.clock.at.date()
        ends = dict[tuple[str, str], date]()
        for row in _trainings(base):
            key = (row.username, row.code)
            ends[key] = max(row.valid_until_on, ends.get(key, row.valid_until_on))
        for (username, code), last in ends.items():
            if last > today + 2 * TRAININGS_EVERY:
                continue
            base.happened["training renewed"] += 1
            base.crew.act(
                "people.record_training",
                "qareviewer" if username != "qareviewer" else "qareviewer2",
                account_id=base.crew.who(username).account_id,
                code=code,
                passed_on=today,
                valid_until_on=today + TRAINED_FOR,
            )
        _qualify(base, today)
        yield TRAININGS_EVERY


def _qualify(base: Base, today: date) -> None:
    """Let QA qualify each site again whose qualification ends soon."""
    for site in network.list_sites(limit=200, by=base.crew.who("qareviewer")):
        if site.qualified_until is None or site.qualified_until > today + 2 * TRAININGS_EVERY:
            continue
        base.happened["site qualified again"] += 1
        told: dict[str, Any] = {"qualified_until": today + TRAINED_FOR}
        told["certificate"] = f"DEMO-AUD-{site.code}-{today:%Y}"
        base.crew.act("network.qualify_site", "qareviewer", "", site_id=SiteId(site.pk), **told)


def _trainings(base: Base) -> Iterator[people.TrainingSummary]:
    after = None
    while page := people.list_training(limit=200, after=after, by=base.crew.who("admin")):
        yield from page
        after = page[-1].id


def _stock(base: Base, told: Mapping[str, Any]) -> Play:
    for lot in _untested(base):
        base.agenda.add(-1, _release(base, lot))
    while base.under_way:
        _recall(base, told)
        coming = {one.material_code for one in _untested(base)}
        for row in told["lots"]:
            if row["material"] in coming or not set(row["markets"]) >= set(MARKETS):
                continue
            if _free(base, row) < _order_up_to(base, row) / 2:
                base.agenda.add(-1, _deliver(base, row, told))
        yield LOOK_EVERY


def _order_up_to(base: Base, row: Mapping[str, Any]) -> Decimal:
    return Decimal(row["quantity"]) * Decimal(max(1, round(base.per_year / 150)))


def _free(base: Base, row: Mapping[str, Any], but: str = "") -> Decimal:
    """Return how much of a material is free in two looks' time, in the market that has the least."""
    later = base.crew.clock.at + 2 * LOOK_EVERY
    found = [materials.list_usable(row["material"], market=one, at=later, holder="") for one in MARKETS]
    return min(sum((one.free for one in lots if one.code != but), Decimal(0)) for lots in found)


def _deliver(base: Base, row: Mapping[str, Any], told: Mapping[str, Any]) -> Play:
    """Receive a new lot with its certificate, test it, and have QA release it for its markets."""
    crew = base.crew
    base.happened["lot received and released"] += 1
    code = f"{row['number'].rpartition('-')[0]}-{crew.clock.at:%y%m%d}"
    lot = crew.act(
        "materials.receive_lot",
        "warehouse",
        material_code=row["material"],
        number=code,
        supplier=told["supplier"],
        quantity=_order_up_to(base, row),
        unit=row["unit"],
        vial_quantity=Decimal(row["vial_quantity"]),
        expires_at=crew.clock.at + timedelta(days=row["expires_in_d"]),
        site_code=told["site"],
        certificate=Upload(f"{code}.txt", f"{told['certificate']} {code}\n".encode()),
        lot_values=row.get("values"),
    )
    yield from _release(base, lot)


def _release(base: Base, lot: Lot) -> Play:
    yield LOT_TESTING
    base.crew.act("materials.release_lot", "qareviewer", lot_id=LotId(lot.pk), markets=list(RELEASED_FOR))


def _untested(base: Base) -> list[Lot]:
    """Return the lots that were delivered here and are still to be released."""
    waiting = materials.list_lots(state=LotState.QUARANTINED, limit=500, by=base.crew.who("supervisor"))
    return [one for one in waiting if DELIVERED.search(one.number)]


def _recall(base: Base, told: Mapping[str, Any]) -> None:
    """Recall a lot from which something was drawn; one without which the site stands still is not chosen."""
    share = LOOK_EVERY / timedelta(days=365)
    if not base.draws.happens("lot recalled", figures.RECALLS_A_YEAR * share):
        return
    lots = [one for row in told["lots"] if (one := _replaceable(base, row)) is not None]
    if not lots:
        return
    lot = base.draws.choose("recalled lot", tuple(lots))
    reason = "supplier's notice: endotoxin found in the retained sample"
    base.crew.act("materials.recall_lot", "qareviewer", lot_id=LotId(lot.pk), reason=reason)
    base.floor.recalled[lot.code] = materials.list_used_by([lot])
    base.happened[f"lot recalled: {lot.material_code}"] += 1


def _replaceable(base: Base, row: Mapping[str, Any]) -> Lot | None:
    """Return the oldest lot of a material that is in use and for which there is another."""
    found = materials.list_lots(
        material_code=row["material"], state=LotState.RELEASED, limit=500, by=base.crew.who("supervisor")
    )
    for lot in found:
        if materials.list_used_by([lot]) and _free(base, row, but=lot.code) >= _order_up_to(base, row) / 4:
            return lot
    return None
