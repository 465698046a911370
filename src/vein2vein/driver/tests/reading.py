"""Whoever reads Chinese reads Chinese: no page of the demonstration shows a sentence in English alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

from django.test import Client
from django.utils import translation

from vein2vein.people import reads as people

READERS = ("qp", "planner")
EACH = 1
"""How many pages of a kind one person opens."""
LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/equipment/)[^/]+")
PAPER = re.compile(r"\.(?:pdf|csv|json)$|/certificate$|/raw/|^/definitions/\*")
"""Papers are in both languages by themselves; of a definition the page shows the text as it was submitted."""
UNSEEN = re.compile(
    r"<(script|style|template)\b.*?</\1>|<(\w+)[^>]*class=\"[^\"]*\bcode\b[^\"]*\"[^>]*>.*?</\2>"
    r"|<(\w+) lang=\"en\">.*?</\3>",
    re.S,
)
"""Codes; and what is cited, marked as English: where a figure comes from."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORDS = re.compile(r"\b[a-z]{3,}\b[ ,;:]+\b[a-z]{2,}\b")


def english_in(body: str) -> Iterator[str]:
    """Yield what stands in English alone on a page."""
    for text in re.split(r"<[^>]*>", UNSEEN.sub(" ", body.partition("<body")[2])):
        said = unescape(text).strip()
        if WORDS.search(said) and not CHINESE.search(said):
            yield " ".join(said.split())[:120]


def _pages(client: Client) -> Iterator[tuple[str, str]]:
    """Yield address kind and text of the pages that somebody reaches from the work list."""
    waiting, known, opened = ["/"], {"/"}, dict[str, int]()
    while waiting:
        address = waiting.pop(0)
        kind = ID.sub("*", urlsplit(address).path)
        if PAPER.search(kind) or opened.get(kind, 0) >= EACH:
            continue
        opened[kind] = opened.get(kind, 0) + 1
        answer = client.get(address, headers={"accept-language": "zh-hans"})
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            body = answer.content.decode()
            yield kind, body
            fresh = [one for one in map(unescape, LINK.findall(body)) if one not in known]
            known.update(fresh)
            waiting += fresh


def english_alone() -> set[tuple[str, str]]:
    """Return what a reader of Chinese reads in English alone on the pages of the site, each with its kind of page."""
    found, seen = set[tuple[str, str]](), 0
    with translation.override("zh-hans"):  # a request leaves its language behind
        for username in READERS:
            client = Client()
            told = {"username": username, "password": people.demonstration_password()}
            assert client.post("/sign-in", told).status_code == 302
            for kind, body in _pages(client):
                seen += 1
                found |= {(kind, one) for one in english_in(body)}
    assert seen > 30
    return found
