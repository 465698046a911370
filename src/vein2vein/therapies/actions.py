"""Submitting, approving and retiring definitions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.conf import settings

from vein2vein import journal
from vein2vein.core.actor import Actor, Role
from vein2vein.core.ids import DefinitionId
from vein2vein.core.refusals import N_, Blocker, Refused, refuse_any
from vein2vein.core.uploads import Upload
from vein2vein.engines import definitions
from vein2vein.engines.definitions import Definition, DefinitionFaults
from vein2vein.journal.reads import database_kind
from vein2vein.therapies import reads, rules
from vein2vein.therapies.facts import (
    DefinitionApproved,
    DefinitionRehearsed,
    DefinitionRetired,
    DefinitionSubmitted,
    RehearsalAsked,
)
from vein2vein.therapies.models import DefinitionVersion, Rehearsal
from vein2vein.therapies.states import DefinitionState

SHIPPED_FROM = date(2025, 1, 1)
"""From when the shipped demonstration definitions are in force: before any demonstration begins."""

journal.explain(
    "therapies_definition_version_once",
    Blocker(
        code="therapies.version_exists",
        message=N_("This version of the definition exists already"),
        field="version",
        mend=N_("Give the changed definition a new version number"),
    ),
)
journal.explain(
    "therapies_definitionversion_content_hash_key",
    Blocker(
        code="therapies.content_exists",
        message=N_("A definition with exactly this content exists already"),
        field="files",
        mend=N_("Look for it among the versions"),
    ),
)
journal.explain(
    "therapies_definition_effective_once",
    Blocker(
        code="therapies.effective_twice",
        message=N_("Another version takes effect on that day"),
        field="effective_from_on",
        mend=N_("Choose another day, or retire the other version"),
    ),
)


def _checked(files: dict[str, bytes]) -> Definition:
    try:
        found = definitions.read(files)
    except DefinitionFaults as error:
        raise Refused(rules.fault_blockers(error.faults)) from error
    refuse_any(rules.fault_blockers(definitions.check(found)))
    return found


def _drafted(files: dict[str, bytes], by: Actor) -> DefinitionVersion:
    found = _checked(files)
    row = DefinitionVersion(
        therapy_code=found.therapy.id,
        version=found.therapy.version,
        name_en=found.therapy.name.en,
        name_zh=found.therapy.name.zh,
        content_hash=definitions.content_hash(files),
        canonical=definitions.canonical(found),
        files=rules.texts(files),
        state=DefinitionState.DRAFT,
        submitted_at=journal.current().at,
        submitted_by=by.account_id,
    )
    journal.record(
        DefinitionSubmitted(
            definition_id=row.id, therapy_code=row.therapy_code, version=row.version, content_hash=row.content_hash
        ),
        stream=f"definition:{row.id}",
        refs=[f"account:{by.account_id}"],
        inserts=[row],
    )
    return row


def _approved(row: DefinitionVersion, effective_from_on: date, by: Actor, *, rehearsed: bool) -> None:
    refuse_any(rules.vector_blockers(reads.content_of(row).supply.materials, reads.materials_elsewhere(row)))
    journal.transition(
        row,
        "approve",
        DefinitionApproved(
            definition_id=row.id,
            therapy_code=row.therapy_code,
            version=row.version,
            content_hash=row.content_hash,
            effective_from_on=effective_from_on,
            rehearsed=rehearsed,
        ),
        stream=f"definition:{row.id}",
        refs=[f"account:{by.account_id}"],
        effective_from_on=effective_from_on,
    )


@journal.action("therapies.submit_definition", roles={Role.SUPERVISOR, Role.QA_REVIEWER})
def submit_definition(*, files: list[Upload], by: Actor) -> reads.VersionView:
    """Take in a definition as a draft: its five files, or one zip archive of them; the checker must find nothing.

    The digital twin carries virtual patients through it beside; without that it cannot be approved.
    """
    from vein2vein.therapies.tasks import rehearse

    row = _drafted(rules.unpack(files), by)
    rehearse.defer(definition_id=str(row.pk))
    return reads.view(row)


@journal.action("therapies.rehearse_definition", roles={Role.SUPERVISOR, Role.QA_REVIEWER, Role.QUALIFIED_PERSON})
def rehearse_definition(*, definition_id: DefinitionId, by: Actor) -> reads.VersionView:
    """Ask that virtual patients be carried through a version anew: plant and figures change. It is done beside."""
    from vein2vein.therapies.tasks import rehearse

    row = reads.get_version(definition_id)
    journal.record(
        RehearsalAsked(definition_id=row.id, therapy_code=row.therapy_code, version=row.version),
        stream=f"definition:{row.id}",
        refs=[f"account:{by.account_id}"],
    )
    rehearse.defer(definition_id=str(row.pk))
    return reads.view(row)


@journal.action("therapies.keep_rehearsal")
def keep_rehearsal(
    *, definition_id: DefinitionId, verdict: str, passes: bool, patients: int, model: str, seed: int, by: Actor
) -> Rehearsal:
    """Keep what the twin found of a version; `verdict` is its JSON text."""
    row = reads.get_version(definition_id)
    made = Rehearsal(
        definition=row,
        passes=passes,
        patients=patients,
        model_digest=model,
        seed=seed,
        verdict=verdict,
        rehearsed_at=journal.current().at,
    )
    found = reads.rehearsal_view(made)
    journal.record(
        DefinitionRehearsed(
            definition_id=row.id,
            rehearsal_id=made.id,
            therapy_code=row.therapy_code,
            version=row.version,
            content_hash=row.content_hash,
            passes=passes,
            patients=patients,
            seed=seed,
            model=model[:12],
            blockers=len(found.blockers),
            warnings=len(found.warnings),
        ),
        stream=f"definition:{row.id}",
        inserts=[made],
    )
    return made


@journal.action("therapies.approve_definition", roles={Role.QUALIFIED_PERSON}, signed="approved")
def approve_definition(*, definition_id: DefinitionId, effective_from_on: date, by: Actor) -> reads.VersionView:
    """Approve a draft through which the digital twin has carried virtual patients, in force from a day on."""
    row = reads.get_version(definition_id)
    refuse_any(
        rules.approval_blockers(
            state=row.state,
            submitted_by=row.submitted_by,
            approver=by.account_id,
            effective_from_on=effective_from_on,
            today=journal.current().at.date(),
        )
    )
    refuse_any(rules.fault_blockers(definitions.check(reads.content_of(row))))
    rehearsal = reads.find_rehearsal(row.pk)
    refuse_any(rules.rehearsal_blockers(None if rehearsal is None else rehearsal.passes))
    _approved(row, effective_from_on, by, rehearsed=True)
    return reads.view(row)


@journal.action("therapies.retire_definition", roles={Role.QUALIFIED_PERSON}, signed="retired")
def retire_definition(*, definition_id: DefinitionId, reason: str, by: Actor) -> reads.VersionView:
    """Withdraw a version: no new order may name it; orders and batches that began with it keep it."""
    row = reads.get_version(definition_id)
    if not reason.strip():
        raise Refused(
            Blocker("therapies.no_reason", N_("Say why"), field="reason", mend=N_("Write the reason in a few words"))
        )
    journal.transition(
        row,
        "retire",
        DefinitionRetired(definition_id=row.id, therapy_code=row.therapy_code, version=row.version, reason=reason),
        stream=f"definition:{row.id}",
        refs=[f"account:{by.account_id}"],
    )
    return reads.view(row)


@journal.action("therapies.load_definition")
def load_definition(*, files: list[Upload], effective_from_on: date, by: Actor) -> reads.VersionView:
    """Submit and approve a demonstration definition, in force from a day on, past ones included.

    Its rehearsal follows beside, so that a site opens quickly: until then its page says that there was none.
    Refused in a production database, and for a definition that does not call itself a demonstration.
    """
    from vein2vein.therapies.tasks import rehearse

    content = rules.unpack(files)
    if database_kind() == "production" or not _checked(content).therapy.demonstration:
        raise Refused(
            Blocker(
                "therapies.demonstration_only",
                N_("Only demonstration definitions are loaded, and never into a production database"),
                field="files",
                mend=N_("Submit the definition and have it approved"),
            )
        )
    row = _drafted(content, by)
    _approved(row, effective_from_on, by, rehearsed=False)
    rehearse.defer(definition_id=str(row.pk))
    return reads.view(row)


def load_shipped(folder: Path, effective_from_on: date, *, by: Actor) -> list[reads.VersionView]:
    """Load every definition in `folder` that is not there yet; `by` is the system."""
    loaded = []
    for path in sorted(one for one in folder.iterdir() if (one / "therapy.yaml").is_file()):
        files = definitions.files_in(path)
        if not reads.is_known(definitions.content_hash(files)):
            uploads = [Upload(name, content) for name, content in files.items()]
            loaded.append(load_definition(files=uploads, effective_from_on=effective_from_on, by=by))
    return loaded


def load_demonstration(*, by: Actor) -> list[reads.VersionView]:
    """Load the definitions that are shipped with the program for the demonstration site; `by` is the system."""
    return load_shipped(Path(settings.THERAPIES), SHIPPED_FROM, by=by)
