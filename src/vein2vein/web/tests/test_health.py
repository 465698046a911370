"""The state of the installation, for machines and for administrators."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from vein2vein.journal.comparing import heads, lacks
from vein2vein.people import reads

pytestmark = pytest.mark.requirement("recovery")


def signed_in(username: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    answer = client.post("/sign-in", {"username": username, "password": reads.demonstration_password()})
    assert answer.status_code == 302
    return client


def test_machines_get_every_part(db: None) -> None:
    answer = Client().get("/health")
    assert answer.status_code == 200
    parts = answer.json()["parts"]
    assert set(parts) == {"database", "journal", "clock", "followers", "jobs", "disk", "backups"}
    assert parts["disk"]["free_bytes"] > 0
    assert parts["backups"]["ok"], "a demonstration may do without"


def test_a_halted_follower_is_an_alarm_with_what_to_do(db: None, as_owner: Callable[..., Any]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_cursor (follower, stream, seq, halted, halted_at) "
            "VALUES ('quality.open_deviations', 'coi:poisoned', 0, 'entry 1: KeyError: x', now())"
        )
    page = signed_in("admin").get("/administration/health").content.decode()
    assert "coi:poisoned" in page
    assert "journal resume" in page
    assert not Client().get("/health").json()["ok"]
    chinese = signed_in("admin", "zh-hans").get("/administration/health").content.decode()
    assert "报警" in chinese
    assert "排除原因后运行" in chinese


def test_only_administrators_see_the_page(db: None) -> None:
    assert signed_in("operator1").get("/administration/health").status_code == 403
    assert Client().get("/administration/health").status_code == 302
    assert "/administration/health" in signed_in("admin").get("/").content.decode()


def test_a_backup_that_grows_old_is_said(db: None, tmp_path: Path) -> None:
    (tmp_path / "archive-to").write_text(str(tmp_path / "kept"))
    (tmp_path / "kept" / "base-20200101T000000Z").mkdir(parents=True)
    with override_settings(STATE=tmp_path):
        backups = Client().get("/health").json()["parts"]["backups"]
        assert not backups["ok"]
        assert backups["copies"] == 1
        assert backups["copy_age_s"] > 86400
        assert "database backup" in signed_in("admin").get("/administration/health").content.decode()


def test_heads_tell_what_is_lacking_and_what_is_another_history(db: None) -> None:
    lines = list(heads())
    assert lacks(lines) == []
    stream = '{"kind":"head","stream":"lot:gone","seq":3,"hash":"00"}\n'
    (lack,) = lacks([*lines, stream])
    assert (lack.first, lack.last, str(lack)) == (1, 3, "lot:gone: entries 1 to 3 missing")
    head = next(line for line in lines if '"head"' in line)
    other = head[: head.index('"hash"')] + '"hash":"00"}\n'
    (found,) = lacks([other])
    assert found.differs
    assert "two histories" in str(found)
