"""Reading papers back: pages as pictures, barcodes from the pictures, text from the PDF."""

from __future__ import annotations

from collections import Counter

import pypdfium2
import zxingcpp

INCH = 72


def barcodes(pdf: bytes, dots_per_inch: int = 450) -> list[Counter[str]]:
    """Return what a scanner reads on each page, with the symbology identifier in front."""
    pages = pypdfium2.PdfDocument(pdf)
    found = []
    for page in pages:
        picture = page.render(scale=dots_per_inch / INCH, grayscale=True).to_numpy()
        read = zxingcpp.read_barcodes(picture[:, :, 0] if picture.ndim == 3 else picture)
        found.append(Counter(f"{one.symbology_identifier}{one.text}" for one in read))
    return found


def text(pdf: bytes) -> str:
    """Return the text of all pages, line ends as single blanks."""
    pages = pypdfium2.PdfDocument(pdf)
    read = (page.get_textpage().get_text_range().replace("\ufffe", "-") for page in pages)  # a hyphen at a line's end
    return "\n".join(" ".join(one.split()) for one in read)


def sizes_mm(pdf: bytes) -> list[tuple[int, int]]:
    """Return the size of each page in whole millimetres."""
    pages = pypdfium2.PdfDocument(pdf)
    return [(round(page.get_width() / INCH * 25.4), round(page.get_height() / INCH * 25.4)) for page in pages]
