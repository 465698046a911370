"""`./vein2vein simulate`: the base lived ahead of time, many times, and what it comes to."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from vein2vein.core.refusals import Refusal

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="simulate")
@click.option("--model", "file", type=FILE, help="A model of a base (JSON) instead of this installation's own.")
@click.option("--patients", type=click.FloatRange(min=0.1), help="Patients a year, all demands together.")
@click.option("--years", default=1.0, show_default=True, type=click.FloatRange(0.05, 20.0), help="Years measured.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option("--replications", default=20, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--workers", default="", help="Processes beside this one, or a Dask scheduler's address.")
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
    write_model: Path | None,
) -> None:
    """Live years of this base, or of a model in a file, and print what they come to, with 95 % intervals."""
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
    from vein2vein.engines.twin.sweeps import sweep

    try:
        found = sweep(model, seed=seed, replications=replications, workers=workers_from(workers))
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
