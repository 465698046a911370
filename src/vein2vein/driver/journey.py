"""One patient from a hospital's order to the infused dose, straight through, by the demonstration's people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from vein2vein.core.chain import Finding, verify_lines
from vein2vein.core.ids import SiteId
from vein2vein.core.uploads import Upload
from vein2vein.driver.agenda import Agenda, Play
from vein2vein.driver.course import Course, Person
from vein2vein.driver.crew import Crew
from vein2vein.driver.draws import Typical
from vein2vein.driver.patients import PATIENTS
from vein2vein.driver.plant import Floor
from vein2vein.engines.fhir.read_order import read_order
from vein2vein.engines.papers.model import Language
from vein2vein.identity import reads as identity
from vein2vein.identity.printing import label_pdf
from vein2vein.journal.exporting import export
from vein2vein.journal.sealing import seal as journal_seal
from vein2vein.manufacturing import reads as manufacturing
from vein2vein.network.reads import get_site
from vein2vein.orders import reads as orders
from vein2vein.quality import reads as quality

STAGES = 9


class Journey:
    """The course of one order that came as a file; every time is the usual one, and nothing goes wrong."""

    def __init__(self, crew: Crew, order_file: Upload) -> None:
        self.crew, self.file = crew, order_file
        bundle = read_order(order_file.content, now=crew.clock.at)
        patient = bundle.patient
        self.agenda = Agenda(crew.clock)
        self.course = Course(
            crew=crew,
            floor=Floor(self.agenda, SiteId(get_site("CN-LG").pk)),
            person=Person(bundle.hospital.site_code, patient.hospital_number, patient.born_on),
            patient=PATIENTS[bundle.therapy_id],
            draws=Typical(),
        )

    @property
    def infused(self) -> bool:
        """Say whether the dose was infused."""
        return self.course.infused

    def hand_in(self) -> None:
        """Let the hospital's coordinator hand the order in."""
        coordinator = self.course.staff("coordinator")
        received = self.crew.act("exchange.receive_order_bundle", coordinator, bundle=self.file)
        self.course.order = orders.get_order(order_id=received.order_id, by=self.crew.who("planner"))

    def do(self, stage: Play) -> None:
        """Play one stage to its end."""
        self.agenda.finish(1, stage)

    def run(self, out: Path, say: Callable[[str], None]) -> None:
        """Do every stage, and put the papers into `out`."""
        self.hand_in()
        for number, (name, stage) in enumerate(self.course.stages(), start=1):
            say(f"[{number}/{STAGES}] {name}")
            if name == "disposition":
                journal_seal()  # certificates print the root of the newest seal
            self.do(stage)
        say("papers")
        for paper in [*self._papers(), *self.course.files]:
            (out / paper.filename).write_bytes(paper.content)

    def _papers(self) -> Iterator[Upload]:
        batch_id, boss, qp = self.course.batch_id, self.crew.who("supervisor"), self.crew.who("qp")
        for label in identity.list_labels(coi_id=self.course.coi_id, limit=200, by=boss):
            if label.state != "voided":
                yield Upload(f"label-{label.code}.pdf", label_pdf(label))
        for language in (Language.EN, Language.ZH):
            for name, paper in (
                ("batch-record", manufacturing.get_batch_record(batch_id=batch_id, language=language, by=boss)),
                ("certificate", quality.get_certificate(batch_id=batch_id, language=language, by=qp)),
                ("dose-report", quality.get_dose_report(batch_id=batch_id, language=language, by=qp)),
                ("release-for-infusion", quality.get_release_for_infusion(batch_id=batch_id, language=language, by=qp)),
            ):
                yield Upload(f"{name}-{language.value}.pdf", paper.content)
        yield quality.get_case(batch_id=batch_id, by=qp)

    def prove(self, out: Path) -> tuple[Finding, str]:
        """Seal the journal, export it to journal.jsonl, and verify the file against the root."""
        seal = journal_seal()
        assert seal is not None  # noqa: S101 - a journey has written entries
        target = out / "journal.jsonl"
        with target.open("w", encoding="utf-8") as file:
            file.writelines(export())
        with target.open(encoding="utf-8") as file:
            return verify_lines(file, seal.root), seal.root
