"""The words that keywords are found by: those of a photo's caption, tags and so on."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from photoseek.records import StoredPhoto
from photoseek.store.fields import FIELDS

_WORD = re.compile(r"[^\W_]+")
_SATURATION = 1.2  # k1 and b of BM25, as Lance has them
_LENGTH = 0.75


def words_of(stored: StoredPhoto) -> str:
    """All that is written of a photo in fields with keywords."""
    texts = (
        text
        for field in FIELDS
        if field.keywords
        for text in field.kind.counted(field.read(stored))
    )
    return "\n".join(texts)


def bm25(query: str, texts: Mapping[str, str]) -> dict[str, float]:
    """The relevance of those texts that have a word of the query, by their keys."""
    documents = {key: Counter(_words(text)) for key, text in texts.items()}
    average = sum(document.total() for document in documents.values()) / max(1, len(documents))
    scores: dict[str, float] = {}
    for word in dict.fromkeys(_words(query)):
        having = {key: document for key, document in documents.items() if word in document}
        weight = math.log(1 + (len(documents) - len(having) + 0.5) / (len(having) + 0.5))
        for key, document in having.items():
            norm = _SATURATION * (1 - _LENGTH + _LENGTH * document.total() / average)
            share = document[word] * (_SATURATION + 1) / (document[word] + norm)
            scores[key] = scores.get(key, 0) + weight * share
    return scores


def _words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _WORD.findall(bare)
