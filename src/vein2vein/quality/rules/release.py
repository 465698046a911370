"""The gates of a release: each condition with the very blockers that keep it shut.

The definition's release rule for the market and route names the evidence and who signs in which order; the gates on
authorisation, order, holds and the signer are there always.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vein2vein.core.refusals import N_, Blocker
from vein2vein.quality.states import Decision, GateState

AUTHORISATION, ORDER, RELEASES, SIGNER = "authorisation", "order", "releases", "signer"

TITLES: Mapping[str, str] = {
    AUTHORISATION: N_("Market and route authorised today"),
    ORDER: N_("The order waits for a release"),
    RELEASES: N_("Releases in their order"),
    SIGNER: N_("Who signs"),
    "chain_of_identity": N_("Chain of identity unbroken"),
    "starting_material_receipt": N_("Starting material accepted"),
    "batch_record_reviewed": N_("Batch record reviewed"),
    "label_reconciliation": N_("Labels reconciled"),
    "materials_released": N_("Materials released"),
    "environmental_monitoring": N_("Environmental monitoring"),
    "deviations_closed": N_("Deviations closed"),
    "release_tests_conform": N_("Release tests conform"),
    "freezing_curve": N_("Freezing curve on record"),
    "dose_declared": N_("Dose declared"),
    "trial_approval": N_("Trial approved, subject named"),
    "physician_request": N_("Requested by the physician"),
    "risk_evaluation": N_("Risk evaluated"),
    "patient_consent": N_("Patient's consent to the exceptional supply"),
    "nonconformity": N_("Fully tested, and known not to conform"),
    "label_statement": N_("Labels say that it is out of specification"),
    "reserve_asked_for": N_("The physician asks for the reserve"),
    "batch_released": N_("The batch is released"),
    "reserve_there": N_("A reserve is there, in date and labelled"),
}


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of a release."""

    code: str
    title: str
    blockers: tuple[Blocker, ...]

    @property
    def state(self) -> GateState:
        """Say whether the condition is met."""
        return GateState.NOT_MET if self.blockers else GateState.MET


@dataclass(frozen=True, slots=True)
class SignerView:
    """Who wants to sign: roles in their own right, delegators of the role, and whether they worked on the batch."""

    name: str
    in_own_right: bool
    delegated_from: str
    worked_on_batch: bool


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """All that the gates look at. `evidence` holds the blockers of each piece of evidence that could be gathered."""

    decision: Decision
    market: str
    route: str
    authorised: bool
    rule_found: bool
    order_state: str
    order_cancelled: bool
    done: tuple[Decision, ...]
    awaited: tuple[Decision, ...]
    needed: tuple[str, ...]
    evidence: Mapping[str, Sequence[Blocker]]
    signer: SignerView


def gates_for(view: ReleaseView) -> list[Gate]:
    """Return every gate of a release by `view.decision`, in the order in which they are shown."""
    shut: dict[str, Sequence[Blocker]] = {
        AUTHORISATION: _authorisation(view),
        ORDER: _order(view),
    }
    for code in view.needed:
        shut[code] = view.evidence.get(code, [_not_gathered(code)])
    shut[RELEASES] = order_of_releases(view.decision, done=view.done, awaited=view.awaited)
    shut[SIGNER] = signer_blockers(view.signer)
    return [Gate(code, TITLES.get(code, code), tuple(blockers)) for code, blockers in shut.items()]


def blockers_of(gates: Sequence[Gate]) -> list[Blocker]:
    """Return what keeps any gate shut."""
    return [blocker for gate in gates for blocker in gate.blockers]


def _authorisation(view: ReleaseView) -> list[Blocker]:
    found = []
    params = {"market": view.market, "route": view.route}
    if not view.authorised:
        found.append(
            Blocker(
                code="quality.not_authorised",
                message=N_("The therapy is not authorised in %(market)s by the route %(route)s today"),
                field="route",
                value=view.route,
                mend=N_("Nothing is released there without an authorisation in force"),
                params=params,
            )
        )
    if not view.rule_found:
        found.append(
            Blocker(
                code="quality.no_release_rule",
                message=N_("The definition knows no release for %(market)s by the route %(route)s"),
                field="route",
                value=view.route,
                mend=N_("A version of the definition with a release for this route must be approved first"),
                params=params,
            )
        )
    return found


def _order(view: ReleaseView) -> list[Blocker]:
    if view.order_state == "manufactured" and not view.order_cancelled:
        return []
    return [
        Blocker(
            code="quality.order_state",
            message=N_("The order is %(state)s"),
            field="order",
            value=view.order_state,
            mend=N_("A release is recorded on an order whose batch is made and not yet released"),
            params={"state": view.order_state},
        )
    ]


def order_of_releases(decision: Decision, *, done: Sequence[Decision], awaited: Sequence[Decision]) -> list[Blocker]:
    """Return why this release is not the next: done already, not asked for, or another comes first."""
    if Decision.REJECT in done:
        message, mend = N_("The batch was rejected"), N_("A rejection is final")
    elif decision in done:
        message, mend = N_("This release was given already"), N_("Look at what is awaited next")
    elif decision not in (*done, *awaited):
        message, mend = N_("This route does not ask for this release"), N_("Give the release that the route asks for")
    elif awaited[0] != decision:
        message, mend = N_("Another release comes first: %(first)s"), N_("Let that release be given first")
    else:
        return []
    first = awaited[0].value if awaited else ""
    return [Blocker("quality.order_of_releases", message, "decision", decision.value, mend, {"first": first})]


def rejection_blockers(*, done: Sequence[Decision], final: bool, signer: SignerView) -> list[Blocker]:
    """Return why a batch cannot be rejected: decided finally, or not by this person."""
    found = signer_blockers(signer)
    if final:
        message = N_("The batch was rejected") if Decision.REJECT in done else N_("The batch has its final disposition")
        mend = N_("What was released is recalled, not rejected")
        found.append(Blocker("quality.decided_finally", message, "decision", Decision.REJECT.value, mend))
    return found


def signer_blockers(signer: SignerView) -> list[Blocker]:
    """Return why somebody does not decide about a batch: no qualified person in force, or at work on it."""
    found = []
    if not signer.in_own_right and not signer.delegated_from:
        found.append(
            Blocker(
                code="quality.not_qualified",
                message=N_("%(name)s is not a qualified person in force, nor delegated by one"),
                field="by",
                value=signer.name,
                mend=N_("The qualified person (质量受权人) signs, or somebody to whom the role is delegated for now"),
                params={"name": signer.name},
            )
        )
    if signer.worked_on_batch:
        found.append(
            Blocker(
                code="quality.signer_worked_on_batch",
                message=N_("%(name)s worked on this batch, and does not decide about it"),
                field="by",
                value=signer.name,
                mend=N_("Ask another qualified person"),
                params={"name": signer.name},
            )
        )
    return found


def _not_gathered(code: str) -> Blocker:
    return Blocker(
        code="quality.evidence_not_kept",
        message=N_("There is no record of this here: %(evidence)s"),
        field="evidence",
        value=code,
        mend=N_("This kind of release cannot be given with this system yet"),
        params={"evidence": code},
    )
