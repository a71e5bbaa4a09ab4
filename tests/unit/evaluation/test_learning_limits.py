"""By its captions a library tells from where on a match is good, also where photos are alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from photoseek.evaluation.learning_limits import FEWEST_ASKED, learn_limits
from photoseek.search.confidence import Background
from photoseek.search.limits import USUAL
from photoseek.search.meaningless import MEANINGLESS, without_meaning

DIMENSIONS = 256
KINDS = 12
"""Kinds of things, of each of which there are two sorts that are much alike."""


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    shortened: NDArray[np.float32] = (
        vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    ).astype(np.float32)
    return shortened


class Shop:
    """Photos of things: those of one kind lie `alike` each other, whichever sort they are of."""

    def __init__(self, alike: float) -> None:
        self.dice = np.random.default_rng(0)
        kinds = np.repeat(unit(self.dice.standard_normal((KINDS, DIMENSIONS))), 2, axis=0)
        own = unit(self.dice.standard_normal((2 * KINDS, DIMENSIONS)))
        self.sorts = unit(alike * kinds + (1 - alike) * own)
        self.names = [f"kind{n // 2}sort{n % 2}" for n in range(2 * KINDS)]
        self.nothing = unit(self.dice.standard_normal((len(MEANINGLESS), DIMENSIONS)))

    def photos(self, sorts: Sequence[int]) -> NDArray[np.float32]:
        noise = unit(self.dice.standard_normal((len(sorts), DIMENSIONS)))
        return unit(self.sorts[list(sorts)] + 0.8 * noise)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if tuple(texts) == MEANINGLESS:
            return self.nothing
        vectors = np.stack([self.sorts[self.names.index(text.split()[-1])] for text in texts])
        return unit(0.7 * vectors + 0.7 * self.nothing[0])


def high(shop: Shop, vectors: NDArray[np.float32], sorts: Sequence[int], limit: float) -> float:
    """The share of these sorts that are found with high confidence."""
    background = Background(vectors)
    found = []
    for query in shop.encode([shop.names[sort] for sort in sorts]):
        best = float((vectors @ query).max())
        asked = without_meaning(shop.nothing, [query], [1.0])
        above = background.chance(query, len(vectors), without_meaning=asked).above(best)
        found.append((above or 0) >= limit)
    return float(np.mean(found))


def test_where_things_are_much_alike_more_is_asked_of_a_match() -> None:
    """Of the last three kinds there is one sort, of which nothing is learnt either."""
    shop = Shop(alike=0.6)
    sorts = [n for n in range(2 * KINDS) if n not in (19, 21, 23)] * 15
    vectors = shop.photos(sorts)
    captions = [f"a photo of a {shop.names[n]}" if n < 18 else "" for n in sorts]
    learnt = learn_limits(captions, vectors, shop.encode)
    assert learnt is not None
    assert (learnt.photos, learnt.texts) == (270, 18)
    assert learnt.limits.high > USUAL.high
    assert 0 <= learnt.limits.low <= USUAL.low
    assert high(shop, vectors, (19, 21, 23), USUAL.high) == 1
    assert high(shop, vectors, (19, 21, 23), learnt.limits.high) == 0
    assert learnt.absent <= 2 / 18, "a tenth of eighteen captions, rounded up"
    assert learnt.there == high(shop, vectors, range(18), learnt.limits.high) >= 0.9


def test_where_things_differ_the_usual_limits_are_hardly_moved() -> None:
    shop = Shop(alike=0.0)
    sorts = [*range(2 * KINDS)] * 10
    vectors = shop.photos(sorts)
    learnt = learn_limits([shop.names[n] for n in sorts], vectors, shop.encode)
    assert learnt is not None
    assert USUAL.high <= learnt.limits.high <= 1.5 * USUAL.high
    assert learnt.limits.low == USUAL.low
    assert (learnt.there, learnt.absent <= 0.1) == (1, True)


@pytest.mark.parametrize(
    "captions",
    [
        [],
        [""] * 100,
        ["kind0sort0"] * 100,  # of one thing alone
        [f"kind{n // 2 % KINDS}sort{n % 2}" for n in range(FEWEST_ASKED - 1)],
        [f"shop kind{n % 2}sort{n % 2}" for n in range(100)],  # each word half of the photos have
    ],
)
def test_of_few_or_like_captions_nothing_is_learnt(captions: list[str]) -> None:
    shop = Shop(alike=0.5)
    vectors = shop.photos([n % (2 * KINDS) for n in range(len(captions))])
    assert learn_limits(captions, vectors.reshape(-1, DIMENSIONS), shop.encode) is None
