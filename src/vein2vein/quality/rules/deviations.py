"""Deviations: what opening, classifying, investigating and closing one asks for."""

from __future__ import annotations

from collections.abc import Collection

from vein2vein.core.refusals import N_, Blocker
from vein2vein.quality.states import DeviationState, Severity


def reason_blockers(text: str, field: str) -> list[Blocker]:
    """Return why a text that must say something says nothing."""
    if text.strip():
        return []
    return [
        Blocker(
            code="quality.no_text",
            message=N_("This needs words"),
            field=field,
            mend=N_("Say it so that a reader in ten years understands"),
        )
    ]


def open_blockers(*, subject: str, description: str) -> list[Blocker]:
    """Return what an opened deviation lacks."""
    return [*reason_blockers(subject, "subject"), *reason_blockers(description, "description")]


def classify_blockers(*, state: str, severity: Severity, blocks_release: bool, reason: str) -> list[Blocker]:
    """Return why a deviation cannot be classified so: only a minor one lets a release go before it is closed."""
    found = reason_blockers(reason, "reason")
    if state == DeviationState.CLOSED:
        found.append(_state(state))
    if severity is Severity.UNCLASSIFIED:
        found.append(
            Blocker(
                code="quality.unclassified",
                message=N_("Classifying says how grave it is"),
                field="severity",
                value=severity.value,
                mend=N_("Choose minor, major or critical"),
            )
        )
    if not blocks_release and severity is not Severity.MINOR:
        found.append(
            Blocker(
                code="quality.only_minor_passes",
                message=N_("Only a minor deviation lets a release go before it is closed"),
                field="blocks_release",
                value=severity.value,
                mend=N_("Let it block, or close it before the release"),
            )
        )
    return found


def _state(state: str) -> Blocker:
    return Blocker(
        code="quality.deviation_state",
        message=N_("The deviation is %(state)s"),
        field="state",
        value=state,
        mend=N_("Load the page again"),
        params={"state": state},
    )


def investigate_blockers(*, root_cause: str, impact: str) -> list[Blocker]:
    """Return what an investigation lacks."""
    return [*reason_blockers(root_cause, "root_cause"), *reason_blockers(impact, "impact")]


def close_blockers(*, state: str, severity: str, reason: str) -> list[Blocker]:
    """Return why a deviation cannot be closed yet."""
    found = reason_blockers(reason, "reason")
    if state != DeviationState.INVESTIGATED:
        found.append(
            Blocker(
                code="quality.not_investigated",
                message=N_("The deviation is %(state)s; only an investigated one is closed"),
                field="state",
                value=state,
                mend=N_("Write down root cause and impact first"),
                params={"state": state},
            )
        )
    if severity == Severity.UNCLASSIFIED:
        found.append(
            Blocker(
                code="quality.not_classified",
                message=N_("Nobody has said how grave the deviation is"),
                field="severity",
                value=severity,
                mend=N_("Classify it first"),
            )
        )
    return found


def closer_blockers(*, by: str, name: str, involved: Collection[str]) -> list[Blocker]:
    """Return why somebody may not close a deviation: they took part in what it is about."""
    if by not in involved:
        return []
    return [
        Blocker(
            code="quality.closes_own",
            message=N_("Who took part in it does not close the deviation"),
            field="by",
            value=name,
            mend=N_("Ask another QA reviewer"),
        )
    ]
