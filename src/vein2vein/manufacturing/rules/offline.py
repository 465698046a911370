"""When paper may stand in for the record, and when it is accounted for (N20)."""

from __future__ import annotations

from datetime import datetime

from vein2vein.core.refusals import N_, Blocker


def reconcile_blockers(code: str, *, used: bool, late_entries: int) -> list[Blocker]:
    """Return why a pack is not accounted for: used without a late entry, or unused although there are some."""
    if used and not late_entries:
        return [
            Blocker(
                code="manufacturing.pack_not_entered",
                message=N_("Offline pack %(pack)s was used, and nothing of it is entered"),
                field="used",
                value=code,
                mend=N_("Enter each act on the paper late, with its time and a witness; then reconcile"),
                params={"pack": code},
            )
        ]
    if not used and late_entries:
        return [
            Blocker(
                code="manufacturing.pack_was_used",
                message=N_("%(count)s acts were entered late since pack %(pack)s was issued"),
                field="used",
                value=code,
                mend=N_("Say that it was used"),
                params={"pack": code, "count": str(late_entries)},
            )
        ]
    return []


def open_pack_blockers(code: str | None) -> list[Blocker]:
    """Return that an offline pack of the batch is not accounted for; None is no pack."""
    if code is None:
        return []
    return [
        Blocker(
            code="manufacturing.pack_open",
            message=N_("Offline pack %(pack)s is not reconciled"),
            field="pack",
            value=code,
            mend=N_("Say by signature whether it was used, with a second person"),
            params={"pack": code},
        )
    ]


def late_order_blockers(at: datetime, earlier: datetime | None) -> list[Blocker]:
    """Return that a late entry says it was done before the step before it was."""
    if earlier is None or at >= earlier:
        return []
    return [
        Blocker(
            code="manufacturing.late_out_of_order",
            message=N_("The step before was done later than that"),
            field="performed_at",
            value=at.isoformat(timespec="seconds"),
            mend=N_("Look at the times on the paper; steps are done in their order"),
        )
    ]


def paper_file_blockers(text: str) -> list[Blocker]:
    """Return that a note is missing where a pack that was used is reconciled."""
    if text.strip():
        return []
    return [
        Blocker(
            code="manufacturing.note_missing",
            message=N_("Say where the paper is kept and what was found on it"),
            field="note",
            mend=N_("Name the folder or the attachment"),
        )
    ]
