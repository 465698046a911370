"""The gates of a reserve: it lies under the batch's certification, and is issued by a decision of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vein2vein.core.refusals import N_, Blocker
from vein2vein.quality.rules.release import TITLES, Gate, SignerView, signer_blockers


@dataclass(frozen=True, slots=True)
class ReserveView:
    """All that the gates of a reserve look at.

    `decision` is the final one about the batch ("" where there is none), `exceptional` whether it was for named bags
    that do not conform; `awaited` says that the physician asks for the reserve; `bag` is its code, "" where none is
    left; `failed`, `lacking` and `deviations` name what speaks against the batch today; `dose` keeps its own blockers.
    """

    decision: str
    exceptional: bool
    awaited: bool
    authorised: bool
    bag: str
    labelled: bool
    failed: Sequence[str]
    lacking: Sequence[str]
    deviations: Sequence[str]
    dose: Sequence[Blocker]
    signer: SignerView


def reserve_gates(view: ReserveView) -> list[Gate]:
    """Return every gate of a reserve's release, in the order in which they are shown."""
    shut: dict[str, Sequence[Blocker]] = {
        "reserve_asked_for": asked_blockers(awaited=view.awaited),
        "batch_released": _released(view),
        "authorisation": [] if view.authorised else [_said("reserve_not_authorised", N_("Not authorised today"))],
        "reserve_there": _there(view),
        "release_tests_conform": [
            *(_said("test_failed", N_("%(what)s does not conform"), one) for one in view.failed),
            *(_said("test_lacking", N_("%(what)s has no result that counts"), one) for one in view.lacking),
        ],
        "deviations_closed": [
            _said("deviation_open", N_("Deviation %(what)s is open"), one) for one in view.deviations
        ],
        "dose_declared": view.dose,
        "signer": signer_blockers(view.signer),
    }
    return [Gate(code, TITLES[code], tuple(blockers)) for code, blockers in shut.items()]


def asked_blockers(*, awaited: bool) -> list[Blocker]:
    """Return why nothing is to be decided about a reserve: no physician waits for it."""
    if awaited:
        return []
    return [_said("reserve_not_asked", N_("No treating physician asks for the reserve of this batch"))]


def _released(view: ReserveView) -> list[Blocker]:
    if view.exceptional:
        return [_said("reserve_of_exception", N_("The batch was released by exception, for its named bags alone"))]
    if view.decision in ("", "reject"):
        return [_said("reserve_not_certified", N_("The batch itself is not released"))]
    return []


def _there(view: ReserveView) -> list[Blocker]:
    if not view.bag:
        return [_said("reserve_gone", N_("No reserve of this batch is left in quarantine and in date"))]
    if not view.labelled:
        return [_said("no_label", N_("Container %(what)s has no label in force"), view.bag)]
    return []


def _said(code: str, message: str, what: str = "") -> Blocker:
    return Blocker(
        code=f"quality.{code}",
        message=message,
        field="batch_id",
        value=what,
        mend=N_("Put it right, or reject the reserve: the physician then decides anew"),
        params={"what": what},
    )
