"""The tables of an empty database, made at once: what the migrations do to one, recorded in `tables.sql`.

Between any two of its steps Django draws all models anew, which takes a quarter of a minute for what the database does
in two seconds. Only an empty database is made so; what it lacks then, and any other, is migrated step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from psycopg import ClientCursor

FILE = Path(__file__).with_name("tables.sql")
HEAD = "-- What the migrations do to an empty database; renewed by V2V_RENEW=1 and tests/upgrade/test_tables.py."
END = "\n--;\n"
"""What stands between two statements: the bodies of functions hold semicolons of their own."""
APPLIED = "-- applied: "


def make_at_once(connection: BaseDatabaseWrapper) -> bool:
    """Make the recorded tables in an empty database, as its owner; return whether it was one."""
    text = FILE.read_text(encoding="utf-8")
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        if cursor.fetchone() != (0,):
            return False
        cursor.execute(text.replace(END, ";\n"))
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        for line in text.splitlines():
            if line.startswith(APPLIED):
                app, _, name = line.removeprefix(APPLIED).partition(".")
                recorder.record_applied(app, name)
    return True


def recorded(connection: BaseDatabaseWrapper) -> str:
    """Migrate an empty database step by step; return every statement that changed something, and what was applied."""
    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        said = ClientCursor(connection.connection).mogrify(str(sql), params) if params else str(sql)
        if not said.lstrip().upper().startswith("SELECT") and "django_migrations" not in said:
            statements.append(said.strip().removesuffix(";"))
        return execute(sql, params, many, context)

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    with connection.execute_wrapper(note):
        executor.migrate(executor.loader.graph.leaf_nodes(), plan)
    applied = "".join(f"{APPLIED}{one.app_label}.{one.name}\n" for one, _ in plan)
    return f"{HEAD}\n{applied}{END.join(statements)}{END}"
