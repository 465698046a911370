"""Administration: what is due at a glance, each page for its people, and the audit trail filtered, exported, signed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client

from tests.static_files import plain_static_files
from vein2vein.core import clock
from vein2vein.core.actor import Actor
from vein2vein.core.chain import verify_lines
from vein2vein.core.ids import EquipmentId
from vein2vein.journal.sealing import seal
from vein2vein.network import actions as network
from vein2vein.network.reads import get_equipment
from vein2vein.people import actions as people
from vein2vein.people.models import Account
from vein2vein.web.administration import waiting

__all__ = ["plain_static_files"]
Find = Callable[[str], Actor]
PAGES = (
    "/administration",
    "/administration/audit-trail",
    "/people",
    "/people/training",
    "/people/delegations",
    "/equipment?due=yes",
    "/network",
    "/network/routes",
    "/definitions",
)


def page(username: str, path: str, **asked: str) -> Any:
    client = Client()
    client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client.get(path, asked)


def body(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()


def test_every_page_is_there_for_administrators_and_what_is_theirs_alone_for_nobody_else(db: None) -> None:
    for path in PAGES:
        assert page("admin", path).status_code == 200, path
        assert page("qareviewer", path).status_code == 200, path
    for path in (
        "/administration",
        "/administration/audit-trail",
        "/administration/audit-trail.csv",
        "/people/training",
    ):
        for who in ("physician.rj", "operator1", "carrier.a"):
            assert page(who, path).status_code == 403, (who, path)
    found = page("admin", "/administration").content.decode()
    assert "The whole trail waits for its review" in found
    assert "No plan was made yet." in page("planner", "/planning").text


def test_what_is_due_stands_on_the_work_list_of_who_puts_it_right(db: None, actor: Find) -> None:
    lately = {"name": "Ling Sun", "name_zh": "孙玲", "employer": "CN-LG", "password": "long enough 2026"}
    people.create_account(username="newcomer", **lately, by=actor("admin"))
    bench, today = get_equipment("WS-01"), clock.now().date()
    due = today + timedelta(days=3)
    network.record_calibration(
        equipment_id=EquipmentId(bench.pk), certificate="C-1", calibration_due_on=due, by=actor("supervisor")
    )
    told = {
        who: {(one.title, one.subject) for one in waiting(actor(who))}
        for who in ("admin", "qareviewer", "qp", "supervisor")
    }
    assert ("Account without a role", "Ling Sun 孙玲") in told["admin"]
    assert "No back-up was made yet" in {title for title, _ in told["admin"]}
    trail = ("The whole trail waits for its review", "Audit trail review")
    assert trail in told["admin"] & told["qareviewer"] & told["qp"]
    assert ("Calibration due", "WS-01 · CN-LG") in told["admin"] & told["supervisor"]
    others = {title for who in ("qp", "qareviewer", "supervisor") for title, _ in told[who]}
    assert not {"Account without a role", "No back-up was made yet"} & others
    assert "Calibration due" not in {title for title, _ in told["qp"]}
    assert not waiting(actor("physician.rj"))
    assert not waiting(actor("operator1"))
    assert "newcomer" not in page("admin", "/").content.decode()
    assert "Ling Sun" in page("admin", "/").content.decode()


def test_the_trail_is_filtered_by_who_what_when_and_subject(db: None, actor: Find) -> None:
    bench = get_equipment("WS-01")
    network.take_equipment_out_of_service(equipment_id=EquipmentId(bench.pk), reason="filter", by=actor("supervisor"))
    until = (clock.now() + timedelta(minutes=5)).isoformat(timespec="minutes")
    asked = {"who": "supervisor", "what": "network", "subject": "WS-01", "until": until}
    assert "filter" in body(page("qareviewer", "/administration/audit-trail", **asked))
    rows = list(
        csv.reader(io.StringIO(body(page("qareviewer", "/administration/audit-trail.csv", **asked)).lstrip("\ufeff")))
    )
    entries = [one for one in rows if one[0].isdigit()]
    assert [(one[4], one[8]) for one in entries] == [("network.take_equipment_out_of_service", f"equipment:{bench.pk}")]
    for name, other in (("who", "operator1"), ("what", "orders"), ("subject", "WS-02"), ("until", "2020-01-01T00:00")):
        told = json.loads(body(page("qp", "/administration/audit-trail.json", **(asked | {name: other}))))
        assert (told["entries"], told["trail"]) == (0, []), name
    assert page("admin", "/administration/audit-trail", who="nobody").status_code == 422
    assert page("admin", "/administration/audit-trail", subject="nothing").status_code == 422
    assert page("admin", "/administration/audit-trail", since="yesterday").status_code == 422


def test_an_export_is_proved_by_its_root(db: None, tmp_path: Path) -> None:
    root = seal()
    assert root is not None
    asked = {"what": "people.load_demonstration", "since": "2020-01-01T00:00", "until": "2099-01-01T00:00"}
    told = json.loads(body(page("qareviewer", "/administration/audit-trail.json", **asked)))
    assert told["root"] == root.root
    assert told["entries"] == len(told["trail"]) > 0
    lines = body(page("qareviewer", "/administration/audit-trail.jsonl", **asked)).splitlines()
    finding = verify_lines(lines, root.root)
    assert finding.whole, finding.faults
    assert finding.anchored
    assert {one["hash"] for one in told["trail"]} <= {json.loads(line).get("hash") for line in lines}
