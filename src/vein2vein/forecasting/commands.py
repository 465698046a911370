"""`./vein2vein simulate` and `study`: the base lived ahead of time, as it is and as it might be."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vein2vein.core.refusals import Refusal

if TYPE_CHECKING:
    from vein2vein.engines.twin.outcomes import StudyResult
    from vein2vein.forecasting.reads import Calibration, Study

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="simulate")
@click.option("--model", "file", type=FILE, help="A model of a base (JSON) instead of this installation's own.")
@click.option("--patients", type=click.FloatRange(min=0.1), help="Patients a year, all demands together.")
@click.option("--years", default=1.0, show_default=True, type=click.FloatRange(0.05, 20.0), help="Years measured.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option("--replications", default=20, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--workers", default="", help="Processes beside this one, or a Dask scheduler's address.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep finished years here: resumes.")
@click.option("--write-model", type=click.Path(dir_okay=False, path_type=Path), help="Write the model to this file.")
@click.pass_obj
def simulate(
    make_ready: Callable[[], None],
    file: Path | None,
    patients: float | None,
    years: float,
    seed: int,
    replications: int,
    workers: str,
    keep: Path | None,
    write_model: Path | None,
) -> None:
    """Live years of this base, or of a model in a file, and print what they come to, with 95 % intervals.

    With --keep what is finished is found again by the same command, whoever was killed or stopped meanwhile.
    """
    from vein2vein.engines.twin import model_from_json, model_to_json

    if file is None:
        make_ready()
        from vein2vein.core import clock
        from vein2vein.forecasting.modelling import live_base

        model = live_base(clock.now(), patients_per_year=patients).model
    else:
        model = model_from_json(file.read_text("utf-8"))
        asked = sum(one.patients_per_year for one in model.demand)
        if patients is not None and asked > 0.0:
            demand = (
                dataclasses.replace(one, patients_per_year=one.patients_per_year * patients / asked)
                for one in model.demand
            )
            model = dataclasses.replace(model, demand=tuple(demand))
    model = dataclasses.replace(model, days=365.0 * years)
    if write_model is not None:
        write_model.write_text(model_to_json(model), "utf-8")
    from vein2vein.engines.twin.clusters import workers_from
    from vein2vein.engines.twin.sweeps import Folder, sweep

    try:
        found = sweep(
            model,
            seed=seed,
            replications=replications,
            workers=workers_from(workers),
            finished=None if keep is None else Folder(keep),
            on_progress=_progress,
        )
    except Refusal as refusal:
        for blocker in refusal.blockers:
            click.echo(str(blocker), err=True)
        sys.exit(refusal.exit_code)
    from vein2vein.forecasting.telling import told

    asked = sum(one.patients_per_year for one in model.demand)
    click.echo(f"{model.name}: {asked:.0f} patients a year, {years:g} years, {replications} times, seed {seed}")
    _echo(told(model, found))


def _echo(lines: Iterable[tuple[str, str]]) -> None:
    for name, value in lines:
        click.echo(f"  {name:<44} {value}" if value else f"\n{name}")


@click.group(name="study")
def study() -> None:
    """What-if studies of this base: saved, carried out, shown; or one in a file."""


@study.command("list")
@click.pass_obj
def list_saved(make_ready: Callable[[], None]) -> None:
    """List the saved studies, newest first."""
    make_ready()
    from vein2vein import journal
    from vein2vein.forecasting import reads

    for one in reads.list_studies(limit=200, by=journal.system("study")):
        how = f"{one.state} {one.done}/{one.everything}" if one.everything else one.state or "not carried out"
        click.echo(f"{one.code}  {one.saved_at:%Y-%m-%d %H:%M}  {how:<22} {one.name}  ({one.saved_by})")


@study.command("run")
@click.argument("what")
@click.option("--workers", default="", help="Processes beside this one, or a Dask scheduler's address.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.pass_obj
def run(make_ready: Callable[[], None], what: str, workers: str, as_json: bool) -> None:
    """Carry out WHAT here and now: a saved study's code, whose result is kept, or a study in a file (JSON)."""
    path = Path(what)
    if path.is_file():
        from vein2vein.engines.twin.clusters import workers_from
        from vein2vein.engines.twin.studies import run_study, study_from_json

        found = run_study(
            study_from_json(path.read_text("utf-8")), workers=workers_from(workers), on_progress=_progress
        )
        _show(found, as_json=as_json)
        return
    make_ready()
    from django.conf import settings

    from vein2vein import journal
    from vein2vein.forecasting import actions, reads
    from vein2vein.forecasting.studying import carry_out_run

    settings.TWIN_WORKERS = workers or settings.TWIN_WORKERS
    saved, by = _saved(what), journal.system("study")
    last = reads.find_run(saved.pk)
    if last is None or last.state in {"cancelled", "failed"}:
        last = actions.run_study(study_id=saved.pk, by=by)
    if last.state != "finished":
        last = carry_out_run(last.pk)
    if last.state != "finished":
        raise click.ClickException(f"{saved.code} is {last.state}: {last.fault}")
    _show(reads.get_study_result(study_id=saved.pk, by=by), as_json=as_json)


