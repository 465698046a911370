"""One definition: reading, checking, storing and comparing therapies written as text.

`read` takes the five files of a definition, `check` says what keeps it from being approved,
`canonical` and `load` carry it to a database and back, `diff` says what changed between two versions.
"""

from vein2vein.engines.definitions.canonical import canonical, load
from vein2vein.engines.definitions.checking import check
from vein2vein.engines.definitions.diffing import Change, ChangeKind, diff
from vein2vein.engines.definitions.faults import DefinitionFaults, Fault, Place
from vein2vein.engines.definitions.formulas import Formula, FormulaFault, evaluate, parse, unit_of
from vein2vein.engines.definitions.model.definition import Construct, Definition, Part
from vein2vein.engines.definitions.reading import FILES, content_hash, files_in, read, read_folder
from vein2vein.engines.definitions.values import Limits, Quantity, Range, Text

__all__ = [
    "FILES",
    "Change",
    "ChangeKind",
    "Construct",
    "Definition",
    "DefinitionFaults",
    "Fault",
    "Formula",
    "FormulaFault",
    "Limits",
    "Part",
    "Place",
    "Quantity",
    "Range",
    "Text",
    "canonical",
    "check",
    "content_hash",
    "diff",
    "evaluate",
    "files_in",
    "load",
    "parse",
    "read",
    "read_folder",
    "unit_of",
]
