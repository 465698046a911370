"""The journal as a Django app."""

from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

STATEMENTS = 1000
"""How many prepared statements a connection keeps: all that the acts ask; the driver's own hundred are soon full."""


def _keep_statements(connection: Any, **_: Any) -> None:
    connection.connection.prepared_max = STATEMENTS


class JournalConfig(AppConfig):
    """Grants the run-time role its rights after each migration, and lets connections keep their statements."""

    name = "vein2vein.journal"
    label = "journal"

    def ready(self) -> None:
        """Connect both."""
        from vein2vein.journal.rights import grant_rights

        # Once, not for every app: when it is sent, the tables of all of them are there.
        post_migrate.connect(grant_rights, sender=self, dispatch_uid="journal.grant_rights")
        connection_created.connect(_keep_statements, dispatch_uid="journal.keep_statements")
