"""What stands in the way of a figure or a study, and how a figure is written: pure."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.core.uploads import Upload
from vein2vein.engines.twin import spreads
from vein2vein.engines.twin.model import Figure
from vein2vein.engines.twin.outcomes import Study
from vein2vein.forecasting.states import RunState

_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_KINDS: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    "uniform": (spreads.Uniform, ("low", "high")),
    "triangular": (spreads.Triangular, ("low", "mode", "high")),
    "lognormal": (spreads.LogNormal, ("median", "sigma")),
    "exponential": (spreads.Exponential, ("mean",)),
}
NOT_SET = ("appointed", "never")
"""Figures by which the model is built; they say nothing about the base."""


def shown_value(figure: Figure) -> str:
    """Return a figure as it is written: a number, or a distribution by its name and numbers."""
    value = figure.value
    if isinstance(value, float):
        return f"{value:g}"
    for name, (kind, fields) in _KINDS.items():
        if isinstance(value, kind):
            return " ".join([name, *(f"{getattr(value, one):g}" for one in fields)])
    if isinstance(value, spreads.Fixed):
        return f"{value.value:g}"
    values = value.values if isinstance(value, spreads.Empirical) else ()
    return f"empirical {values[0]:.3g} … {values[-1]:.3g}" if values else "empirical"


def parsed_value(text: str, before: Figure) -> Figure | None:
    """Return the figure that a text writes in the unit of `before`, its floor and ceiling kept; None for no figure."""
    words = text.split()
    numbers = [float(one) for one in words if _NUMBERS.fullmatch(one)]
    if len(words) == 1 and len(numbers) == 1:
        return Figure(value=numbers[0], unit=before.unit, source="", worth=before.worth)
    kind = _KINDS.get(words[0].lower()) if words else None
    if kind is None or len(numbers) != len(words) - 1 or len(numbers) != len(kind[1]) or before.unit not in _TIMES:
        return None
    least = None if isinstance(before.value, float) else before.value.at_least
    most = None if isinstance(before.value, float) else before.value.at_most
    made = kind[0](**dict(zip(kind[1], numbers, strict=True)), at_least=least, at_most=most)
    return Figure(value=made, unit=before.unit, source="", worth=before.worth)


_TIMES = ("h", "d", "min")


def figure_blockers(name: str, known: frozenset[str], made: Figure | None, text: str, reason: str) -> list[Blocker]:
    """Return what keeps somebody from setting a figure to what they wrote."""
    found = []
    if name not in known or name in NOT_SET:
        found.append(
            Blocker(
                "forecasting.no_figure",
                N_("The model has no such figure"),
                field="figure",
                value=name[:80],
                mend=N_("Choose one of the figures page"),
            )
        )
    elif made is None:
        found.append(
            Blocker(
                "forecasting.no_value",
                N_("This is no number, and no distribution of one"),
                field="value",
                value=text[:80],
                mend=N_("Write a number, or as in “triangular 4 6 8”, “uniform 2 5”, “lognormal 22 0.46”"),
            )
        )
    return [*found, *reason_blockers(reason)]


def reason_blockers(reason: str) -> list[Blocker]:
    """Return the blocker of an act without a reason."""
    if reason.strip():
        return []
    return [
        Blocker(
            "forecasting.no_reason",
            N_("Say where the figure is from"),
            field="reason",
            mend=N_("Write the reason in a few words"),
        )
    ]


def study_blockers(name: str, replications: int, seed: int, most: int) -> list[Blocker]:
    """Return what keeps a study from being saved."""
    found = []
    if not name.strip():
        found.append(
            Blocker(
                "forecasting.study_without_name",
                N_("A study needs a name"),
                field="name",
                mend=N_("Say in a few words what is asked"),
            )
        )
    if not 2 <= replications <= most:
        found.append(
            Blocker(
                "forecasting.replications",
                N_("This is no number of replications for a study"),
                field="replications",
                value=str(replications),
                mend=N_("Write a whole number from 2 to %(most)s"),
                params={"most": str(most)},
            )
        )
    if not 0 <= seed < 2**63:
        found.append(
            Blocker(
                "forecasting.seed",
                N_("This is no seed"),
                field="seed",
                value=str(seed)[:40],
                mend=N_("Write a whole number from 0 on"),
            )
        )
    return found


def run_blockers(state: str | None) -> list[Blocker]:
    """Return what keeps a study from being carried out: that it is being so already, or is done."""
    if state in {None, RunState.CANCELLED, RunState.FAILED}:
        return []
    return [
        Blocker(
            "forecasting.run_under_way",
            N_("This study is %(state)s already"),
            field="study",
            value=str(state),
            mend=N_("Look at its page; save it under another seed to carry it out anew"),
            params={"state": str(state)},
        )
    ]


def text_in(file: Upload) -> str:
    """Return the text of a file; raises `Refused` for one that is not UTF-8."""
    try:
        return file.content.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(
            Blocker(
                "forecasting.no_text",
                N_("This file is no text"),
                field="file",
                value=file.filename[:80],
                mend=N_("Give a study as JSON, as “study show --json” writes it"),
            )
        ) from None


def only(study: Study, titles: Sequence[str]) -> Study:
    """Return a study with the questions that are named, all of them where none is; raises `Refused` for another one."""
    known = [one.name for one in study.variants]
    wrong = [title for title in titles if title not in known]
    if wrong:
        raise Refused(
            Blocker(
                "forecasting.no_question",
                N_("This base cannot be asked that"),
                field="questions",
                value=wrong[0][:80],
                mend=N_("Write some of: %(words)s"),
                params={"words": "; ".join(known)},
            )
        )
    return dataclasses.replace(study, variants=tuple(one for one in study.variants if not titles or one.name in titles))


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()
