"""Reading a definition from its files, whatever bytes they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.construct import read_construct
from vein2vein.engines.definitions.faults import DefinitionFaults, Fault
from vein2vein.engines.definitions.model.definition import Definition
from vein2vein.engines.definitions.model.process import Process
from vein2vein.engines.definitions.model.specification import Specification
from vein2vein.engines.definitions.model.supply import Supply
from vein2vein.engines.definitions.model.therapy import Therapy
from vein2vein.engines.definitions.nodes import LARGEST_FILE, compose
from vein2vein.engines.definitions.records import RecordReader
from vein2vein.engines.definitions.shapes import shape_of

PARTS: Mapping[str, type] = {
    "therapy": Therapy,
    "process": Process,
    "specification": Specification,
    "supply": Supply,
}
CONSTRUCT = "construct.gb"
FILES = (*(f"{name}.yaml" for name in PARTS), CONSTRUCT)
"""The five files of a definition, all of them needed and no other."""


def read(files: Mapping[str, bytes]) -> Definition:
    """Return the definition that the five files write; raises `DefinitionFaults`, and nothing else."""
    reader = RecordReader()
    for name in files:
        if name not in FILES:
            remedy = N_("a definition is made of %(files)s")
            reader.faults.append(
                Fault(name, 0, 0, "", N_("this file is no part of a definition"), remedy, {"files": ", ".join(FILES)})
            )
    parts: dict[str, Any] = {}
    for file in FILES:
        if file not in files:
            remedy = N_("add the file %(file)s to the folder")
            reader.faults.append(Fault(file, 0, 0, "", N_("the file is missing"), remedy, {"file": file}))
        elif file == CONSTRUCT:
            parts["construct"] = read_construct(file, files[file], reader)
        else:
            name = file.removesuffix(".yaml")
            parts[name] = _read_part(reader, name, file, files[file])
    if reader.faults:
        raise DefinitionFaults(reader.faults)
    return Definition(**parts, places=MappingProxyType(reader.places))


def _read_part(reader: RecordReader, name: str, file: str, content: bytes) -> Any:
    try:
        node = compose(file, content)
    except DefinitionFaults as error:
        reader.faults.extend(error.faults)
        return None
    return reader.read(shape_of(PARTS[name]), node, name)


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the files of a definition's folder, at most a byte over 1 MiB of each; hidden ones are left out."""
    found: dict[str, bytes] = {}
    try:
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                with path.open("rb") as stream:
                    found[path.name] = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        problem = error.strerror or type(error).__name__
        raise DefinitionFaults(
            [
                Fault(
                    str(folder),
                    0,
                    0,
                    "",
                    N_("the folder cannot be read: %(problem)s"),
                    N_("name a folder that holds %(files)s"),
                    {"problem": problem, "files": ", ".join(FILES)},
                )
            ]
        ) from None
    return found


def read_folder(path: Path | str) -> Definition:
    """Return the definition in a folder; raises `DefinitionFaults`, and nothing else."""
    return read(files_in(Path(path)))


def content_hash(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256, in hex, of the files sorted by name, each name and content after its length in 8 bytes."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()
