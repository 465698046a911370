"""construct.gb: the construct as GenBank text, read with Biopython, which is imported when there is one to read."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from io import StringIO
from typing import TYPE_CHECKING

from vein2vein.core.refusals import N_
from vein2vein.engines.definitions.faults import DefinitionFaults, Place
from vein2vein.engines.definitions.model.definition import Construct, Part
from vein2vein.engines.definitions.nodes import decode
from vein2vein.engines.definitions.records import RecordReader

if TYPE_CHECKING:
    from Bio.SeqRecord import SeqRecord

_LONGEST = 100_000
_BIOPYTHON_FAULTS = (
    ValueError,
    AssertionError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    StopIteration,
)
"""What Biopython's reader has been seen to raise on damaged text."""


def read_construct(file: str, content: bytes, reader: RecordReader) -> Construct | None:
    """Return the construct, or None after adding faults to `reader`, which also learns where each part stands."""
    try:
        text = decode(file, content)
    except DefinitionFaults as error:
        reader.faults.extend(error.faults)
        return None
    record = _parse(file, text, reader)
    if record is None:
        return None
    sequence = str(record.seq).upper()
    if not sequence or len(sequence) > _LONGEST or set(sequence) - set("ACGTN"):
        remedy = N_("give a DNA sequence of A, C, G, T and N, at most 100000 long, after ORIGIN")
        reader.fault(Place(file, _line(text, "ORIGIN"), 1), "construct.sequence", N_("the sequence is not DNA"), remedy)
        return None
    reader.places["construct"] = Place(file, 1, 1)
    reader.places["construct.sequence"] = Place(file, _line(text, "ORIGIN"), 1)
    name, description = str(record.name).strip(), _description(record)
    if not name or not description:
        remedy = N_("give it a name after LOCUS and a sentence after DEFINITION")
        reader.fault(Place(file, 1, 1), "construct", N_("the construct has no name or no description"), remedy)
        return None
    parts = _parts(file, text, record, len(sequence), reader)
    circular = record.annotations.get("topology") == "circular"
    return Construct(name=name, description=description, circular=circular, sequence=sequence, parts=tuple(parts))


def _parse(file: str, text: str, reader: RecordReader) -> SeqRecord | None:
    from Bio import BiopythonWarning, SeqIO

    read_genbank: Callable[[StringIO, str], Iterator[SeqRecord]] = SeqIO.parse
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", BiopythonWarning)
            records = list(read_genbank(StringIO(text), "genbank"))
            if len(records) != 1:
                raise ValueError(f"{len(records)} records")
            str(records[0].seq)
            return records[0]
    except (*_BIOPYTHON_FAULTS, BiopythonWarning) as error:
        reader.fault(
            Place(file, 1, 1),
            "construct",
            N_("this is not one GenBank record: %(problem)s"),
            N_("export the construct as GenBank, from LOCUS to //"),
            problem=" ".join(str(error).split())[:120] or type(error).__name__,
        )
        return None


def _description(record: SeqRecord) -> str:
    comment = record.annotations.get("comment", "")
    return " ".join(f"{record.description} {comment}".split())[:2000].strip()


def _parts(file: str, text: str, record: SeqRecord, length: int, reader: RecordReader) -> list[Part]:
    parts: dict[str, Part] = {}
    for feature in record.features:
        label = " ".join(feature.qualifiers.get("label", [""])[0].split())[:200].strip()
        if not label or not feature.type:
            continue
        place = Place(file, _line(text, f'/label="{label}"'), 1)
        path = f"construct.parts[{label[:60]}]"
        if label in parts:
            remedy = N_("give each part a label of its own")
            reader.fault(place, path, N_("the part “%(part)s” is annotated twice"), remedy, part=label[:60])
            continue
        location = feature.location
        if location is None or not 0 <= location.start < location.end <= length:
            remedy = N_("correct its location")
            reader.fault(place, path, N_("the part “%(part)s” lies outside the sequence"), remedy, part=label[:60])
            continue
        reader.places[path] = place
        strand = -1 if location.strand == -1 else 1
        parts[label] = Part(
            label=label, type=feature.type, start=int(location.start), end=int(location.end), strand=strand
        )
    return list(parts.values())


def _line(text: str, needle: str) -> int:
    at = text.find(needle)
    return text.count("\n", 0, at) + 1 if at >= 0 else 1
