"""The words that keywords are found by: those of a photo's caption, tags, file name and so on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from photoseek.errors import SettingsError
from photoseek.files.names import own_name
from photoseek.records import StoredPhoto
from photoseek.store.fields import BY_NAME, FIELDS, METADATA, also_own, field_named
from photoseek.store.kinds import Labels, Text
from photoseek.store.name_words import file_words
from photoseek.store.word_forms import asked_words, words_in

_SATURATION = 1.2  # k1 and b of BM25, as Lance has them
_LENGTH = 0.75
_ALWAYS = tuple(field for field in FIELDS if field.keywords)


def words_of(stored: StoredPhoto, more: Sequence[str] = ()) -> str:
    """All that is written of a photo in fields with keywords, and in `more` of them by name.

    The name of its file is among it.
    """
    return "\n".join(filter(None, (*_texts_of(stored, more), file_words(stored.photo.uri))))


def has_words(stored: StoredPhoto, words: Set[str]) -> bool:
    """Whether all of these are words of a photo, as `words_of` and `words_in` have them.

    Few photos have, and what is not written of one its file is seldom called: that is seen by the
    name, whose words take as long as all others.
    """
    missing = words - {*words_in("\n".join(_texts_of(stored)))}
    if missing:
        name = own_name(stored.photo.uri)
        if name.isascii() and not all(word in name.casefold() for word in missing):
            return False
    return not missing or missing <= {*words_in(file_words(stored.photo.uri))}


def _texts_of(stored: StoredPhoto, more: Sequence[str] = ()) -> Iterator[str]:
    for each in (*_ALWAYS, *map(field_named, more)):
        yield from each.kind.words(each.read(stored))
    yield from (stored.photo.metadata.get(name, "") for name in more if also_own(name))


def checked_fields(names: Iterable[str]) -> tuple[str, ...]:
    """The names of fields whose words can be found too, each once, without those that always are.

    Raises:
        SettingsError: one has no words.
    """
    kept: list[str] = []
    for name in names:
        field = field_named(name)
        if not isinstance(field.kind, Text | Labels):
            texts = (each.name for each in FIELDS if isinstance(each.kind, Text | Labels))
            raise SettingsError(
                f"PHOTOSEEK_KEYWORD_FIELDS names {name}, which has no words. Name columns of your "
                f"manifest, or {', '.join(texts)}."
            )
        own = name.removeprefix(METADATA)
        kept += [] if field.keywords else [name if own in BY_NAME else own]
    return tuple(dict.fromkeys(kept))


def bm25(query: str, texts: Mapping[str, str]) -> dict[str, float]:
    """The relevance of those texts that have a word of the query, by their keys."""
    documents = {key: Counter(words_in(text)) for key, text in texts.items()}
    average = sum(document.total() for document in documents.values()) / max(1, len(documents))
    scores: dict[str, float] = {}
    for word in dict.fromkeys(asked_words(query)):
        having = {key: document for key, document in documents.items() if word in document}
        weight = math.log(1 + (len(documents) - len(having) + 0.5) / (len(having) + 0.5))
        for key, document in having.items():
            norm = _SATURATION * (1 - _LENGTH + _LENGTH * document.total() / average)
            share = document[word] * (_SATURATION + 1) / (document[word] + norm)
            scores[key] = scores.get(key, 0) + weight * share
    return scores
