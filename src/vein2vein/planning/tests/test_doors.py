"""Pages, the board's data, what is asked while dragging, and the commands."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner
from django.test import Client

from vein2vein.core.ids import PlanId
from vein2vein.orders.tests.conftest import Course
from vein2vein.people.models import Account
from vein2vein.planning import actions, reads
from vein2vein.planning.commands import plan as plan_command
from vein2vein.planning.compiling import compile_plant
from vein2vein.planning.courses import PLANT


def signed_in(username: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_pages_and_the_board(course: Course) -> None:
    course.to("submitted")
    planner, page = course.find("planner"), signed_in("planner")
    coordinator = signed_in("coordinator.rj")
    assert page.get("/planning").status_code == 200
    assert coordinator.get("/planning").status_code == 403
    shown = coordinator.get(f"/orders/{course.order_id}").content.decode()
    assert f"/planning/promises/{course.order_id}" in shown
    dates = coordinator.get(f"/planning/promises/{course.order_id}").content.decode()
    assert dates.count('data-action="planning.promise_date"') == 5
    chosen = reads.list_promises(order_id=course.order_id, by=course.who("coordinator"))[0]
    actions.promise_date(
        order_id=course.order_id,
        collection_at=chosen.collection_at,
        infusion_at=chosen.infusion_at,
        by=course.who("coordinator"),
    )
    course.to("accepted")
    row = actions.make_plan(by=planner)
    board = page.get("/planning").content.decode()
    assert "planning.adopt_plan" in board
    told = page.get(f"/planning/plans/{row.pk}/board.json").json()
    line = next(one for one in told["bars"] if one["row"] == chosen.slot)
    assert (line["order"], line["fixed"]) == (course.order.code, False)
    assert "RJ-BED" in "".join(one["id"] for one in told["rows"])
    asked = {"order_code": line["order"], "operation": line["operation"], "unit": chosen.slot}
    check = f"/planning/plans/{row.pk}/check.json"
    assert page.get(check, {**asked, "starts_at": line["from"]}).json()["blockers"] == []
    early = (chosen.slot_from_at - timedelta(days=1)).isoformat()
    assert page.get(check, {**asked, "starts_at": early}).json()["blockers"]
    assert page.get(check, {**asked, "starts_at": "tomorrow"}).status_code == 400
    assert coordinator.get(check, {**asked, "starts_at": early}).status_code == 403
    assert len(reads.list_drafts(PLANT)) == 1
    for place in ("/planning/disruptions", f"/planning/plans/{row.pk}"):
        assert page.get(place).status_code == 200
        assert page.get(place, headers={"accept-language": "zh-hans"}).status_code == 200
    bookings = reads.list_bookings(plan_id=PlanId(row.pk), by=planner)
    assert {one.unit for one in bookings} >= {chosen.slot, chosen.bed}


def test_the_commands_write_and_check_plans(course: Course, tmp_path: Path) -> None:
    course.to("accepted")
    assert compile_plant(PLANT, course.clock.at).problem.batches
    file = tmp_path / "plan.json"
    run = CliRunner()
    made = run.invoke(plan_command, ["--out", str(file), "--rounds", "50"], obj=lambda: None)
    assert made.exit_code == 0, made.output
    told = json.loads(file.read_text())
    good = run.invoke(plan_command, ["check", str(file)], obj=lambda: None)
    assert good.exit_code == 0
    assert json.loads(good.stdout)["problem_digest"] == told["certificate"]["problem_digest"]
    told["plan"]["placed"][2]["start_min"] -= 15
    file.write_text(json.dumps(told))
    bad = run.invoke(plan_command, ["check", str(file)], obj=lambda: None)
    assert bad.exit_code == 3
    file.write_text("[]")
    assert run.invoke(plan_command, ["check", str(file)], obj=lambda: None).exit_code == 3
