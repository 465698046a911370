"""The tables of the database, brought up to date as its owner; Django is imported when called, not before."""

from collections.abc import Callable


def bring_up_to_date(say: Callable[[str], None]) -> None:
    """Apply the migrations that the database lacks, as the owner, and say so; says nothing when it lacks none."""
    from django.core.management import call_command
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["owner"])
    lacking = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if lacking:
        say(f"Bringing the tables up to date: {len(lacking)} migrations")
        call_command("migrate", database="owner", interactive=False, verbosity=0)
    connections["owner"].close()
