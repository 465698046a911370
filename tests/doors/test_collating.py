"""Names stand in the order in which their readers look for them."""

from __future__ import annotations

from django.utils.translation import override

from vein2vein.doors.collating import collated

PEOPLE = [
    ("Wei Zhao", "赵伟"),
    ("An Wang", "王安"),
    ("Tao Chen", "陈涛"),
    ("Yan Zhang", "张燕"),
    ("Li Wang", "王丽"),
    ("Bo Li", ""),
]


def test_chinese_names_by_pinyin_and_english_ones_by_letters() -> None:
    with override("zh-hans"):
        found = [zh or name for name, zh in sorted(PEOPLE, key=lambda one: collated(*one))]
        assert found == ["Bo Li", "陈涛", "王安", "王丽", "张燕", "赵伟"]
    with override("en"):
        found = [name for name, _ in sorted(PEOPLE, key=lambda one: collated(*one))]
        assert found == ["An Wang", "Bo Li", "Li Wang", "Tao Chen", "Wei Zhao", "Yan Zhang"]
