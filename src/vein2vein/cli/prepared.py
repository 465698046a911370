"""What a start prepared, kept so that the next start of the same files on the same tables need not prepare again.

Preparing imports the whole application only to find nothing to do: some seconds of every warm start.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg

from vein2vein import settings
from vein2vein.settings import databases

FOLDERS = ("src", "therapies", ".local/static-npm")
FILES = ("requirements.lock",)


def recall(state: Path) -> list[str] | None:
    """Return the lines of the last preparing, or None when files, environment or applied migrations differ since."""
    try:
        kept = json.loads((state / "prepared.json").read_text())
        same = kept["digest"] == _digest() and Path(settings.STATIC_ROOT).is_dir()
        return [str(line) for line in kept["lines"]] if same else None
    except (FileNotFoundError, ValueError, KeyError, TypeError, psycopg.Error):
        return None


def remember(state: Path, lines: list[str]) -> None:
    """Keep the lines of a preparing that was finished."""
    fresh = state / "prepared.json.new"
    fresh.write_text(json.dumps({"digest": _digest(), "lines": lines}))
    fresh.replace(state / "prepared.json")


def forget(state: Path) -> None:
    """Forget the last preparing, because another one begins and may be cut short."""
    (state / "prepared.json").unlink(missing_ok=True)


def _digest() -> str:
    """Return one digest of every file, every variable and every applied migration that preparing depends on."""
    owner = databases.conninfo(settings.DATABASES["owner"])
    with psycopg.connect(owner) as connection:
        applied = connection.execute("SELECT id, app, name, applied FROM django_migrations ORDER BY id").fetchall()
    variables = sorted(pair for pair in os.environ.items() if pair[0].startswith(("V2V_", "DATABASE_")))
    seen = hashlib.sha256(repr((owner, applied, variables)).encode())
    for path in _files():
        facts = path.stat()
        seen.update(f"{path} {facts.st_mtime_ns} {facts.st_size}\n".encode())
    return seen.hexdigest()


def _files() -> Iterator[Path]:
    for name in FOLDERS:
        for folder, below, files in os.walk(settings.ROOT / name):
            below[:] = sorted(each for each in below if each not in ("__pycache__", "tests"))
            yield from (Path(folder) / file for file in sorted(files))
    yield from (settings.ROOT / name for name in FILES)
