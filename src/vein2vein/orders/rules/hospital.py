"""What the hospital asks and hands in: another date, a document."""

from __future__ import annotations

from datetime import datetime, timedelta

from vein2vein.core.refusals import N_, Blocker
from vein2vein.orders.states import DateRequestState

LARGEST_DOCUMENT_BYTES = 5 * 1024 * 1024
FURTHEST = timedelta(days=365)
"""How far ahead a date may be wished for."""

_FORMATS = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
_ENDINGS = {"pdf": "pdf", "png": "png", "jpg": "jpg", "jpeg": "jpg"}
_ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/RichMedia")
"""What makes a PDF do something, or carry another file, instead of being read."""
_NAME = 120


def format_of(content: bytes) -> str:
    """Return what a file is by how it begins: "pdf", "png", "jpg", or "" for anything else."""
    return next((form for begins, form in _FORMATS.items() if content.startswith(begins)), "")


def document_blockers(filename: str, content: bytes) -> list[Blocker]:
    """Return why a file is not taken: empty, too large, of another format than its name says, or active."""
    form, ending = format_of(content), filename.rpartition(".")[2].lower()
    found = []
    if not content:
        found.append(_refused("orders.document_empty", N_("The file is empty"), filename))
    if len(content) > LARGEST_DOCUMENT_BYTES:
        mend = N_("Hand it in in parts, or with fewer pictures")
        found.append(_refused("orders.document_too_large", N_("The file is larger than 5 MiB"), filename, mend))
    if content and (not form or _ENDINGS.get(ending) != form):
        mend = N_("Hand in a PDF, PNG or JPEG file under its own ending")
        message = N_("The file is not what its name says, or not of a kind that is exchanged")
        found.append(_refused("orders.document_format", message, filename, mend))
    if form == "pdf" and any(one in content for one in _ACTIVE):
        mend = N_("Print it to a new PDF and hand that in")
        found.append(
            _refused("orders.document_active", N_("The PDF carries a program or another file"), filename, mend)
        )
    if len(filename) > _NAME or any(ord(one) < ord(" ") or one in '/\\"' for one in filename):
        message = N_("The file's name is too long or has characters that no name needs")
        found.append(_refused("orders.document_name", message, filename[:_NAME]))
    return found


def _refused(code: str, message: str, filename: str, mend: str = "") -> Blocker:
    return Blocker(code, message, field="document", value=filename[:_NAME], mend=mend or N_("Choose another file"))


def withdrawal_blockers(*, withdrawn: bool, own: bool) -> list[Blocker]:
    """Return why a document is not taken back: it was already, or the other side handed it in."""
    if withdrawn:
        return [Blocker("orders.document_withdrawn", N_("The document was taken back already"), field="document_id")]
    if not own:
        mend = N_("Ask them to take it back")
        message = N_("The document was handed in by the other side")
        return [Blocker("orders.document_of_others", message, field="document_id", mend=mend)]
    return []


def wish_blockers(wished_at: datetime, *, planned_at: datetime, at: datetime, standing: bool) -> list[Blocker]:
    """Return why a date is not asked for: it is past, too far, the planned one, or another request waits."""
    if standing:
        mend = N_("Wait for the planner's answer, or withdraw that request first")
        return [Blocker("orders.date_requested", N_("A request for another date waits already"), mend=mend)]
    shown = wished_at.isoformat(timespec="minutes")
    if not at < wished_at < at + FURTHEST:
        message = N_("The wished date is past, or more than a year away")
        return [Blocker("orders.date_out_of_reach", message, field="wished_at", value=shown, mend=_ANOTHER)]
    if wished_at == planned_at:
        message = N_("This is the date that is planned already")
        return [Blocker("orders.date_is_planned", message, field="wished_at", value=shown, mend=_ANOTHER)]
    return []


_ANOTHER = N_("Give another date")


def answer_blockers(state: str) -> list[Blocker]:
    """Return why a request is not answered or withdrawn: it was already."""
    if state == DateRequestState.REQUESTED:
        return []
    return [
        Blocker(
            "orders.request_answered",
            N_("The request is %(state)s: it does not wait for an answer any more"),
            field="request_id",
            value=state,
            mend=N_("Load the page again"),
            params={"state": state},
        )
    ]
