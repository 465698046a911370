"""Gates of the ways out: ending, stopping, deciding, obstacles, unused product."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from vein2vein.core.refusals import N_, Blocker
from vein2vein.orders.states import (
    BEFORE_APHERESIS,
    ENDED,
    OF_THE_BAG,
    CourseDecision,
    EndCause,
    ObstacleKind,
    OrderState,
    RefusalCause,
    UnusedDecision,
)


def reason_blockers(reason: str) -> list[Blocker]:
    """Return why an act that needs a reason has none."""
    if reason.strip():
        return []
    return [Blocker("orders.no_reason", N_("Say why"), field="reason", mend=N_("Write the reason in a few words"))]


def cancel_blockers(state: str) -> list[Blocker]:
    """Return why an order is not simply cancelled: after the apheresis the physician ends the course by signature."""
    if state in BEFORE_APHERESIS:
        return []
    return [
        Blocker(
            code="orders.ended_by_physician",
            message=N_("The order is %(state)s: from the apheresis on, the treating physician ends the course"),
            field="state",
            value=state,
            mend=N_("Ask the treating physician to end the course by signature"),
            params={"state": state},
        )
    ]


def end_blockers(state: str, *, cause: EndCause, running: bool) -> list[Blocker]:
    """Return why a course is not ended so: it has not begun, is over, has its own act, or cells are running in."""
    found = []
    if state in BEFORE_APHERESIS or state in ENDED or state == OrderState.INFUSED:
        found.append(_state(state, N_("Cancel an order before the apheresis; close a course after its infusion")))
    if cause in (EndCause.PATIENT_DIED, EndCause.CONSENT_WITHDRAWN):
        found.append(
            Blocker(
                code="orders.own_act",
                message=N_("This cause has an act of its own"),
                field="cause",
                value=cause.value,
                mend=N_("Report the death, or record the withdrawn consent"),
            )
        )
    return found + running_blockers(running=running)


def over_blockers(state: str) -> list[Blocker]:
    """Return why nothing more can be reported on a course: it is over."""
    return [_state(state, N_("Nothing is left to do here"))] if state in ENDED else []


def running_blockers(*, running: bool) -> list[Blocker]:
    """Return why a course cannot leave the bedside: an infusion is under way."""
    if not running:
        return []
    return [
        Blocker(
            code="orders.infusion_running",
            message=N_("An infusion is under way"),
            field="state",
            mend=N_("Stop it and record its end first"),
        )
    ]


def day_blockers(on: date, *, today: date, field: str) -> list[Blocker]:
    """Return why a day cannot be the day on which something happened."""
    if on <= today:
        return []
    return [
        Blocker(
            code="orders.in_future",
            message=N_("This day lies in the future"),
            field=field,
            value=on.isoformat(),
            mend=N_("Correct the day"),
        )
    ]


def future_blockers(planned_at: datetime, at: datetime) -> list[Blocker]:
    """Return that an infusion would be planned for a time that is over."""
    if planned_at > at:
        return []
    return [
        Blocker(
            code="orders.infusion_in_past",
            message=N_("The planned infusion lies in the past"),
            field="infusion_planned_at",
            value=planned_at.isoformat(timespec="minutes"),
            mend=N_("Plan it for a time to come"),
        )
    ]


def state_blockers(state: str, allowed: Collection[OrderState]) -> list[Blocker]:
    """Return why something is not done in this state of the order."""
    return [] if state in allowed else [_state(state, N_("Load the page again: it shows what comes next"))]


def _state(state: str, mend: str) -> Blocker:
    return Blocker(
        code="orders.not_in_this_state",
        message=N_("The order is %(state)s: this is not done now"),
        field="state",
        value=state,
        mend=mend,
        params={"state": state},
    )


@dataclass(frozen=True, slots=True)
class Left:
    """A container of the course that is still there: kind, state, disposition, expiry, whether it is in the dose.

    `in_reserve`: it is the reserve of the batch whose product was released last.
    """

    code: str
    kind: str
    state: str
    disposition: str
    expires_at: datetime | None = None
    in_dose: bool = False
    on_site: bool = False
    in_reserve: bool = False

    def usable(self, at: datetime) -> bool:
        """Say whether it is there and in date."""
        return self.state == "active" and (self.expires_at is None or at < self.expires_at)


def material_left(left: Sequence[Left], at: datetime) -> list[Left]:
    """Return the starting material from which another batch can be made: accepted, there, in date."""
    return [one for one in left if one.kind == "starting_material" and one.disposition == "accepted" and one.usable(at)]


def dose_left(left: Sequence[Left], at: datetime) -> list[Left]:
    """Return the bags of the dose that are still good: released, there, in date."""
    return [one for one in left if one.in_dose and one.disposition == "released" and one.usable(at)]


def reserve_left(left: Sequence[Left], at: datetime) -> list[Left]:
    """Return the reserve that the qualified person may still release: of the released batch, there, in date."""
    return [one for one in left if one.in_reserve and one.disposition == "quarantined" and one.usable(at)]


def decision_blockers(
    decision: CourseDecision, left: Sequence[Left], *, state: str, planned_at: datetime | None, at: datetime
) -> list[Blocker]:
    """Return why a stopped course cannot go on as decided."""
    if state != OrderState.STOPPED:
        return [_state(state, N_("There is nothing to decide about"))]
    if decision is CourseDecision.REMANUFACTURE and not material_left(left, at):
        return [
            Blocker(
                code="orders.no_material_left",
                message=N_("No accepted starting material is left from which another batch could be made"),
                field="decision",
                value=decision.value,
                mend=N_("Decide for another apheresis, or close the course"),
            )
        ]
    if decision is CourseDecision.CONTINUE and not dose_left(left, at):
        return [
            Blocker(
                code="orders.no_product_left",
                message=N_("No released bag of the dose is left"),
                field="decision",
                value=decision.value,
                mend=N_("Decide for another batch or another apheresis, or close the course"),
            )
        ]
    if decision is CourseDecision.RESERVE and not reserve_left(left, at):
        return [
            Blocker(
                code="orders.no_reserve_left",
                message=N_("No reserve of the released batch is left"),
                field="decision",
                value=decision.value,
                mend=N_("Decide for another batch or another apheresis, or close the course"),
            )
        ]
    if decision is CourseDecision.RECOLLECT and planned_at is None:
        return [
            Blocker(
                code="orders.no_new_date",
                message=N_("Another apheresis needs its day"),
                field="collection_planned_at",
                mend=N_("Say when the next collection is planned"),
            )
        ]
    return []


def obstacle_blockers(standing: Sequence[tuple[str, str]]) -> list[Blocker]:
    """Return what keeps the hospital from going on: (kind, reason) of each obstacle that stands."""
    said = {
        ObstacleKind.PATIENT_UNFIT: ("orders.patient_unfit", N_("The patient is not fit: %(reason)s")),
        ObstacleKind.SITE_NOT_READY: ("orders.site_not_ready", N_("The site is not ready: %(reason)s")),
    }
    return [
        Blocker(
            code=said[ObstacleKind(kind)][0],
            message=said[ObstacleKind(kind)][1],
            field="obstacle",
            value=kind,
            mend=N_("Wait until the hospital lifts the obstacle, or move the collection"),
            params={"reason": reason},
        )
        for kind, reason in standing
    ]


def obstacle_role_blockers(kind: ObstacleKind, *, physician: bool) -> list[Blocker]:
    """Return why this person does not say it: whether a patient is fit is the physician's to say."""
    if kind is not ObstacleKind.PATIENT_UNFIT or physician:
        return []
    return [
        Blocker(
            code="orders.physician_says",
            message=N_("Whether the patient is fit is said by the treating physician"),
            field="kind",
            value=kind.value,
            mend=N_("Ask the treating physician"),
        )
    ]


