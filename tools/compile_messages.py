"""Compile every django.po under src to the .mo beside it; a faulty catalogue stops with its name and line."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po


def main() -> int:
    """Compile all catalogues; the number of faulty ones is the exit status."""
    faulty = 0
    for source in sorted(Path("src").rglob("*.po")):
        try:
            with source.open("rb") as file:
                catalogue = read_po(file, abort_invalid=True)
        except PoFileError as error:
            print(f"{source}: {error}", file=sys.stderr)
            faulty += 1
            continue
        fresh = source.with_suffix(".mo.new")
        with fresh.open("wb") as file:
            write_mo(file, catalogue)
        fresh.replace(source.with_suffix(".mo"))
    return faulty


if __name__ == "__main__":
    sys.exit(main())