@study.command("cancel")
@click.argument("code")
@click.pass_obj
def cancel(make_ready: Callable[[], None], code: str) -> None:
    """Stop a study that is being carried out, here or elsewhere; `study run` carries it on from what is finished."""
    make_ready()
    from vein2vein import journal
    from vein2vein.forecasting import actions

    saved = _saved(code)
    try:
        actions.cancel_study(study_id=saved.pk, by=journal.system("study"))
    except Refusal as refusal:
        for blocker in refusal.blockers:
            click.echo(str(blocker), err=True)
        sys.exit(refusal.exit_code)
    click.echo(f"{saved.code} is stopped")


@study.command("show")
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="Print the study itself as JSON, to be changed and run again.")
@click.pass_obj
def show(make_ready: Callable[[], None], code: str, as_json: bool) -> None:
    """Show what a saved study asks, and what it found if it was carried out."""
    make_ready()
    from vein2vein import journal
    from vein2vein.forecasting import reads

    saved = _saved(code)
    if as_json:
        click.echo(saved.document)
        return
    asked = reads.asked_of(saved)
    click.echo(f"{saved.code}  {saved.name}\n  model {asked.model}, {asked.patients_per_year:.0f} patients a year")
    click.echo(f"  {asked.replications} replications, seed {asked.seed}, digest {saved.digest}")
    for name, changes in asked.variants:
        click.echo(f"  {name} ({changes} changes)")
    last = reads.find_run(saved.pk)
    if last is not None and last.result:
        _show(reads.get_study_result(study_id=saved.pk, by=journal.system("study")), as_json=False)
    else:
        click.echo("  not carried out yet" if last is None else f"  {last.state} {last.fault}")


def _saved(code: str) -> Study:
    from vein2vein.forecasting import reads

    found = reads.find_study(code)
    if found is None:
        raise click.ClickException(f"there is no study {code}, and no such file")
    return found


def _progress(done: int, everything: int) -> None:
    click.echo(f"\r{done} of {everything} replications", nl=done == everything, err=True)


def _show(found: StudyResult, *, as_json: bool) -> None:
    if as_json:
        from vein2vein.engines.twin.studies import result_to_json

        click.echo(result_to_json(found))
        return
    from vein2vein.forecasting.telling import told_of

    _echo(told_of(found))


@click.group(name="forecast")
def forecast() -> None:
    """Infusion dates of the open courses: make them, and see how good they were."""


@forecast.command("make")
@click.pass_obj
def make(make_ready: Callable[[], None]) -> None:
    """Forecast every open course now, keep it, and print it."""
    make_ready()
    from vein2vein import journal
    from vein2vein.forecasting import reads
    from vein2vein.forecasting.actions import forecasts

    version = forecasts.make()
    click.echo(f"model {version.digest[:12]}, {version.observations} observations learned from")
    for one in reads.list_forecasts(limit=500, by=journal.system("forecast")):
        days = " – ".join("?" if at is None else f"{at:%Y-%m-%d}" for at in (one.p10_at, one.p50_at, one.p90_at))
        click.echo(f"  {one.order_code}  {days}  {100 * one.chance:3.0f} %  {one.stage}")


