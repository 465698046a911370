"""Offline packs: issued by signature for the hours without a server, accounted for by two people afterwards (N20)."""

from __future__ import annotations

import hashlib
from uuid import UUID

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import BatchId
from vein2vein.core.refusals import N_, Blocker, refuse_any
from vein2vein.engines.codes import Kind, issue
from vein2vein.engines.papers import offline_pack as typeset
from vein2vein.journal.reads import list_newest_touching
from vein2vein.manufacturing import facts, reads, rules
from vein2vein.manufacturing.actions.situation import locked_batch, refs, stream
from vein2vein.manufacturing.models import Batch, OfflinePack, RawAttachment

FILE_KIND = "offline_pack"

journal.explain(
    "manufacturing_pack_one_in_force",
    Blocker(
        code="manufacturing.pack_in_force",
        message=N_("Another offline pack was issued at the same moment"),
        field="batch_id",
        mend=N_("Load the page again"),
    ),
)


@journal.action("manufacturing.issue_offline_pack", roles=[Role.OPERATOR, Role.SUPERVISOR], signed=N_("issued"))
def issue_offline_pack(*, batch_id: BatchId, by: Actor) -> OfflinePack:
    """Print and sign what is left of a batch record, for the bench; an earlier pack is void, unused and destroyed."""
    batch = locked_batch(batch_id, by)
    refuse_any(rules.batch_blockers(batch.number, batch.state, []))
    at = journal.current().at
    _supersede(batch)
    newest = list_newest_touching(f"batch:{batch.pk}", limit=1)
    head, entry = (newest[0].hash, newest[0].id) if newest else ("", 0)
    code = issue(Kind.DOCUMENT)
    paper = reads.offline_pack(reads.get_batch(batch_id, by=by), code=code, at=at, by=by, head=head)
    content = typeset(paper)
    attachment = RawAttachment(
        batch=batch,
        kind=FILE_KIND,
        filename=f"{code}.pdf",
        media_type="application/pdf",
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        content=content,
    )
    pack = OfflinePack(
        batch=batch,
        code=code,
        attachment=attachment,
        journal_entry=entry,
        journal_head=head,
        issued_at=at,
        issued_by_id=by.account_id,
        issued_by_name=by.name,
    )
    journal.record(
        facts.OfflinePackIssued(
            batch_id=batch.pk,
            batch_number=batch.number,
            coi_id=batch.coi_id,
            pack_id=pack.pk,
            pack_code=code,
            sha256=attachment.sha256,
            journal_head=head,
            steps_left=sum(len(one.steps) for one in paper.operations),
            issued_by=by.name,
        ),
        stream=stream(batch),
        refs=refs(batch),
        inserts=[attachment, pack],
    )
    return pack


def _supersede(batch: Batch) -> None:
    earlier = reads.find_open_pack(batch)
    if earlier is None:
        return
    refuse_any(rules.reconcile_blockers(earlier.code, used=False, late_entries=reads.count_late_entries(earlier)))
    journal.transition(
        earlier,
        "supersede",
        facts.OfflinePackSuperseded(
            batch_id=batch.pk, batch_number=batch.number, pack_id=earlier.pk, pack_code=earlier.code
        ),
        stream=stream(batch),
        refs=refs(batch),
    )


@journal.action(
    "manufacturing.reconcile_offline_pack",
    roles=[Role.OPERATOR, Role.SUPERVISOR],
    signed=N_("reconciled"),
    witnessed=N_("verified"),
)
def reconcile_offline_pack(*, pack_id: UUID, used: bool, note: str = "", by: Actor, witness: Actor) -> OfflinePack:
    """Sign, with a second person, that each act on an offline pack is entered late, or that it was not used.

    The acts entered late since its issue are counted here; `note` says where the paper is kept.
    """
    pack = reads.get_pack(pack_id, by=by)
    batch = locked_batch(BatchId(pack.batch_id), by)
    entered = reads.count_late_entries(pack)
    refuse_any(rules.reconcile_blockers(pack.code, used=used, late_entries=entered))
    refuse_any(rules.paper_file_blockers(note) if used else [])
    at = journal.current().at
    journal.transition(
        pack,
        "reconcile",
        facts.OfflinePackReconciled(
            batch_id=batch.pk,
            batch_number=batch.number,
            coi_id=batch.coi_id,
            pack_id=pack.pk,
            pack_code=pack.code,
            used=used,
            late_entries=entered,
            note=note,
            reconciled_by=by.name,
        ),
        stream=stream(batch),
        refs=refs(batch, f"account:{witness.account_id}"),
        used=used,
        late_entries=entered,
        note=note,
        reconciled_at=at,
        reconciled_by_id=by.account_id,
        reconciled_by_name=by.name,
    )
    return pack
