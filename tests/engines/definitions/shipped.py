"""The shipped definitions as files and as read, once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from vein2vein.engines.definitions import Definition, files_in, read

FOLDER = Path(__file__).parents[3] / "therapies"
NAMES = ("rapid-bcma-cd19", "cd19-lupus")


@cache
def _files(name: str) -> tuple[tuple[str, bytes], ...]:
    return tuple(files_in(FOLDER / name).items())


def files(name: str) -> dict[str, bytes]:
    """Return a fresh mapping of a shipped definition's files."""
    return dict(_files(name))


@cache
def definition(name: str) -> Definition:
    """Return a shipped definition."""
    return read(files(name))


def changed(name: str, file: str, old: str, new: str) -> Definition:
    """Return a shipped definition with one text changed for another, once."""
    mine = files(name)
    text = mine[file].decode()
    assert old in text, f"{file} of {name} no longer holds {old!r}"
    mine[file] = text.replace(old, new, 1).encode()
    return read(mine)
