"""The browser of the tests runs here, reaches this machine only, and draws Chinese."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Error

from tests.chromium import launch, new_context

PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>全程追溯</title>
<body style="margin:0;font:40px system-ui"><span id="a">身</span><span id="b">份</span><span id="c">\U0010fffd</span>"""


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.browser
def test_it_draws_chinese_and_goes_nowhere_else(address: str) -> None:
    with launch() as browser:
        page = new_context(browser, locale="zh-CN").new_page()
        page.goto(address)
        assert page.title() == "全程追溯"
        assert page.evaluate("navigator.language") == "zh-CN"
        # Without a font every character is the same empty box; with one each has its own picture.
        drawn = {page.locator(f"#{name}").screenshot() for name in ("a", "b", "c")}
        assert len(drawn) == 3
        with pytest.raises(Error):
            page.goto("http://vein2vein.example/")
