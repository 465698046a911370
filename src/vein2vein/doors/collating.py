"""The order of names: for readers of Chinese by pinyin, as registers have it; for others by their letters."""

from __future__ import annotations

from functools import lru_cache

from vein2vein.doors.naming import chinese


def collated(name: str, name_zh: str = "") -> tuple[str, ...]:
    """Return what a name is sorted by in the reader's language: 陈 (chén) before 王 (wáng) before 赵 (zhào)."""
    return _by_pinyin(name_zh or name) if chinese() else (name.casefold(), name_zh)


@lru_cache(maxsize=16_384)
def _by_pinyin(name: str) -> tuple[str, ...]:
    """Return the syllables of a name with their tones, the first character's before all; then the name itself."""
    from pypinyin import Style, lazy_pinyin  # its tables take a tenth of a second: only for who reads Chinese

    return (*(one.casefold() for one in lazy_pinyin(name, style=Style.TONE3)), name)
