"""Everything that people read is there in Chinese too."""

from tests.house.words import made, translated, written


def test_every_word_is_there_in_chinese() -> None:
    wanted = written()
    for message, where in made().items():
        wanted[message] |= where
    known = translated()
    missing = {message: sorted(where) for message, where in sorted(wanted.items()) if message not in known}
    listed = "\n".join(f"{message!r}  {', '.join(where[:3])}" for message, where in missing.items())
    assert not missing, f"{len(missing)} without a Chinese text:\n{listed}"
