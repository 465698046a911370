"""The journal as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JournalConfig(AppConfig):
    """Grants the run-time role its rights after each migration."""

    name = "vein2vein.journal"
    label = "journal"

    def ready(self) -> None:
        """Connect the grants."""
        from vein2vein.journal.rights import grant_rights

        # Once, not for every app: when it is sent, the tables of all of them are there.
        post_migrate.connect(grant_rights, sender=self, dispatch_uid="journal.grant_rights")
