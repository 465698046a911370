"""Everything that people read is there in Chinese too."""

from tests.house.words import in_words, made, states, translated, written


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
    wanted = {in_words(member) for _where, member in states()}
    known = translated()
    said = {word: known.get(word, set()) for word in wanted}
    assert not {word: names for word, names in said.items() if len(names) > 1}
    assert said["released"] == {"已放行"}
