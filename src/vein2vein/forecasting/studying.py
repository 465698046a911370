"""Carrying a study out: blocks kept in the database as they are finished, so that whoever is killed loses one block."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.refusals import Refused
from vein2vein.engines.twin.clusters import workers_from
from vein2vein.engines.twin.studies import result_to_json, study_from_json
from vein2vein.engines.twin.studies import run_study as lived
from vein2vein.engines.twin.sweeps import Cancelled
from vein2vein.engines.twin.workers import WorkersLost
from vein2vein.forecasting import reads
from vein2vein.forecasting.actions.studies import begin_run, end_run
from vein2vein.forecasting.models import FinishedBlock, Progress, StudyRun
from vein2vein.forecasting.states import RunState


@dataclass(frozen=True, slots=True)
class InDatabase:
    """Keeps the bytes of finished blocks in the database."""

    def get(self, key: str) -> bytes | None:
        """Return a block's bytes, or None."""
        found = FinishedBlock.objects.filter(pk=key).values_list("made", flat=True).first()
        return None if found is None else bytes(found)

    def put(self, key: str, made: bytes) -> None:
        """Keep a block's bytes."""
        row = FinishedBlock(key=key, made=made, made_at=clock.now())
        FinishedBlock.objects.bulk_create([row], ignore_conflicts=True)


def carry_out_run(run_id: UUID) -> StudyRun:
    """Carry a queued run out, or on where another worker was killed; a run that was stopped meanwhile stays so."""
    run, by = reads.get_run(run_id), journal.system("twin")
    if run.state == RunState.QUEUED:
        begin_run(run_id=run_id, by=by)
    elif run.state != RunState.RUNNING:
        return run
    study = study_from_json(run.study.document)

    def told(done: int, everything: int) -> None:
        row = Progress(run_id=run_id, done=done, everything=everything, told_at=clock.now())
        Progress.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["run"], update_fields=["done", "everything", "told_at"]
        )

    def stopped() -> bool:
        return not StudyRun.objects.filter(pk=run_id, state=RunState.RUNNING).exists()

    try:
        found = lived(
            study,
            workers=workers_from(settings.TWIN_WORKERS),
            finished=InDatabase(),
            on_progress=told,
            cancelled=stopped,
        )
    except Cancelled:
        return reads.get_run(run_id)
    except (Refused, WorkersLost) as fault:
        return end_run(run_id=run_id, result="", fault=str(fault)[:2000], by=by)
    if stopped():
        return reads.get_run(run_id)
    return end_run(run_id=run_id, result=result_to_json(found), fault="", by=by)
