"""The demonstration site: loaded into an empty database through the same actions as everything else."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from math import ceil

from django.db import connection, transaction

from vein2vein import journal
from vein2vein.journal.reads import database_kind

LOADERS: tuple[tuple[str, bool], ...] = (
    ("vein2vein.network.actions:load_demonstration", True),
    ("vein2vein.people.actions:load_demonstration", True),
    ("vein2vein.therapies.actions:load_demonstration", False),
    ("vein2vein.materials.actions:load_demonstration", False),
)
"""The internal actions that load each context's part, in order, and whether they build for more patients."""
PATIENTS_A_YEAR = 300
"""How many the demonstration's base is built for as it stands [assumed]."""


def times_for(per_year: float) -> int:
    """Return how many times the base is needed for so many patients a year."""
    return max(1, ceil(per_year / PATIENTS_A_YEAR))


def open_database(kind: str) -> None:
    """Mark an unmarked database as "production", "demonstration" or "simulated", once and for ever."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('INSERT INTO journal_database ("only", kind) VALUES (true, %s) ON CONFLICT DO NOTHING', [kind])


def end_loading() -> None:
    """Write that the site is loaded: a demonstration takes no past times from now on."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('INSERT INTO journal_loaded ("only") VALUES (true) ON CONFLICT DO NOTHING')


def load_if_empty(
    kind: str = "demonstration",
    *,
    history: bool = False,
    times: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> bool:
    """Load the demonstration site when the database is not opened yet; return whether it was loaded.

    It is built `times` over, for so many times the patients. With `history` the loading goes on, on a clock of the
    past, until `end_loading`.
    """
    if database_kind() is not None:
        return False
    by = journal.system("demonstration")
    # All or nothing: a start that is killed half-way must find an empty database again.
    with transaction.atomic():
        open_database(kind)
        for loader, grows in LOADERS:
            module, _, name = loader.partition(":")
            there = importlib.util.find_spec(module) is not None
            load = getattr(importlib.import_module(module), name, None) if there else None
            if load is not None:
                say(name.replace("_", " ") + " of " + module.split(".")[1])
                load(by=by, **({"times": times} if grows else {}))
        if not history:
            end_loading()
    return True
