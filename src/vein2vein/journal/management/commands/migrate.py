"""`migrate`: Django's, which makes the tables of an empty database at once before it looks for what is missing."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from vein2vein.journal.tables import make_at_once


class Command(migrate.Command):
    """Bring the tables up to date, as the owner."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Apply what is lacking; only a plain call, of all contexts, makes the tables at once."""
        asked = (options[name] for name in ("app_label", "fake", "fake_initial", "plan", "check_unapplied", "prune"))
        if not any(asked):
            make_at_once(connections[options["database"]])
        super().handle(*args, **options)
