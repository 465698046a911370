"""The end of a run, told: a table for people, in English or Chinese, and JSON for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import quantiles
from typing import Any

from django.utils.translation import gettext

from vein2vein.core.refusals import N_
from vein2vein.driver.demo import Made

STAGES: tuple[tuple[str, str, str], ...] = (
    (N_("referral to collection"), "referred", "collected"),
    (N_("order accepted to collection"), "accepted", "collected"),
    (N_("collection to receipt"), "collected", "received"),
    (N_("receipt to end of manufacture"), "received", "manufactured"),
    (N_("manufacture to last result"), "manufactured", "tested"),
    (N_("last result to release"), "tested", "released"),
    (N_("release to the hospital"), "released", "at site"),
    (N_("hospital to infusion"), "at site", "infused"),
    (N_("vein to vein"), "collected", "infused"),
)
ENDINGS: dict[str, str] = {
    "infused": N_("infused"),
    "withdrawn before collection": N_("withdrawn before collection"),
    "lost in the queue: died": N_("lost in the queue: died"),
    "lost in the queue: too ill": N_("lost in the queue: too ill"),
    "lost in the queue: consent withdrawn": N_("lost in the queue: consent withdrawn"),
    "eligibility lapsed": N_("eligibility lapsed"),
    "lost after collection: died": N_("lost after collection: died"),
    "lost after collection: too ill": N_("lost after collection: too ill"),
    "lost after collection: consent withdrawn": N_("lost after collection: consent withdrawn"),
    "infused in part": N_("infused in part"),
    "starting material rejected": N_("starting material rejected"),
    "starting material lost": N_("starting material lost"),
    "product rejected": N_("product rejected"),
    "product lost": N_("product lost"),
    "product bag cracked": N_("product bag cracked"),
    "infusion refused": N_("infusion refused"),
    "a recalled lot was used": N_("a recalled lot was used"),
    "recalled for a late finding": N_("recalled for a late finding"),
    "held for too long after the lymphodepletion": N_("held for too long after the lymphodepletion"),
    "batch terminated": N_("batch terminated"),
    "out of specification": N_("out of specification"),
    "no slot found": N_("no slot found"),
    "not infused": N_("not infused"),
    "": N_("under way"),
}
MILESTONES = ("accepted", "collected", "received", "manufactured", "tested", "released", "at site", "infused")


def _days(made: Made, first: str, last: str) -> list[float]:
    found = [one.course.moments for one in made.base.lives]
    return sorted((one[last] - one[first]).total_seconds() / 86400 for one in found if first in one and last in one)


def _spread(days: list[float]) -> dict[str, float]:
    if len(days) < 2:
        days = days * 2
    tenths = quantiles(days, n=10, method="inclusive")
    return {"p10": round(tenths[0], 2), "median": round(tenths[4], 2), "p90": round(tenths[8], 2)}


def as_json(made: Made) -> dict[str, Any]:
    """Return everything that a run told, as plain JSON; times in days and seconds."""
    lives, before = made.base.lives, made.base.before
    return {
        "root": made.root,
        "whole": made.whole,
        "finished": made.finished,
        "faults": made.faults,
        "from": made.began_at.isoformat(),
        "to": made.ended_at.isoformat(),
        "patients": len(lives) + before.total(),
        "endings": dict(sorted((before + Counter(one.ending or "under way" for one in lives)).items())),
        "happened": dict(sorted(made.base.happened.items())),
        "reached": {name: sum(name in one.course.moments for one in lives) for name in MILESTONES},
        "days": {
            f"{first} to {last}": {"count": len(found), **_spread(found)}
            for _, first, last in STAGES
            if (found := _days(made, first, last))
        },
        "acts": made.acts,
        "entries": made.entries,
        "wall_s": round(made.wall_s, 1),
        "cpu_s": round(made.cpu_s, 1),
        "checks_s": round(made.checks_s, 1),
        "s_per_patient": round(made.wall_s / max(1, len(lives)), 2),
        "memory_mib": round(made.memory_mib),
        "pace": [[acts, round(seconds, 1)] for acts, seconds in made.pace],
        "acts_by_name": dict(made.base.crew.acts.most_common()),
    }


def _line(label: str, value: str) -> str:
    wide = sum(2 if ord(one) > 0x2E80 else 1 for one in label)
    return f"  {label}{' ' * max(1, 44 - wide)}{value}"


def as_table(made: Made) -> Iterator[str]:
    """Yield the lines of the table in the language in force."""
    told = as_json(made)
    yield gettext("Simulated history from %(from)s to %(to)s") % {"from": told["from"][:10], "to": told["to"][:10]}
    yield ""
    yield gettext("How treatments ended")
    for name, count in told["endings"].items():
        yield _line(gettext(ENDINGS.get(name, name)), f"{count:>6}")
    yield ""
    yield gettext("Days, by stage (10 % – median – 90 %)")
    for label, first, last in STAGES:
        days = told["days"].get(f"{first} to {last}")
        if days:
            spread = f"{days['p10']:>6.1f}  {days['median']:>6.1f}  {days['p90']:>6.1f}   n = {days['count']}"
            yield _line(gettext(label), spread)
    yield ""
    yield gettext("What happened besides")
    for name, count in told["happened"].items():
        head, colon, rest = name.partition(": ")
        yield _line(gettext(head) + colon + (" " + gettext(rest.strip()) if rest else ""), f"{count:>6}")
    yield ""
    yield gettext("The run")
    for label, value in (
        (N_("patients"), f"{told['patients']:>6}"),
        (N_("acts"), f"{told['acts']:>6}"),
        (N_("journal entries"), f"{told['entries']:>6}"),
        (N_("seconds, checks apart"), f"{told['wall_s']:>8.1f}"),
        (N_("of them this program's own (CPU)"), f"{told['cpu_s']:>8.1f}"),
        (N_("seconds a patient"), f"{told['s_per_patient']:>8.2f}"),
        (N_("seconds of checks"), f"{told['checks_s']:>8.1f}"),
        (N_("memory (MiB)"), f"{told['memory_mib']:>6}"),
    ):
        yield _line(gettext(label), value)
    yield ""
    yield (
        gettext("Every invariant holds")
        if made.whole
        else gettext("NOT WHOLE: %(count)s faults") % {"count": len(made.faults)}
    )


HAPPENED = (
    N_("collected again"),
    N_("made again from what is left"),
    N_("continued with a reduced dose"),
    N_("reserve released"),
    N_("reserve rejected"),
    N_("late on its way"),
    N_("lost on its way"),
    N_("tipped on its way"),
    N_("cracked on its way"),
    N_("temperature excursion"),
    N_("starting material"),
    N_("product"),
    N_("site not ready for the product"),
    N_("material used past its age limit"),
    N_("dose given on two days"),
    N_("infusion interrupted and resumed"),
    N_("infusion stopped after a part of the dose"),
    N_("patient refused"),
    N_("patient unfit"),
    N_("bag damaged"),
    N_("too late"),
    N_("unused product returned"),
    N_("collected on two days"),
    N_("collection put off"),
    N_("lot recalled"),
    N_("training renewed"),
    N_("site qualified again"),
    N_("second course of a patient"),
    N_("supplied out of specification"),
    N_("second stage of a release completed"),
    N_("late finding before the infusion"),
    N_("late finding after the infusion"),
    N_("late finding escalated"),
    N_("held product released again"),
    N_("held product recalled"),
    N_("unused container destroyed"),
    N_("material accepted under deviation"),
    N_("no slot free, asked again"),
    N_("invalid assay repeated"),
    N_("deviation closed"),
    N_("equipment calibrated or requalified"),
    N_("lot received and released"),
    N_("date promised"),
    N_("no date could be promised"),
    N_("plan put in force"),
    N_("no plan could be put in force"),
)
"""What else is counted, marked for translation."""


def known_words() -> set[str]:
    """Return every ending and happening that a run may tell, in English."""
    return {*ENDINGS, *HAPPENED}