def standing_blockers(kind: ObstacleKind, *, standing: bool) -> list[Blocker]:
    """Return why there is no such obstacle to lift."""
    if standing:
        return []
    return [
        Blocker(
            code="orders.no_obstacle",
            message=N_("No such obstacle stands"),
            field="kind",
            value=kind.value,
            mend=N_("Nothing is left to do here"),
        )
    ]


def renewal_blockers(*, anything: bool) -> list[Blocker]:
    """Return why an eligibility pack is not renewed: nothing new was given."""
    if anything:
        return []
    return [
        Blocker(
            code="orders.nothing_renewed",
            message=N_("Nothing new was given"),
            field="virology",
            mend=N_("Give new results, a last dose, or the consent that was signed again"),
        )
    ]


def slot_blockers(*, has_slot: bool) -> list[Blocker]:
    """Return why a collection may not begin: no manufacturing slot waits for its cells."""
    if has_slot:
        return []
    return [
        Blocker(
            code="orders.no_slot",
            message=N_("No manufacturing slot is reserved for this order"),
            field="slot",
            mend=N_("Have the planner give the collection a new time"),
        )
    ]


def other_course_blockers(open_codes: Collection[str]) -> list[Blocker]:
    """Return why a second course of the same therapy waits: the patient's earlier one is under way."""
    return [
        Blocker(
            code="orders.course_under_way",
            message=N_("Order %(code)s of this patient for the same therapy is under way"),
            field="patient",
            value=code,
            mend=N_("End or finish that course first"),
            params={"code": code},
        )
        for code in sorted(open_codes)
    ]


def refusal_blockers(state: str, *, running: bool) -> list[Blocker]:
    """Return why there is nothing at the bedside to refuse."""
    found = running_blockers(running=running)
    if state != OrderState.THAWED:
        found.append(_state(state, N_("Before the thaw, report an obstacle or end the course")))
    return found


def nothing_thawed_blockers(cause: RefusalCause, *, thawed: bool) -> list[Blocker]:
    """Return why nothing is refused for a fault of the bag: none is thawed."""
    if thawed or cause not in OF_THE_BAG:
        return []
    return [
        Blocker(
            code="orders.nothing_thawed",
            message=N_("No bag is thawed"),
            field="cause",
            value=cause.value,
            mend=N_("Thaw the next bag; or refuse what is left because the patient is unfit or refuses"),
        )
    ]


