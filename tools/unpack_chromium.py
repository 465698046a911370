"""Unpack the Chromium of npm's `@sparticuz/chromium`: its brotli files into one folder, whole or not at all."""

import io
import shutil
import sys
import tarfile
from pathlib import Path

import brotli


def main(source: Path, target: Path) -> None:
    """Write `chromium`, its libraries (`lib/`) and its software renderer into the target folder."""
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    program = fresh / "chromium"
    program.write_bytes(brotli.decompress((source / "chromium.br").read_bytes()))
    program.chmod(0o755)
    for name in ("al2023.tar.br", "swiftshader.tar.br", "fonts.tar.br"):
        with tarfile.open(fileobj=io.BytesIO(brotli.decompress((source / name).read_bytes()))) as archive:
            archive.extractall(fresh, filter="data")
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
