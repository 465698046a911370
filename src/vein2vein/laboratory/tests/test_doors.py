"""A batch's tests on their page: folded by sample, open on what is out of specification or wants this person."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.static_files import plain_static_files
from vein2vein.laboratory.tests.assays import Laboratory
from vein2vein.people.models import Account

__all__ = ["plain_static_files"]
_GROUP = re.compile(r'<details class="fold" data-sample="(\w+)"( open)?>\s*<summary>(.*?)</summary>', re.DOTALL)


def _seen(lab: Laboratory, username: str) -> tuple[str, dict[str, tuple[bool, str]]]:
    client = Client()
    client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/laboratory/{lab.batch.pk}").text
    return page, {code: (bool(opened), re.sub(r"<[^>]+>", " ", said)) for code, opened, said in _GROUP.findall(page)}


@pytest.mark.requirement("issue 4.8")
def test_the_tests_of_a_batch_are_folded_and_open_on_what_needs_attention(lab: Laboratory) -> None:
    lab.receive()
    page, groups = _seen(lab, "analyst")
    assert len(groups) > 3
    assert [opened for opened, _ in groups.values()].count(True) == 1, "the first that wants the analyst"
    assert "out of specification" not in page.lower()
    assert not any(opened for opened, _ in _seen(lab, "qcreviewer")[1].values()), "nothing waits for the reviewer"
    lab.record("endotoxin", "999")
    lab.record("appearance")
    sample = lab.test("endotoxin").sample_code
    page, groups = _seen(lab, "supervisor")
    opened, said = groups[sample]
    assert opened
    assert "1 out of specification" in " ".join(said.split())
    assert {code for code, (unfolded, _) in groups.items() if unfolded} == {sample}
    assert 'href="#endotoxin-1"' in page
    lab.review("appearance")
    done = " ".join(_seen(lab, "supervisor")[1][lab.test("appearance").sample_code][1].split())
    assert "1 done" in done
