"""How a page lays out the acts that it offers: what is due stands first, the rest is folded under plain headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext

from vein2vein.core.refusals import N_
from vein2vein.doors.pages import Offer

WRONG = N_("When something goes wrong")
STOP = N_("Stop or change this treatment")
PATIENT = N_("Patient's state")
DATES = N_("Dates and documents")
RECALL = N_("Reject, recall or correct")
END = N_("Withdraw or take out of service")

_heading_of: dict[str, str] = {}


def fold(heading: str, *actions: str) -> None:
    """Put actions under a heading (a message id) on every page that offers them among others."""
    _heading_of.update(dict.fromkeys(actions, heading))


@dataclass(frozen=True, slots=True)
class Act:
    """An offer as a page lists it: with what tells it from others of its name, and whether it stands open."""

    offer: Offer
    about: tuple[str, ...]
    unfolded: bool = False


@dataclass(frozen=True, slots=True)
class Arranged:
    """Offers in the order in which a page shows them: due now, folded by heading, and what others do."""

    due: tuple[Act, ...]
    folded: tuple[tuple[str, tuple[Act, ...]], ...]
    others: tuple[Act, ...]


_TELLING = ("moment", "kind", "decision", "scanned_container")
"""Arguments that tell two offers of one action apart."""


def arranged(offers: Sequence[Offer], due: frozenset[str] = frozenset()) -> Arranged:
    """Return offers laid out for one reader; `due` are actions that are due now though they are folded elsewhere.

    The first act that can be done now stands open; what cannot be done yet follows it, with its blockers.
    """
    mine = [one for one in offers if one.allowed]
    first = sorted((one for one in mine if _heading(one, due) is None), key=lambda one: bool(one.blockers))
    shown = [_act(one) for one in first]
    if first and not first[0].blockers:
        shown[0] = replace(shown[0], unfolded=True)
    under: dict[str, list[Act]] = {}
    for one in mine:
        heading = _heading(one, due)
        if heading is not None:
            under.setdefault(heading, []).append(_act(one))
    ordered = [heading for heading in dict.fromkeys(_heading_of.values()) if heading in under]
    return Arranged(
        due=tuple(shown),
        folded=tuple((gettext(heading), tuple(under[heading])) for heading in ordered),
        others=tuple(
            _act(one) for one in sorted(offers, key=lambda one: _heading(one, due) is not None) if not one.allowed
        ),
    )


def _heading(one: Offer, due: frozenset[str]) -> str | None:
    return None if one.action in due else _heading_of.get(one.action)


def _act(one: Offer) -> Act:
    return Act(one, tuple(value for name, value in one.given if name in _TELLING))
