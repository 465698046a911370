"""A network's text that cannot be entered is refused with what is wrong, and leaves nothing."""

from __future__ import annotations

import pytest

from vein2vein import journal
from vein2vein.core.refusals import Refused
from vein2vein.network import actions
from vein2vein.network.models import Site

MARKET = "markets: [{code: X, name: {en: X, zh: X}, agency: X}]\n"


@pytest.mark.requirement("G")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "parsing"),
        ("", "TypeError"),
        ("markets: 7", "TypeError"),
        ("markets: []", "'sites'"),
        ("markets: [{code: X}]", "'name'"),
        (MARKET + "sites: []\nlanes: []\nauthorisations: []", "no manufacturing site"),
        (MARKET + "sites: [{code: X, name: {en: X, zh: X}, kind: castle, market: X, zone: UTC}]", "castle"),
    ],
)
def test_a_bad_text_is_refused(db: None, monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    sites = Site.objects.count()
    monkeypatch.setattr(actions.entering, "_refuse_second", lambda: None)
    with pytest.raises(Refused, match=said):
        actions.load_network(document=text, by=journal.system("test"))
    assert Site.objects.count() == sites
