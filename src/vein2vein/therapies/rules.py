"""What stands in the way of a definition: unreadable files, faults, dates, the same person twice."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import PurePosixPath
from uuid import UUID

from vein2vein.core.refusals import N_, Blocker, Refused
from vein2vein.core.uploads import Upload
from vein2vein.engines.definitions import FILES, Fault
from vein2vein.engines.definitions.model.supply import Material
from vein2vein.engines.definitions.vocabulary import MaterialKind
from vein2vein.therapies.states import DefinitionState

LARGEST_FILE = 1024 * 1024
"""No file of a definition is larger, packed or not."""


def fault_blockers(faults: Sequence[Fault]) -> list[Blocker]:
    """Return one blocker for each fault the reader or checker found: file and line as the field."""
    return [
        Blocker(
            code="therapies.definition_fault",
            message=fault.message,
            field=f"{fault.file}:{fault.line}" if fault.line else fault.file,
            value=fault.path,
            mend=fault.remedy,
            params=dict(fault.params),
        )
        for fault in faults
    ]


def vector_blockers(mine: Sequence[Material], others: Mapping[str, Sequence[Material]]) -> list[Blocker]:
    """Return where a vector's id means another vector in another therapy's definition: lots are told by it (N7)."""
    return [
        Blocker(
            code="therapies.vector_means_other",
            message=N_("The id stands for another vector in the definition %(therapy)s: %(name)s"),
            field=f"materials.{one.id}",
            value=one.name.en,
            mend=N_("Give the vector an id of its own: a lot of one must never be taken for the other"),
            params={"therapy": therapy, "name": other.name.en},
        )
        for one in mine
        for therapy, theirs in sorted(others.items())
        for other in theirs
        if one.kind is MaterialKind.VECTOR and other.id == one.id and other.name != one.name
    ]


def unpack(uploads: Sequence[Upload]) -> dict[str, bytes]:
    """Return a definition's files by name, from one zip archive or from the files themselves; raises `Refused`."""
    if len(uploads) == 1 and uploads[0].filename.lower().endswith(".zip"):
        return _unzip(uploads[0])
    found: dict[str, bytes] = {}
    for upload in uploads:
        name = PurePosixPath(upload.filename.replace("\\", "/")).name
        if name in found:
            raise Refused(
                Blocker(
                    code="therapies.file_twice",
                    message=N_("The file is there twice"),
                    field="files",
                    value=name,
                    mend=N_("Hand in each file once"),
                )
            )
        found[name] = upload.content
    return found


def _unzip(upload: Upload) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(BytesIO(upload.content)) as archive:
            entries = [entry for entry in archive.infolist() if not _hidden(entry)]
            if len(entries) > len(FILES):
                raise Refused(_no_archive(upload, N_("The archive holds more than the five files of a definition")))
            for entry in entries:
                with archive.open(entry) as stream:
                    content = stream.read(LARGEST_FILE + 1)
                name = PurePosixPath(entry.filename).name
                if len(content) > LARGEST_FILE or name in found:
                    raise Refused(_no_archive(upload, N_("A file in the archive is too large, or there twice")))
                found[name] = content
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Refused(_no_archive(upload, N_("The archive cannot be opened"))) from error
    return found


def _hidden(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    return entry.is_dir() or any(part.startswith((".", "__MACOSX")) for part in parts)


def _no_archive(upload: Upload, message: str) -> Blocker:
    return Blocker(
        code="therapies.archive",
        message=message,
        field="files",
        value=upload.filename,
        mend=N_("Pack the five files of one definition into an ordinary zip archive: %(files)s"),
        params={"files": ", ".join(FILES)},
    )


def texts(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the files as text; a definition that was read is known to be UTF-8."""
    return {name: content.decode("utf-8") for name, content in files.items()}


def approval_blockers(
    *, state: str, submitted_by: UUID, approver: UUID, effective_from_on: date, today: date
) -> list[Blocker]:
    """Return what keeps a draft from being approved to take effect on a day."""
    found = []
    if state != DefinitionState.DRAFT:
        found.append(
            Blocker(
                code="therapies.not_a_draft",
                message=N_("Only a draft can be approved; this is %(state)s"),
                field="state",
                value=state,
                mend=N_("Submit a new version"),
                params={"state": state},
            )
        )
    if submitted_by == approver:
        found.append(
            Blocker(
                code="therapies.own_submission",
                message=N_("Nobody approves what they submitted themselves"),
                field="by",
                mend=N_("Ask another person with the right to approve"),
            )
        )
    if effective_from_on < today:
        found.append(
            Blocker(
                code="therapies.effective_in_past",
                message=N_("A version cannot have been in force before it was approved"),
                field="effective_from_on",
                value=effective_from_on.isoformat(),
                mend=N_("Give today or a later day"),
            )
        )
    return found


def rehearsal_blockers(passes: bool | None) -> list[Blocker]:
    """Return what keeps a version from being approved before virtual patients were carried through it."""
    if passes:
        return []
    if passes is None:
        return [
            Blocker(
                code="therapies.not_rehearsed",
                message=N_("No virtual patient has been carried through this version yet"),
                field="rehearsal",
                mend=N_("Ask for its rehearsal; it takes less than a minute"),
            )
        ]
    return [
        Blocker(
            code="therapies.rehearsal_failed",
            message=N_("Virtual patients did not come through this version"),
            field="rehearsal",
            mend=N_("Read where they were stopped, and submit a version that mends it"),
        )
    ]


def altered_blocker(version: str) -> Blocker:
    """Return the blocker of a stored definition that is not what was approved."""
    return Blocker(
        code="therapies.altered",
        message=N_("The stored definition does not match its content hash"),
        field="content_hash",
        value=version,
        mend=N_("Stop work with it and run the journal's verification: the database was changed from outside"),
    )
