"""`python -m bench`: measure every subject, or some, and write their sections of docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from bench.registry import Options, Report, subjects

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
HEAD = """# Performance

Written by `make bench`; every section says where and from which commit it was measured. Figures from a busy machine
are low: where it matters, the figure is per second of processor time, and beside a peer in the same run.
"""


def machine() -> str:
    """Return processor, cores, memory and system in one line, with how busy the machine was before."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    name = re.search(r"model name\s*: (.*)", text)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores, load = os.cpu_count(), os.getloadavg()[0]
    processor = name[1] if name else platform.processor() or platform.machine()
    return f"{processor}, {cores} cores, {memory:.0f} GiB, Python {platform.python_version()}; load before: {load:.1f}"


def commit() -> str:
    """Return the commit that is checked out, marked when files differ from it."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    return git("rev-parse", "--short", "HEAD") + (" with changes" if git("status", "--porcelain", "-uno") else "")


def section(name: str, report: Report, where: str, at: datetime) -> str:
    """Return a subject's section as Markdown, between its marks."""
    lines = [f"<!-- {name} -->", f"## {report.title}", "", "| figure | measured | target |", "| --- | ---: | ---: |"]
    for one in report.figures:
        shown = f"{one.value:,.0f}" if one.value >= 100 else f"{one.value:,.2f}"
        target = "" if one.least is None else f"{one.least:,.0f} ({'met' if one.met else 'missed'})"
        lines.append(f"| {one.what} | {shown} {one.unit} | {target} |")
    lines += ["", *(f"- {note}" for note in report.notes), f"- {at:%Y-%m-%d %H:%M} UTC, commit {commit()}; {where}"]
    return "\n".join([*lines, f"<!-- end {name} -->", ""])


def write(name: str, text: str) -> None:
    """Put a section in its place on the page, or at its end."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEAD
    there = re.compile(rf"<!-- {name} -->.*?<!-- end {name} -->\n", re.DOTALL)
    page = there.sub(lambda _: text, page) if there.search(page) else f"{page.rstrip()}\n\n{text}"
    PAGE.write_text(page, encoding="utf-8")


@click.command()
@click.argument("names", nargs=-1)
@click.option("--seconds", default=20.0, help="How long each load lasts.")
@click.option("--clients", default=4, help="How many clients call at once.")
@click.option("--entries", default=1_000_000, help="How many journal entries are cloned.")
@click.option("--patients", default=100, help="How many go through; 2000: a whole year, which takes hours.")
@click.option(
    "--minutes", default=0.0, help="Stop a year after so many; the next call goes on with it. 0: in one piece."
)
@click.option("--keep/--no-keep", default=True, help="Whether docs/performance.md is renewed.")
def main(
    names: tuple[str, ...], seconds: float, clients: int, entries: int, patients: int, minutes: float, keep: bool
) -> None:
    """Measure the subjects NAMES, or all; exit status 1 when a target is missed."""
    options, known, missed = Options(seconds, clients, entries, patients, minutes), subjects(), 0
    for name in names or sorted(known):
        if name not in known:
            raise click.UsageError(f"no such subject: {name}; there are {', '.join(sorted(known))}")
        click.echo(f"── {name}", err=True)
        where = machine()
        report = known[name](options)
        text = section(name, report, where, datetime.now(UTC))
        click.echo(text)
        missed += sum(not one.met for one in report.figures)
        if keep:
            write(name, text)
    sys.exit(1 if missed else 0)


main()
