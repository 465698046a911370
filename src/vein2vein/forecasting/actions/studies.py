"""Saving what-if studies, carrying them out, stopping them, and keeping what they found."""

from __future__ import annotations

from uuid import UUID

from vein2vein import journal
from vein2vein.core import clock
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import new_id
from vein2vein.core.records import digest, text_of
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.engines.twin import model_from_json, outcomes
from vein2vein.engines.twin.changes import changed
from vein2vein.forecasting import asking, reads, rules
from vein2vein.forecasting.facts import StudyRunAsked, StudyRunBegun, StudyRunEnded, StudySaved
from vein2vein.forecasting.modelling import live_base
from vein2vein.forecasting.models import Study, StudyRun
from vein2vein.forecasting.states import UNDER_WAY, RunState

STUDYING = (Role.PLANNER, Role.SUPERVISOR, Role.QA_REVIEWER)
MOST = 2000


@journal.action("forecasting.save_study", roles=set(STUDYING))
def save_study(
    *, name: str, questions: list[str], replications: int = 40, seed: int = 1, file: Upload | None = None, by: Actor
) -> Study:
    """Save a what-if study of this base as its last forecasts had it: the questions that are named, or a file (JSON).

    Without any question named, all of them are asked. `replications` years are lived of the base and of each variant.
    """
    refuse_any(rules.study_blockers(name, replications, seed, MOST))
    if file is not None:
        study = _from_file(file)
    else:
        newest = reads.newest_model()
        model = live_base(clock.now(), reads.kept_figures()).model
        if newest is not None:
            model = model_from_json(newest.document)
        study = rules.only(asking.base_study(model, seed=seed, replications=replications, name=name.strip()), questions)
        for variant in study.variants:
            changed(study.base, variant.changes)
    row = Study(
        id=new_id(),
        code="",
        name=name.strip(),
        document=text_of(study),
        digest=digest(study),
        saved_at=journal.current().at,
        saved_by=by.account_id,
        saved_by_name=by.name,
    )
    row.code = f"STU-{row.id.hex[-8:].upper()}"
    journal.record(
        StudySaved(
            study_id=row.pk,
            code=row.code,
            name=row.name,
            digest=row.digest,
            variants=len(study.variants),
            replications=study.replications,
            seed=study.seed,
        ),
        stream=f"study:{row.pk}",
        refs=[f"account:{by.account_id}"],
        inserts=[row],
    )
    return row


def _from_file(file: Upload) -> outcomes.Study:
    """Return the study of a file, every variant tried; here alone the engine is loaded in a web server."""
    from vein2vein.engines.twin.studies import study_from_json

    return study_from_json(rules.text_in(file))


@journal.action("forecasting.run_study", roles=set(STUDYING))
def run_study(*, study_id: UUID, by: Actor) -> StudyRun:
    """Carry a study out beside, or carry one on that was stopped: finished replications are not lived again."""
    from vein2vein.forecasting.tasks import carry_out

    study = reads.get_study(study_id)
    last = reads.find_run(study.pk)
    refuse_any(rules.run_blockers(None if last is None else last.state))
    stream, refs = f"study:{study.pk}", [f"account:{by.account_id}"]
    if last is None:
        last = StudyRun(study=study, asked_at=journal.current().at, asked_by=by.account_id, state=RunState.QUEUED)
        fact = StudyRunAsked(study_id=study.pk, run_id=last.pk, code=study.code)
        journal.record(fact, stream=stream, refs=refs, inserts=[last])
    else:
        fact = StudyRunAsked(study_id=study.pk, run_id=last.pk, code=study.code)
        journal.transition(last, "resume", fact, stream=stream, refs=refs, ended_at=None, fault="")
    carry_out.defer(run_id=str(last.pk))
    return last


@journal.action("forecasting.cancel_study", roles=set(STUDYING))
def cancel_study(*, study_id: UUID, by: Actor) -> StudyRun:
    """Stop a study's simulation; what is finished is kept, and found again when it is carried on."""
    study = reads.get_study(study_id)
    run = reads.find_run(study.pk)
    if run is None or run.state not in UNDER_WAY:
        raise Refused(
            Blocker(
                "forecasting.not_under_way",
                N_("This study is not being carried out"),
                field="study",
                value=study.code,
                mend=N_("Carry it out first"),
            )
        )
    fact = StudyRunEnded(study_id=study.pk, run_id=run.pk, code=study.code, how=RunState.CANCELLED, result="", fault="")
    journal.transition(
        run,
        "cancel",
        fact,
        stream=f"study:{study.pk}",
        refs=[f"account:{by.account_id}"],
        ended_at=journal.current().at,
    )
    return run


@journal.action("forecasting.begin_run")
def begin_run(*, run_id: UUID, by: Actor) -> StudyRun:
    """Note that a study's simulation has begun."""
    run = reads.get_run(run_id)
    fact = StudyRunBegun(study_id=run.study_id, run_id=run.pk, code=run.study.code)
    journal.transition(run, "begin", fact, stream=f"study:{run.study_id}")
    return run


@journal.action("forecasting.end_run")
def end_run(*, run_id: UUID, result: str, fault: str, by: Actor) -> StudyRun:
    """Keep what a study found, as JSON text, or why it failed."""
    run = reads.get_run(run_id)
    verb, state = ("fail", RunState.FAILED) if fault else ("finish", RunState.FINISHED)
    fact = StudyRunEnded(
        study_id=run.study_id,
        run_id=run.pk,
        code=run.study.code,
        how=state,
        result="" if fault else rules.digest_of(result),
        fault=fault,
    )
    journal.transition(
        run,
        verb,
        fact,
        stream=f"study:{run.study_id}",
        result=result,
        fault=fault,
        ended_at=journal.current().at,
    )
    return run
