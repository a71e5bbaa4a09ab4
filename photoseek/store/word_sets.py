"""The words of a longer text: the kind of field, of which filters ask whether it has some words."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import override

from photoseek.errors import QueryError
from photoseek.records import AllOf, AnyOf, Condition, Filter, Not
from photoseek.store.kinds import Labels, short, values_of
from photoseek.store.word_forms import asked_words, words_in

MOST_WORDS = 1_000
"""Different words of a text that are kept, from its beginning."""

MOST_ASKED = 32
"""Words that one value may ask for."""


class Words(Labels):
    """The words of a longer text, as `words_kept` gives them.

    A photo has a value where it has all words of it, in whatever order; and it has "" where its
    text is known to have no word.
    """

    name = "words"

    @override
    def holds(self, condition: Condition, value: Iterable[str]) -> bool:
        words = set(value)
        has_one = any(words.issuperset(_words(asked)) for asked in values_of(condition))
        return has_one != (condition.operator == "!=")

    def by_word(self, condition: Condition) -> Filter:
        """The same filter in conditions on a single word each, which hold as those on labels do."""
        has_one = AnyOf(
            tuple(
                AllOf(tuple(Condition(condition.field, "=", word) for word in _words(asked)))
                for asked in values_of(condition)
            )
        )
        return Not(has_one) if condition.operator == "!=" else has_one

    @override
    def _check_value(self, field: str, value: object) -> None:
        super()._check_value(field, value)
        words = _words(str(value))
        if not words:
            raise QueryError(
                f"The column {field} holds words; got '{short(str(value))}', which has none. Give "
                'one or several, or "" for photos without any.'
            )
        if len(words) > MOST_ASKED:
            raise QueryError(
                f"The column {field} is asked for {len(words)} words at once; at most "
                f"{MOST_ASKED} can be. Give fewer."
            )


def words_kept(text: str) -> tuple[str, ...]:
    """The words that a text is filtered by, each once; ("",) for one without any."""
    return tuple(dict.fromkeys(words_in(text)))[:MOST_WORDS] or ("",)


def words_needed(text: str) -> tuple[str, ...]:
    """The words that a text must have to be found by this one, each once.

    Of what is written without spaces, each two letters that stand beside one another.
    """
    return tuple(dict.fromkeys(word for word in asked_words(text) if not _is_long_run(word)))


def _is_long_run(word: str) -> bool:
    return len(word) > 2 and words_in(word) != [word]


def _words(asked: str) -> tuple[str, ...]:
    return words_needed(asked) if asked.strip() else ("",)
