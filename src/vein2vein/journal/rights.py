"""Who may do what in the database: the owner migrates, the run-time role appends.

The run-time role may SELECT and INSERT journal entries and seals, never change or remove them; rows of
contexts it may also UPDATE, but not DELETE; only the tables of the framework (sessions, jobs) are free.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections

APPEND_ONLY = ("journal_entry", "journal_seal", "journal_leaf", "journal_database", "journal_loaded")
READ_ONLY = ("journal_stream",)


def grant_rights(using: str, **_: Any) -> None:
    """Give the run-time role its rights on every table that exists, as the owner, after a migration."""
    app_role = settings.DATABASES["default"]["USER"]
    connection = connections[using]
    if connection.settings_dict["USER"] == app_role:
        return
    own = {
        model._meta.db_table
        for config in apps.get_app_configs()
        if config.name.startswith("vein2vein.")
        for model in config.get_models(include_auto_created=True)
    }
    quote = connection.ops.quote_name
    role = quote(app_role)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            if table in READ_ONLY:
                rights = "SELECT"
            elif table in APPEND_ONLY:
                rights = "SELECT, INSERT"
            elif table in own:
                rights = "SELECT, INSERT, UPDATE"
            else:
                rights = "SELECT, INSERT, UPDATE, DELETE"
            cursor.execute(f"REVOKE ALL ON {quote(table)} FROM {role}")
            cursor.execute(f"GRANT {rights} ON {quote(table)} TO {role}")


def excessive_rights() -> list[str]:
    """Return what the run-time role could do to the journal and must not; empty when all is well."""
    found = []
    with connections["default"].cursor() as cursor:
        for table in (*APPEND_ONLY, *READ_ONLY):
            for right in ("UPDATE", "DELETE", "TRUNCATE"):
                cursor.execute("SELECT has_table_privilege(current_user, %s, %s)", [table, right])
                row = cursor.fetchone()
                if row is None or row[0]:
                    found.append(f"{right} on {table}")
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, pg_has_role(current_user, c.relowner, 'MEMBER') "
            "FROM pg_roles, pg_class c WHERE rolname = current_user AND c.relname = 'journal_entry'"
        )
        row = cursor.fetchone()
        for name, held in zip(
            ("superuser", "createrole", "ownership of journal_entry"), row or (True,) * 3, strict=True
        ):
            if held:
                found.append(name)
    return found