@forecast.command("score")
@click.option("--every", default=7.0, show_default=True, help="Days between the forecasts looked back at.")
@click.option("--skip", default=60.0, show_default=True, help="Days of the first orders before the first forecast.")
@click.option("--replications", default=100, show_default=True)
@click.option("--workers", default="", help="Processes beside this one, or a Dask scheduler's address.")
@click.pass_obj
def score(make_ready: Callable[[], None], every: float, skip: float, replications: int, workers: str) -> None:
    """Say how good forecasts would have been, each made from what the journal held then, against what happened."""
    make_ready()
    from datetime import timedelta

    from vein2vein import journal
    from vein2vein.engines.twin.clusters import workers_from
    from vein2vein.engines.twin.widening import widenings
    from vein2vein.forecasting import reads
    from vein2vein.forecasting.looking_back import look_back
    from vein2vein.journal.reads import list_recent
    from vein2vein.orders.reads import orders_seen

    times = orders_seen(journal.system("forecast")).order_by("drafted_at").values_list("drafted_at", flat=True)
    first, newest = times.first(), list_recent(limit=1)
    if first is None:
        raise click.ClickException("no order was ever placed here")
    last = newest[0].performed_at
    said, bare = look_back(
        first + timedelta(days=skip),
        last,
        timedelta(days=every),
        reads.kept_figures(),
        replications=replications,
        workers=workers_from(workers),
        say=lambda at, count: click.echo(f"{at:%Y-%m-%d}: {count} open courses", err=True),
    )
    _echo_calibration(reads.calibration(said, bare, widenings(bare)))


@forecast.command("scores")
@click.pass_obj
def scores(make_ready: Callable[[], None]) -> None:
    """Say how good the forecasts were that were made and kept here, and what that teaches the next ones."""
    make_ready()
    from vein2vein import journal
    from vein2vein.forecasting import reads

    _echo_calibration(reads.get_calibration(by=journal.system("forecast")))


@forecast.command("loop")
@click.option("--problem", "file", type=FILE, help="A scheduling problem (JSON) instead of an invented base.")
@click.option(
    "--patients", default=2000, show_default=True, type=click.IntRange(1, 20_000), help="Of the invented base."
)
@click.option("--futures", default=300, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--wanted", default=0.9, show_default=True, type=click.FloatRange(0.0, 1.0), help="Promises to be kept.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option("--write-plan", type=click.Path(dir_okay=False, path_type=Path), help="Write the last plan to this file.")
def loop(file: Path | None, patients: int, futures: int, wanted: float, seed: int, write_plan: Path | None) -> None:
    """Plan, live the plan in many futures, and plan again with what they showed, until enough promises keep."""
    import time

    from vein2vein.engines.scheduling.invented import invented_base
    from vein2vein.engines.scheduling.plan import plan_to_json
    from vein2vein.engines.scheduling.reading import problem_from_json
    from vein2vein.forecasting.closing import close_loop

    problem = invented_base(patients, seed=seed) if file is None else problem_from_json(file.read_text("utf-8"))
    began = time.process_time()
    try:
        turns = close_loop(problem, seed=seed, futures=futures, wanted=wanted)
    except Refusal as refusal:
        for blocker in refusal.blockers:
            click.echo(str(blocker), err=True)
        sys.exit(refusal.exit_code)
    for one in turns:
        click.echo(
            f"allowance {one.allowance:.2f}: {100 * one.kept:5.1f} % of promised days kept in {futures} futures; "
            f"promised after {one.planned_d:.1f} d, ended after {one.lived_d:.1f} d; waited for longest at {one.weak}"
        )
    click.echo(f"{len(problem.batches)} batches, {time.process_time() - began:.1f} s of one core")
    if write_plan is not None:
        write_plan.write_text(plan_to_json(turns[-1].plan), "utf-8")


def _echo_calibration(made: Calibration) -> None:
    """Print one line for each lead, the whole, and the whole before correction; then the corrections."""
    for name, one in [*made.by_lead, ("all", made.whole), ("all, before correction", made.bare)]:
        if one.within is None or one.within_low is None or one.within_high is None:
            click.echo(f"{name}: nothing to score")
            continue
        held = f"{100 * one.within:.0f} % ({100 * one.within_low:.0f}–{100 * one.within_high:.0f})"
        click.echo(
            f"{name:>22}: {one.forecasts:4} forecasts of {one.courses} courses, 80 % intervals held {held}, "
            f"late by {one.late_d:+.1f} d in the middle, {one.width_d:.1f} d wide, CRPS {one.crps_d:.2f} d"
        )
    for by in made.widenings:
        click.echo(f"{by.lead:>22} days ahead: halves lengthened by {100 * by.by:+.0f} %, from {by.courses} courses")
