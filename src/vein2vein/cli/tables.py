"""The tables of the database, brought up to date as its owner."""

from collections.abc import Callable

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor


def bring_up_to_date(say: Callable[[str], None]) -> None:
    """Apply the migrations that the database lacks, as the owner, and say so; says nothing when it lacks none."""
    executor = MigrationExecutor(connections["owner"])
    lacking = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if lacking:
        say(f"Bringing the tables up to date: {len(lacking)} migrations")
        call_command("migrate", database="owner", interactive=False, verbosity=0)
    connections["owner"].close()
