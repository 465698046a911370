"""`vein2vein run` on a PostgreSQL of the user's own, over TCP with a password: from empty to the first sign-in."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.own_server import own_server
from tests.running import RECOVER_WITHIN_SECONDS, START_WITHIN_SECONDS, a_run, until

PASSWORD = settings.DEMONSTRATION_PASSWORD


@pytest.mark.requirement("A")
def test_it_fills_an_empty_database_and_people_sign_in(tmp_path: Path) -> None:
    with own_server(tmp_path / "own") as server, a_run() as run:
        process = run.start(DATABASE_URL=server.url)
        until(run.well, START_WITHIN_SECONDS, run)
        assert "/sign-out" in run.sign_in("physician.rj", PASSWORD)
        assert not (run.state / "postgres").exists()
        with server.superuser("site") as connection:
            serving = connection.execute("SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'site'")
            assert {"v2v_app"} <= {role for (role,) in serving.fetchall()} <= {"v2v_app", "postgres"}
            owned = connection.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
            assert owned.fetchall() == [("site_owner",)]
        process.terminate()
        assert process.wait(RECOVER_WITHIN_SECONDS) == 0
        with server.superuser("site") as connection:
            assert connection.execute("SELECT count(*) > 0 FROM journal_entry").fetchone() == (True,)
