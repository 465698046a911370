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


def test_a_state_has_one_name_in_chinese() -> None:
    """Catalogues are merged and the first one wins: another context's word would hide the right one.

    A lot that is released is 已放行, never what a context calls a booking that it gave back; where one English
    word is two Chinese ones, the page says of what (`state|word:"order"`).
    """
    known = translated()
    assert known["released"] == {"已放行"}
    assert not {word: known[word] for word in _STATES if len(known[word]) > 1}


_STATES = ("accepted", "active", "closed", "ended", "open", "quarantined", "received", "rejected", "used", "voided")
