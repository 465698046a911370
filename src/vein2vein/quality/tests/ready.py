"""Making a batch ready for its disposition, as the people of quality do: what tests stand on."""

from __future__ import annotations

from typing import Any

from vein2vein import journal
from vein2vein.core.ids import BatchId, CoiId
from vein2vein.core.refusals import Blocker
from vein2vein.identity import reads as identity
from vein2vein.laboratory.tests.assays import Laboratory
from vein2vein.quality.evidence import Dossier
from vein2vein.quality.models import Deviation
from vein2vein.quality.states import Decision, EnvironmentVerdict, Severity


class Quality:
    """One tested batch and the people who decide about it."""

    def __init__(self, lab: Laboratory, *, place: str = "rj") -> None:
        self.lab, self.batch, self.find, self.clock, self.place = lab, lab.batch, lab.find, lab.clock, place

    @property
    def batch_id(self) -> BatchId:
        return BatchId(self.batch.pk)

    def act(self, action: str, who: str, **given: Any) -> Any:
        return self.lab.act(action, self.find(who), **given)

    def prepare(self) -> None:
        """Do everything that a release needs but the release."""
        self.review_record()
        self.monitor()
        self.reconcile()
        self.settle()
        self.act("quality.assess_batch", "qcreviewer", batch_id=self.batch.pk)
        self.act("quality.declare_dose", "qareviewer", batch_id=self.batch.pk)
        journal.run_followers()

    def review_record(self) -> None:
        self.act("manufacturing.review_batch", "qareviewer", batch_id=self.batch.pk, comment="exceptions explained")
        self.batch.refresh_from_db()

    def dossier(self, who: str = "qp") -> Dossier:
        return Dossier(self.batch, by=self.find(who), at=self.clock.at)

    def monitor(self, verdict: EnvironmentVerdict = EnvironmentVerdict.WITHIN) -> None:
        """Record monitoring of every room for as long as the batch was there."""
        for window in self.dossier().windows():
            self.act(
                "quality.record_environment",
                "qcreviewer",
                batch_id=self.batch.pk,
                room_code=window.room,
                began_at=window.began_at,
                ended_at=window.ended_at,
                verdict=verdict,
                reference="EM-DEMO-1",
            )

    def reconcile(self) -> None:
        """Void what was printed and not used, and reconcile the kits."""
        by = self.find(f"coordinator.{self.place}")
        coi = CoiId(self.batch.coi_id)
        for label in identity.list_labels(coi_id=coi, limit=500, by=by):
            if label.state == "printed":
                given: dict[str, Any] = {"scanned_label": label.code, "reason": "not used"}
                self.lab.act("identity.void_label", by, **given)
        for kit in identity.list_kits(coi_id=coi, limit=500, by=by):
            if kit.state == "printed":
                count = identity.count_labels(kit)
                counted: dict[str, Any] = {"kit_id": kit.pk, "counted_used": count.used, "counted_voided": count.voided}
                self.lab.act("identity.reconcile_labels", by, **counted)

    def settle(self) -> None:
        """Classify, investigate and close every deviation."""
        journal.run_followers()
        for deviation in Deviation.objects.exclude(state="closed").order_by("id"):
            self.close(deviation)

    def close(self, deviation: Deviation, who: str = "qareviewer") -> None:
        given: dict[str, Any] = {"deviation_id": deviation.pk}
        self.act("quality.classify_deviation", who, **given, severity=Severity.MAJOR, reason="limit missed")
        self.act("quality.investigate_deviation", who, **given, root_cause="pipetting", impact="none on the product")
        self.act("quality.close_deviation", who, **given, reason="no effect on the product")

    def blockers(self, decision: Decision, who: str = "qp") -> list[Blocker]:
        from vein2vein.quality.rules import blockers_of

        self.batch.refresh_from_db()
        return blockers_of(self.dossier(who).gates(decision))

    def decide(self, decision: Decision, who: str = "qp") -> Any:
        given = {"batch_id": self.batch.pk, "decision": decision, "reason": "all evidence reviewed"}
        return self.act("quality.dispose_batch", who, **given)