def part_given_blockers(*, given: bool) -> list[Blocker]:
    """Return why a course is not ended so: a patient who was given cells is followed up."""
    if not given:
        return []
    return [
        Blocker(
            code="orders.part_given",
            message=N_("A part of the dose was given"),
            field="state",
            mend=N_("Refuse what is left of the dose: the course goes on as infused, with its follow-up visits"),
        )
    ]


def interrupt_blockers(*, interrupted: bool, wanted: bool) -> list[Blocker]:
    """Return why an infusion is not interrupted, or not resumed."""
    if interrupted == wanted:
        return []
    return [
        Blocker(
            code="orders.interruption_state",
            message=N_("The infusion runs") if wanted else N_("The infusion is interrupted already"),
            field="scanned_bag",
            mend=N_("Load the page again"),
        )
    ]


def too_late_blockers(*, in_time: bool, minutes: str) -> list[Blocker]:
    """Return why an interrupted infusion is not resumed: too long since the thaw."""
    if in_time:
        return []
    return [
        Blocker(
            code="orders.thaw_too_old",
            message=N_("The bag was thawed more than %(minutes)s minutes ago"),
            field="scanned_bag",
            mend=N_("Record the infusion's end as stopped, and call the manufacturer"),
            params={"minutes": minutes},
        )
    ]


def unused_blockers(
    *, course_state: str, container_state: str, disposition: str, kind: str, in_dose: bool, decision: UnusedDecision
) -> list[Blocker]:
    """Return why quality does not decide that a container is unused: it is wanted, gone, or cannot go back."""
    found = []
    if container_state not in ("active", "thawed"):
        found.append(
            Blocker(
                code="orders.container_gone",
                message=N_("This container is %(state)s"),
                field="scanned_container",
                value=container_state,
                mend=N_("Nothing is left to do here"),
                params={"state": container_state},
            )
        )
    if disposition == "rejected":
        found.append(
            Blocker(
                code="orders.rejected_already",
                message=N_("This container was rejected already"),
                field="scanned_container",
                value=disposition,
                mend=N_("Have it destroyed before two people"),
            )
        )
    over = course_state in (*ENDED, OrderState.INFUSED)
    wanted = (in_dose or (kind == "starting_material" and disposition == "accepted")) and disposition != "rejected"
    if not over and wanted:
        found.append(
            Blocker(
                code="orders.still_wanted",
                message=N_("The treatment course is %(state)s and needs this container"),
                field="scanned_container",
                value=course_state,
                mend=N_("Decide when the course is over"),
                params={"state": course_state},
            )
        )
    if decision is UnusedDecision.RETURN and (kind != "final_product" or container_state != "active"):
        found.append(
            Blocker(
                code="orders.not_returnable",
                message=N_("Only a frozen product goes back to the manufacturer"),
                field="decision",
                value=decision.value,
                mend=N_("Have it destroyed"),
            )
        )
    return found


def second_person_blockers(*, two: bool) -> list[Blocker]:
    """Return why a destruction lacks its second person."""
    if two:
        return []
    return [
        Blocker(
            code="orders.destroyed_by_two",
            message=N_("Two people of hospital or plant see to a destruction"),
            field="witness",
            mend=N_("Ask a second person to look and sign"),
        )
    ]


def destruction_blockers(*, disposition: str) -> list[Blocker]:
    """Return why a container is not destroyed yet: quality has not rejected it."""
    if disposition == "rejected":
        return []
    return [
        Blocker(
            code="orders.destruction_not_decided",
            message=N_("Quality has not decided that this container is destroyed (it is %(disposition)s)"),
            field="scanned_container",
            value=disposition,
            mend=N_("Ask QA to decide what becomes of it"),
            params={"disposition": disposition},
        )
    ]


def results_given(
    lines: Sequence[str], *, words: Collection[str], field: str
) -> tuple[list[tuple[str, str, date]], list[Blocker]]:
    """Read lines "name = word, YYYY-MM-DD", without the word where `words` is empty; return them, and the faults."""
    found: list[tuple[str, str, date]] = []
    faults: list[Blocker] = []
    for line in (one.strip() for one in lines if one.strip()):
        name, _, rest = (part.strip() for part in line.partition("="))
        word, _, day = (part.strip() for part in (rest.rpartition(",")))
        try:
            on = date.fromisoformat(day)
        except ValueError:
            on = None
        if not name or on is None or (words and word not in words):
            faults.append(
                Blocker(
                    code="orders.line_unreadable",
                    message=N_("This line cannot be read"),
                    field=field,
                    value=line[:80],
                    mend=N_("Write one line each: name = result, year-month-day"),
                )
            )
            continue
        found.append((name, word, on))
    return found, faults


def unknown_names(given: Sequence[str], known: Collection[str], field: str) -> list[Blocker]:
    """Return the names that the order's eligibility pack does not have."""
    return [
        Blocker(
            code="orders.unknown_name",
            message=N_("The eligibility pack has no %(name)s"),
            field=field,
            value=name,
            mend=N_("Choose one of: %(known)s"),
            params={"name": name, "known": ", ".join(sorted(known))},
        )
        for name in given
        if name not in known
    ]
