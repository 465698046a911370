"""The demonstration's site as the invented patients meet it: one clock, one floor, and what is kept in order."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from vein2vein.core.ids import EquipmentId, LotId, SiteId
from vein2vein.core.refusals import Refusal
from vein2vein.core.uploads import Upload
from vein2vein.driver.agenda import Agenda, Play
from vein2vein.driver.crew import Crew
from vein2vein.driver.plant import Floor
from vein2vein.journal.sealing import seal as journal_seal
from vein2vein.materials import reads as materials
from vein2vein.network import reads as network

if TYPE_CHECKING:
    from vein2vein.driver.lives import Life

LOTS = Path(materials.__file__).with_name("demonstration.yaml")
LOOK_EVERY = timedelta(days=7)
"""How often stocks and due days are looked at [assumed]."""
CALIBRATED_AHEAD = timedelta(days=21)
CALIBRATED_FOR = timedelta(days=365)
LOT_TESTING = timedelta(days=3)
"""From a delivery to the release of its lot [assumed]."""
YOUNG = timedelta(days=8)
"""An order younger than this has at most been collected."""
SEAL_EVERY = timedelta(days=1)
SITE = "CN-LG"


@dataclass(slots=True)
class Base:
    """The site, its people, its event queue, and the tally of what happened."""

    crew: Crew
    ends_at: datetime
    per_year: float = 200.0
    budget_s: float | None = None
    """How long it may take: past it only orders too young to come to manufacture are still placed; None: any time."""
    agenda: Agenda = field(init=False)
    floor: Floor = field(init=False)
    happened: Counter[str] = field(default_factory=Counter)
    lives: list[Life] = field(default_factory=list)
    under_way: int = 0
    refused: list[tuple[int, Refusal]] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Prepare queue and floor."""
        self.agenda = Agenda(self.crew.clock, self._stuck)
        self.floor = Floor(self.agenda, SiteId(network.get_site(SITE).pk))

    def admits(self) -> bool:
        """Say whether one more patient fits into the time that the run may take."""
        if self.budget_s is None or time.monotonic() - self._began < self.budget_s:
            return True
        return self.ends_at - self.crew.clock.at < YOUNG

    def begun(self, life: Life) -> None:
        """Note that a patient's course has begun."""
        self.lives.append(life)

    def ended(self, life: Life) -> None:
        """Note that a patient's treatment has ended."""
        del life
        self.under_way -= 1

    def _stuck(self, number: int, refusal: Refusal) -> None:
        """Note a refusal that nobody expected: that patient stays where they are."""
        self.refused.append((number, refusal))
        self.under_way -= number > 0

    def upkeep(self) -> None:
        """Let the site's people look after seals, stocks and due days."""
        self.agenda.add(-3, self._seal())
        self.agenda.add(-2, self._calibrate())
        self.agenda.add(-1, self._stock())

    def _seal(self) -> Play:
        while self.under_way:
            yield SEAL_EVERY
            journal_seal()

    def _calibrate(self) -> Play:
        while self.under_way:
            yield LOOK_EVERY
            soon = (self.crew.clock.at + CALIBRATED_AHEAD).date()
            for row in network.list_equipment_due(before=soon):
                day = (self.crew.clock.at + CALIBRATED_FOR).date()
                given: dict[str, Any] = {"calibration_due_on": day}
                if row.calibration_due_on is None or row.calibration_due_on > soon:
                    given = {"requalification_due_on": day}
                self.happened["equipment calibrated or requalified"] += 1
                self.crew.act(
                    "network.record_calibration",
                    "supervisor",
                    equipment_id=EquipmentId(row.pk),
                    certificate=f"DEMO-CAL-{row.code}-{self.crew.clock.at:%Y%m%d}",
                    **given,
                )

    def _stock(self) -> Play:
        told = yaml.safe_load(LOTS.read_text(encoding="utf-8"))
        number = 0
        while self.under_way:
            for row in told["lots"]:
                if set(row["markets"]) >= {"CN", "HK"} and self._is_low(row):
                    number += 1
                    self.agenda.add(-1, self._deliver(row, told, number))
            yield LOOK_EVERY

    def _order_up_to(self, row: Mapping[str, Any]) -> Decimal:
        return Decimal(row["quantity"]) * Decimal(max(1, round(self.per_year / 150)))

    def _is_low(self, row: Mapping[str, Any]) -> bool:
        later = self.crew.clock.at + 2 * LOOK_EVERY
        found = [materials.list_usable(row["material"], market=one, at=later, holder="") for one in ("CN", "HK")]
        return any(sum((one.free for one in lots), Decimal(0)) < self._order_up_to(row) / 2 for lots in found)

    def _deliver(self, row: Mapping[str, Any], told: Mapping[str, Any], number: int) -> Play:
        """Receive a new lot with its certificate, test it, and have QA release it for its markets."""
        crew = self.crew
        self.happened["lot received and released"] += 1
        code = f"{row['number'].rpartition('-')[0]}-{100 + number}"
        lot = crew.act(
            "materials.receive_lot",
            "warehouse",
            material_code=row["material"],
            number=code,
            supplier=told["supplier"],
            quantity=self._order_up_to(row),
            unit=row["unit"],
            vial_quantity=Decimal(row["vial_quantity"]),
            expires_at=crew.clock.at + timedelta(days=row["expires_in_d"]),
            site_code=told["site"],
            certificate=Upload(f"{code}.txt", f"{told['certificate']} {code}\n".encode()),
            lot_values=row.get("values"),
        )
        yield LOT_TESTING
        crew.act("materials.release_lot", "qareviewer", lot_id=LotId(lot.pk), markets=row["markets"])
