"""The pages of laboratory and quality: they open, in both languages, and show the very gates."""

from __future__ import annotations

import pytest
from django.test import Client

from vein2vein.laboratory.models import Test
from vein2vein.people.models import Account
from vein2vein.quality.models import Deviation
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.ready import Quality
from vein2vein.quality.work import waiting


@pytest.fixture
def browse(quality: Quality) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username="qp"), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens(quality: Quality, browse: Client, language: str) -> None:
    batch = quality.batch.pk
    deviation = quality.act(
        "quality.open_deviation", "qareviewer", subject="a thing", description="seen", batch_id=batch
    )
    for url in (
        "/laboratory",
        f"/laboratory/{batch}",
        "/quality/batches",
        f"/quality/batches/{batch}",
        f"/quality/batches/{batch}/case.json",
        "/quality/deviations",
        f"/quality/deviations/{deviation.pk}",
        "/",
    ):
        answer = browse.get(url, headers={"accept-language": language})
        assert answer.status_code == 200, url
    before = _open_tests(quality)
    tests = Test.objects.filter(batch=batch, computed=False, state="reviewed").values_list("pk", flat=True)
    Test.objects.filter(pk__in=list(tests[:2])).update(state="resulted")
    assert _open_tests(quality) == before + 2


def _open_tests(quality: Quality) -> int:
    """Return how many open tests the qualified person's work list tells of the batch."""
    (decide,) = [one for one in waiting(quality.find("qp")) if one.subject == quality.batch.number]
    return int(decide.about.rpartition(" · ")[2].split(" ")[0])


def test_the_disposition_page_shows_gates_and_greys_the_button_by_the_very_blocker(
    quality: Quality, browse: Client
) -> None:
    url = f"/quality/batches/{quality.batch.pk}"
    good = browse.get(url).content.decode()
    assert 'data-met="false"' not in good
    assert good.count('data-met="true"') > 10
    quality.act(
        "quality.open_deviation", "qareviewer", subject="a thing", description="seen", batch_id=quality.batch.pk
    )
    bad = browse.get(url).content.decode()
    assert 'data-gate="deviations_closed" data-met="false"' in bad
    assert Deviation.objects.latest("id").code in bad


def test_papers_are_served(quality: Quality, browse: Client) -> None:
    quality.decide(Decision.RELEASE_BY_MANUFACTURER)
    quality.decide(Decision.RELEASE_BY_SPONSOR)
    for kind in ("certificate", "dose-report", "release-for-infusion"):
        answer = browse.get(f"/quality/batches/{quality.batch.pk}/{kind}.pdf")
        assert (answer.status_code, answer.content[:4]) == (200, b"%PDF")
