"""From the bytes of an export to its lines, or a refusal that says why not."""

from __future__ import annotations

import re

from vein2vein.core.refusals import N_, Blocker, Refused

MAX_BYTES = 5 * 1024 * 1024
MAX_SHOWN = 80


def shown(value: str) -> str:
    """Return `value` short and printable enough to stand in a message."""
    clean = "".join(char if char.isprintable() else "·" for char in value[: MAX_SHOWN + 1])
    return clean if len(clean) <= MAX_SHOWN else clean[:MAX_SHOWN] + "…"


def text_lines(data: bytes, filename: str) -> list[str]:
    """Return the lines of a UTF-8 text of at most 5 MiB; raises `Refused` for anything else."""
    name = shown(filename)
    if len(data) > MAX_BYTES:
        raise Refused(
            Blocker(
                "file.oversized",
                N_("The file is larger than %(limit)s MiB."),
                "file",
                f"{name}: {len(data)} B",
                N_("Export this one sample or journey again; a true export is a few kilobytes to a few megabytes."),
                {"limit": str(MAX_BYTES // 1024 // 1024)},
            )
        )
    if not data.strip():
        raise Refused(
            Blocker("file.empty", N_("The file is empty."), "file", name, N_("Export it again from the device."))
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Refused(_binary(name, fault.start)) from None
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)
    if control:
        raise Refused(_binary(name, control.start()))
    return re.split(r"\r\n|\n|\r", text)


def _binary(name: str, at: int) -> Blocker:
    return Blocker(
        "file.binary",
        N_("The file is not plain text (UTF-8): byte %(at)s cannot be read."),
        "file",
        name,
        N_("Upload the CSV export, not a workbook, an image or a report."),
        {"at": str(at)},
    )
