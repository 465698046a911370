"""From a lot to every course, from a course to everything: by read, page, API and command."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction
from django.test import Client

from vein2vein.cli.acting import ask
from vein2vein.core.actor import Actor
from vein2vein.core.refusals import NotAllowed, NotFound
from vein2vein.engines.codes import Kind, make
from vein2vein.manufacturing.tests.bench import Bench
from vein2vein.people.reads import demonstration_password
from vein2vein.tracing import commands, reads

Find = Callable[[str], Actor]

PLASMIDS = {"DEMO-PT-001", "DEMO-PG-001", "DEMO-PR-001", "DEMO-PV-001"}


def codes(things: tuple[reads.Thing, ...]) -> set[str]:
    return {one.code for one in things}


@pytest.mark.parametrize("code", ["DEMO-LV-001", make(Kind.LOT, "DEMO-LV-001"), "DEMO-PR-001", "demo"])
def test_a_lot_finds_every_course(bench: Bench, code: str) -> None:
    qa = bench.find("qareviewer")
    if code == "demo":
        with pytest.raises(NotFound):
            reads.trace(code=code, by=qa)
        return
    found = reads.trace(code=code, by=qa)
    (course,) = found.touched
    assert (found.total, course.coi, course.hospital) == (1, bench.batch.coi.code, "CN-RJ-DEMO")
    assert [(one.number, one.state, one.touched) for one in course.batches] == [(bench.batch.number, "open", True)]
    assert course.standing == "not_released"
    assert any("hold" in one for one in course.must)
    assert PLASMIDS & codes(found.lots)
    assert f"batch:{bench.batch.pk}" in {one.child for one in found.edges}


def test_a_lot_that_nobody_used_touched_nothing(bench: Bench) -> None:
    found = reads.trace(code="DEMO-LV-003", by=bench.find("qareviewer"))
    assert (found.total, found.touched) == (0, ())


def test_what_is_only_reserved_is_touched_too(
    bench: Bench, clock_at: object, actor: Find, sign: Callable[..., Actor]
) -> None:
    from vein2vein.orders.tests.conftest import Course

    course = Course(bench.clock, actor, sign, place="bj")
    course.to("accepted")
    found = reads.trace(code="DEMO-LV-001", by=actor("qareviewer"))
    assert {(one.hospital, one.standing.value) for one in found.touched} == {
        ("CN-RJ-DEMO", "not_released"),
        ("CN-BJ-DEMO", "reserved"),
    }


def test_a_course_finds_everything_that_touched_it(bench: Bench) -> None:
    found = reads.trace(code=bench.batch.coi.code, by=bench.find("qareviewer"))
    course = found.course
    assert course is not None
    assert PLASMIDS | {"DEMO-LV-001", "DEMO-SB-001", "DEMO-IL-001"} <= codes(course.lots)
    assert {one.depth for one in course.lots if one.code in PLASMIDS} == {1}
    people = codes(course.people)
    assert {"physician.rj", "nurse.rj", "nurse.rj2", "operator1", "operator2", "supervisor", "planner"} <= people
    assert "system" not in people
    assert {"RB-01", "WS-01"} <= codes(course.equipment)
    assert {one.place for one in course.equipment if one.code == "WS-01"} <= codes(course.rooms)
    assert {"leukapheresis_bag", "washed_bag", "selected_bag", "culture_bag"} <= {one.name for one in course.containers}
    assert codes(course.batches) == {bench.batch.number}
    pairs = {(edge.parent, edge.child) for edge in found.edges}
    vector = next(one for one in course.lots if one.code == "DEMO-LV-001")
    culture = next(one for one in course.containers if one.name == "culture_bag")
    assert (f"lot:{vector.id}", f"container:{culture.id}") in pairs


@pytest.mark.parametrize("who", ["equipment", "person", "badge", "batch", "container", "order"])
def test_every_other_code_leads_to_the_course(bench: Bench, who: str) -> None:
    code = {
        "equipment": make(Kind.EQUIPMENT, "WS-01"),
        "person": "operator1",
        "badge": make(Kind.BADGE, "operator2"),
        "batch": bench.batch.number,
        "container": bench.container("culture_bag"),
        "order": bench.batch.order.code,
    }[who]
    found = reads.trace(code=code, by=bench.find("supervisor"))
    assert [one.coi for one in found.touched] == [bench.batch.coi.code]


def test_hospitals_do_not_trace_the_plant(bench: Bench, page: Callable[[str], Client]) -> None:
    with pytest.raises(NotAllowed):
        reads.trace(code="DEMO-LV-001", by=bench.find("physician.rj"))
    assert page("physician.rj").get("/trace?code=DEMO-LV-001").status_code == 403
    assert "/trace" not in page("physician.rj").get("/").text


def test_links_are_what_the_journal_says_and_stay(bench: Bench) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT substr(stream, 5), unnest(refs || ARRAY['account:' || account]) FROM journal_entry "
            "WHERE stream LIKE 'coi:%%'"
        )
        said = {row for row in cursor.fetchall() if len(row[1].partition(":")[2]) == 36}
        cursor.execute("SELECT coi::text, kind || ':' || subject FROM tracing_link")
        drawn = set(cursor.fetchall())
    assert said <= drawn
    assert {kind.partition(":")[0] for _, kind in drawn - said} <= {"account"}
    for statement in ("DELETE FROM tracing_link", "UPDATE tracing_link SET kind = 'x'"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(("language", "word"), [("en", "Genealogy"), ("zh-hans", "谱系")])
def test_the_page_draws_the_genealogy(bench: Bench, page: Callable[[str], Client], language: str, word: str) -> None:
    client = page("qareviewer")
    client.cookies["django_language"] = language
    for code in (bench.batch.coi.code, "DEMO-PR-001"):
        shown = client.get("/trace", {"code": code})
        assert shown.status_code == 200
        assert "<svg" in shown.text
        assert word in shown.text
        assert shown.text.count("data-node=") >= 5
        assert bench.batch.number in shown.text
    recall = {"en": "What a recall asks for", "zh-hans": "召回时须做之事"}[language]
    assert recall in shown.text
    said = {
        bench.batch.coi.code: ("The treatment course", "该治疗疗程"),
        bench.container("culture_bag"): ("The treatment course that it belongs to", "所属治疗疗程"),
        "operator1": ("1 course on which this person acted", "此人操作过的疗程：1"),
        "WS-01": ("1 course for which it was used", "使用过它的疗程：1"),
    }
    for code, words in said.items():
        shown = client.get("/trace", {"code": code})
        assert words[language != "en"] in shown.text, code
        assert recall not in shown.text, code
    missing = client.get("/trace", {"code": "nothing"})
    assert missing.status_code == 404
    assert 'data-code="tracing.unknown"' in missing.text
    lot = client.get(f"/timeline/batch/{bench.batch.pk}?whole=yes").text
    assert f"/trace/batch/{bench.batch.pk}" in lot
    assert client.get(f"/trace/batch/{bench.batch.pk}").status_code == 302


def test_the_command_and_the_read(bench: Bench) -> None:
    told = CliRunner().invoke(
        commands.trace, ["DEMO-PR-001", "--as", "qareviewer"], input=f"{demonstration_password()}\n"
    )
    assert told.exit_code == 0, told.output
    for text in ("courses it touched: 1", bench.batch.coi.code, f"batch {bench.batch.number} open", "DEMO-LV-001"):
        assert text in told.output
    whole = CliRunner().invoke(
        commands.trace, [bench.batch.coi.code, "--json", "--as", "qareviewer"], input=f"{demonstration_password()}\n"
    )
    assert {one["code"] for one in json.loads(whole.stdout[whole.stdout.index("{") :])["lots"]} >= PLASMIDS
    unknown = CliRunner().invoke(commands.trace, ["?", "--as", "qareviewer"], input=f"{demonstration_password()}\n")
    assert unknown.exit_code == 6
    asked = ["tracing.trace", "code=operator1", "--as", "qareviewer"]
    answer = CliRunner().invoke(ask, asked, input=f"{demonstration_password()}\n")
    assert bench.batch.coi.code in answer.output
