"""The project's own Python files, and what they import, for the house tests."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "src" / "vein2vein"


@dataclass(frozen=True)
class Import:
    """One module that a file imports, by its full name, and the line that does."""

    file: Path
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(PROJECT)}:{self.line} imports {self.module}"


def python_files(*roots: Path) -> list[Path]:
    """Every Python file under the roots that people write: migrations apart."""
    return sorted(path for root in roots for path in root.rglob("*.py") if "migrations" not in path.parts)


def source_files() -> list[Path]:
    """The files of the package, its tests apart."""
    return [path for path in python_files(PACKAGE) if "tests" not in path.relative_to(PACKAGE).parts]


def context_of(path: Path) -> str:
    """The first folder under the package that a file is in."""
    return path.relative_to(PACKAGE).parts[0]


def imports(path: Path, *, for_types_too: bool = True) -> Iterator[Import]:
    """Every import of a file, wherever in it; `from a import b` is given as `a` and as `a.b`.

    Without `for_types_too`, what stands under `if TYPE_CHECKING:` is left out: a name there is never run.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    guarded = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    left_out = set() if for_types_too else {inner for node in guarded for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if node in left_out:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(path, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = path.relative_to(PACKAGE.parent).parent.parts
                above = package[: len(package) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            yield Import(path, node.lineno, base)
            for alias in node.names:
                yield Import(path, node.lineno, f"{base}.{alias.name}")


def is_or_within(module: str, parent: str) -> bool:
    """Whether a dotted name is the parent or is inside it."""
    return module == parent or module.startswith(f"{parent}.")
