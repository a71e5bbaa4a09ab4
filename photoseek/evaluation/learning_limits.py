"""The limits of confidence that suit a library, by the captions of its own photos.

Each caption is asked twice: of all photos, where its own is among them, and of those that share no
word with it that only some captions have. The second says what the library gives to a text for
something like its photos that is not there, which neither the library's spread nor texts without
meaning can tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from photoseek.search.answer import BEST
from photoseek.search.confidence import SAMPLE, Background
from photoseek.search.limits import USUAL, Limits
from photoseek.search.meaningless import MEANINGLESS, without_meaning
from photoseek.store.word_forms import asked_words, words_in

Matrix = NDArray[np.float32]

EncodeTexts = Callable[[Sequence[str]], Matrix]
"""Unit vectors of texts, shape (n, d)."""

ASKED = 300
"""Photos whose captions are asked."""

FEWEST_ASKED = 30
"""Of fewer nothing is learnt."""

FEWEST_TEXTS = 8
"""Captions that have to differ."""

COMMON = 0.25
"""A word that a larger share of the captions has says nothing about a photo, such as "the"."""

RIGHT = 0.9
"""The share of captions whose photos are there that shall not be "low", and of those whose photos
are not there that shall not be "high"."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """Limits with the numbers of photos and captions that they are from, and the shares of these
    that get "high" by them: where their photos are `there`, and where those are left out, `absent`.
    """

    limits: Limits
    photos: int
    texts: int
    there: float
    absent: float


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One caption: how many spreads above chance it finds its own photos, and others without them.

    `there` is infinite where a photo that is found has all its words, which is a good match in any
    case (`photoseek.search.answer`). `photos` is how many of those that were asked for have it.
    """

    caption: str
    there: float
    absent: float
    photos: int


def learn_limits(captions: Sequence[str], vectors: Matrix, encode: EncodeTexts) -> Learnt | None:
    """The limits for photos with these captions and vectors, shape (n, d), in step.

    A caption may be "". None where there are too few captions to learn from.
    """
    places = [place for place, caption in enumerate(captions) if caption]
    if len(places) < FEWEST_ASKED:
        return None
    even = np.linspace(0, len(captions) - 1, min(SAMPLE, len(captions))).astype(np.intp)
    background = Background(vectors[even])
    meaningless = encode(MEANINGLESS)
    asked = list(ask_captions(captions, vectors, encode, background, meaningless))
    if len(asked) < FEWEST_TEXTS or sum(one.photos for one in asked) < FEWEST_ASKED:
        return None
    nothing = above_chance(background, vectors, meaningless, meaningless)
    return learnt_from(asked, nothing)


def ask_captions(
    captions: Sequence[str],
    vectors: Matrix,
    encode: EncodeTexts,
    background: Background,
    meaningless: Matrix,
) -> Iterator[Asked]:
    """Ask the captions of photos from all over the library."""
    places = [place for place, caption in enumerate(captions) if caption]
    chosen = np.linspace(0, len(places) - 1, min(ASKED, len(places))).astype(np.intp)
    counts: dict[str, int] = defaultdict(int)
    for number in chosen.tolist():
        counts[captions[places[number]]] += 1
    by_word: dict[str, list[int]] = defaultdict(list)
    for place in places:
        for word in {*words_in(captions[place])}:
            by_word[word].append(place)
    telling = {word: found for word, found in by_word.items() if len(found) <= COMMON * len(places)}
    for text, vector in zip(counts, encode(list(counts)), strict=True):
        scores = vectors @ vector
        is_other = np.ones(len(vectors), bool)
        for word in words_in(text):
            is_other[telling.get(word, [])] = False
        if is_other.all() or is_other.sum() * 2 < len(vectors):
            continue  # its words are everybody's: nobody knows what to leave out
        asked = without_meaning(meaningless, [vector], [1.0])
        there, absent = (
            background.chance(vector, len(some), without_meaning=asked).above(float(some.max()))
            for some in (scores, scores[is_other])
        )
        words = {*asked_words(text)}
        nearest = np.argsort(-scores)[:BEST].tolist()
        if any(words.issubset(words_in(captions[place])) for place in nearest):
            there = inf
        if there is not None and absent is not None:
            yield Asked(text, there, absent, counts[text])


def above_chance(
    background: Background, vectors: Matrix, texts: Matrix, meaningless: Matrix
) -> list[float]:
    """How many spreads above chance each text finds something, where that can be told."""
    found = []
    for vector in texts:
        best = float((vectors @ vector).max())
        asked = without_meaning(meaningless, [vector], [1.0])
        above = background.chance(vector, len(vectors), without_meaning=asked).above(best)
        found += [] if above is None else [above]
    return found


def learnt_from(asked: Sequence[Asked], nothing: Sequence[float]) -> Learnt:
    """The limits by what captions and texts without meaning find; each photo counts.

    They may be more careful than the usual ones, and never bolder: what people ask for and no
    caption is like is in no library's captions.
    """
    photos = [one.photos for one in asked]
    there, absent = (
        np.repeat(found, photos)
        for found in ([one.there for one in asked], [one.absent for one in asked])
    )
    high = max(float(np.quantile(absent, RIGHT)), *nothing, USUAL.high)
    low = float(np.quantile(there, 1 - RIGHT, method="lower"))
    low = min(USUAL.low, max(0.0, low))
    return Learnt(
        Limits(low, high),
        len(there),
        len(asked),
        float((there >= high).mean()),
        float((absent >= high).mean()),
    )
