"""Review by exception: what is not as it should be, its evidence, and a signature for exactly what was shown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from vein2vein.core.refusals import Conflict, Refused
from vein2vein.doors.showing import version_of
from vein2vein.journal.reads import list_stream
from vein2vein.people.models import Account
from vein2vein.people.reads import demonstration_password
from vein2vein.quality.models import Disposition
from vein2vein.quality.reads.review import Section, get_review
from vein2vein.quality.states import Decision
from vein2vein.quality.tests.ready import Quality


def _browse(username: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_batch_is_read_by_its_exceptions(quality: Quality) -> None:
    seen = get_review(quality.batch, by=quality.find("qareviewer"))
    assert len(seen.steps) > 50
    assert seen.checks
    assert seen.rooms
    assert not [one for one in seen.findings if one.still_open]
    quality.act("quality.open_deviation", "qareviewer", subject="s", description="it fell", batch_id=quality.batch.pk)
    seen = get_review(quality.batch, by=quality.find("qareviewer"))
    fell = seen.of(Section.DEVIATED)[-1]
    assert "it fell" in fell.what
    assert fell.still_open
    assert fell.entry
    client = _browse("qp")
    for language in ("en", "zh-hans"):
        url = f"/quality/batches/{quality.batch.pk}/review"
        page = client.get(url, headers={"accept-language": language}).text
        assert "it fell" in page
        links = re.findall(
            rf'href="(/timeline/batch/{quality.batch.pk}/\d+|/batches/{quality.batch.pk}/files/\w+)"', page
        )
        for link in dict.fromkeys(links):
            assert client.get(link).status_code == 200, link


def test_a_disposition_is_signed_as_it_was_shown_or_not_at_all(quality: Quality) -> None:
    coi = f"coi:{quality.batch.coi_id}"
    client, shown = _browse("qp"), version_of(coi)
    page = client.get(f"/quality/batches/{quality.batch.pk}").text
    assert f'data-signed="{shown}"' in page
    assert f'name="record_version" value="{shown}"' in page
    quality.act("quality.declare_dose", "qareviewer", batch_id=quality.batch.pk)
    given: dict[str, Any] = {
        "batch_id": quality.batch.pk,
        "decision": Decision.RELEASE_BY_MANUFACTURER,
        "reason": "all evidence reviewed",
    }
    secret = {"_signer": "qp", "_secret": demonstration_password(), "_fields": "reason "}
    form = given | {"batch_id": str(quality.batch.pk), "record_version": shown} | secret
    answer = client.post("/act/quality.dispose_batch", form)
    assert answer.status_code == 409
    assert "After the page was opened: Dose of batch" in answer.text
    with pytest.raises(Conflict, match="After the page was opened"):
        quality.act("quality.dispose_batch", "qp", **given, record_version=shown)
    with pytest.raises(Refused, match="no version"):
        quality.act("quality.dispose_batch", "qp", **given, record_version="7-0000000000000000")
    assert not Disposition.objects.filter(batch=quality.batch).exists()
    now = version_of(coi)
    quality.act("quality.dispose_batch", "qp", **given, record_version=now)
    entry = next(one for one in list_stream(coi) if one.fact == "quality.BatchDisposed")
    assert entry.data["record_version"] == now
