"""Whether the best score of a search is more than chance would give: high, medium or low.

A flat cut-off cannot tell, because scores of texts, of pictures and of different models lie on
different scales, and because the best of many photos scores more than the best of few. So the best
score is compared with what a question that means nothing to this library would get from it.

For texts such questions are at hand: the query encoder sends along what its model makes of texts
that mean nothing (`photoseek.search.meaningless`), and chance is what half of them reach at least
in this library. What counts is by how much the best score lies above that, in spreads of the
library in the mean of all directions. It holds for models of CLIP's loss and of SigLIP's, whose
texts lie elsewhere among the photos: the library itself says how high a text without meaning gets.

A picture has nothing of that kind. There a question without meaning is taken to be a direction like
any other: over the library its scores spread around their middle, and among N photos the best lies
as far out as one in N does. The middle is the median of this very question's scores. The spread is
not: a question that many photos answer spreads its scores by that, and would be held for chance. It
is the mean over photos that are asked for themselves, since pictures lie where the library's photos
lie. Texts are judged like that, too, where an encoder of an earlier version sends nothing along.

`python -m bench.confidence` measures it, with the demo's model or another one.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from functools import partial
from math import inf
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photoseek.errors import PhotoseekError
from photoseek.helpers.deadlines import in_background, within
from photoseek.records import Confidence, Vector
from photoseek.search.limits import USUAL, Limits
from photoseek.search.meaningless import WithoutMeaning
from photoseek.store import PhotoStore

FEWEST = 10
"""Of fewer photos nothing can be said, and they are all seen at a glance."""

SAMPLE = 2_000
"""How many photos are taken as a sample of a store."""

CHANGED = 0.1
"""The share by which a store may grow or shrink before its scores are looked at again."""

AT_ONCE = 256
"""Photos up to which a search waits for that: it takes a few milliseconds."""

OF_NO_USE = 0.5
"""The share from which on no search goes by what was seen before."""

LOOK_SECONDS = 60.0
"""How long a look may take for which no search waits."""

_NO_SPREAD = 1e-6
_ASKED = 256
"""Photos whose spread of scores is looked at."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chance:
    """The best score that a question without meaning would get, and the spread of such scores.

    A spread of 0 says that nobody can tell.
    """

    score: float
    spread: float

    def above(self, best: float) -> float | None:
        """How many spreads a best score lies above chance; None where nobody can tell."""
        return (best - self.score) / self.spread if self.spread else None

    def confidence(self, best: float, limits: Limits = USUAL) -> Confidence:
        """Judge a search by the score of its first hit, not of the first on a later page.

        It is "medium" where nobody can tell.
        """
        above = self.above(best)
        if above is None:
            return "medium"
        if above >= limits.high:
            return "high"
        return "medium" if above >= limits.low else "low"

    def least_score(self, limits: Limits = USUAL) -> float | None:
        """The score of a hit that would not be "low" if it were the best; None as above."""
        return self.score + limits.low * self.spread if self.spread else None


@dataclass(frozen=True, slots=True)
class _KnownBests:
    """The best scores of a query without meaning from `most` photos of a sample."""

    asked: WithoutMeaning
    most: int
    bests: NDArray[np.float32]


UNREACHED = Chance(inf, 1.0)
"""Where no photo was searched, nothing is above chance."""


class Background:
    """What scores the photos of a library give to questions. Cheap to make, safe in threads.

    A thousand vectors are enough, and more only take time: 0.2 ms for an answer then.
    """

    def __init__(self, sample: NDArray[np.float32]) -> None:
        """`sample` holds unit vectors of the library, shape (n, dimensions), chosen evenly."""
        self._sample = sample
        self._spread_of_texts = self._spread_of_pictures = 0.0
        self._meaningless: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        self._known_bests: _KnownBests | None = None
        if len(sample) >= FEWEST:
            centred = sample - sample.mean(axis=0)
            self._spread_of_texts = spread_of_texts(sample)
            asked = np.linspace(0, len(sample) - 1, min(_ASKED, len(sample))).astype(np.intp)
            scores = sample[asked] @ centred.T
            scores[np.arange(len(asked)), asked] = 0  # a photo's score with itself tells nothing
            self._spread_of_pictures = float(np.sqrt(np.square(scores).mean()))

    def chance(
        self,
        query: Vector,
        photos: int,
        *,
        pictures: float = 0.0,
        without_meaning: WithoutMeaning | None = None,
    ) -> Chance:
        """What chance would find for a query.

        Nobody can tell where the library is too small, or its photos too much alike.

        Args:
            query: the unit vector that is searched for.
            photos: how many are searched, which are those that satisfy the filters.
            pictures: the share of pictures in the query, 0 for texts and 1 for a picture; in a
                mixture the share of the squares of their weights.
            without_meaning: the same query with texts that mean nothing, where it looks for texts.
        """
        if photos < 1:
            return UNREACHED
        spreads = self._spread_of_texts**2, self._spread_of_pictures**2
        spread = float(np.sqrt((1 - pictures) * spreads[0] + pictures * spreads[1]))
        if spread < _NO_SPREAD:
            return Chance(0.0, 0.0)
        if without_meaning is not None:
            bests = self._bests(without_meaning, photos)
            low, middle, high = map(float, np.quantile(bests, (0.25, 0.5, 0.75)))
            return Chance(middle, max(self._spread_of_texts, high - low))
        middle = float(np.median(self._scores(query[np.newaxis])))
        return Chance(middle + spread * _one_in(photos), spread)

    def _bests(self, asked: WithoutMeaning, photos: int) -> NDArray[np.float32]:
        """The best score that each query without meaning gets from that number of photos.

        Of more than the sample has, the best are taken to grow as those of any direction do.
        """
        seen = len(self._sample)
        bests = self._bests_in_sample(asked, min(photos, seen))
        return bests + max(0.0, _one_in(photos) - _one_in(seen)) * self._spread_of_texts

    def _bests_in_sample(self, asked: WithoutMeaning, most: int) -> NDArray[np.float32]:
        """The same from that many photos of the sample: mostly as for the query before."""
        known = self._known_bests
        if known and known.most == most and known.asked.is_same(asked):
            return known.bests
        scores = asked.wanted * self._of_meaningless(asked.vectors)
        if asked.unwanted.any():
            scores = scores + self._scores(asked.unwanted[np.newaxis])
        scores = scores / asked.lengths
        bests: NDArray[np.float32] = np.quantile(
            scores, most / (most + 1), axis=0, method="weibull"
        )
        self._known_bests = _KnownBests(asked, most, bests)
        return bests

    def _of_meaningless(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The scores of texts that mean nothing, which are the same until the model changes."""
        known = self._meaningless
        if known is None or not np.array_equal(known[0], vectors):
            known = self._meaningless = vectors, self._scores(vectors)
        return known[1]

    def _scores(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The scores of the sample for each of n vectors, shape (sample, n)."""
        # Not `@`: the threads that BLAS wakes for it spin for ten times as long as it takes.
        scores: NDArray[np.float32] = np.einsum("ij,kj->ik", self._sample, vectors)
        return scores


def _one_in(photos: int) -> float:
    """How many spreads above the middle one photo of this number lies by chance."""
    return NormalDist().inv_cdf(photos / (photos + 1))


def spread_of_texts(sample: NDArray[np.float32]) -> float:
    """How far scores of a direction that means nothing lie from their middle, in a library.

    It is the root of the variance per dimension of its vectors, shape (n, dimensions).
    """
    return float(np.sqrt(sample.var(axis=0).mean()))


class _Known(NamedTuple):
    """What was seen of a store, and how many photos it had then."""

    store: PhotoStore
    photos: int
    background: Background | None

    def has_changed(self, photos: int, share: float) -> bool:
        """Whether the store has grown or shrunk by more than a share of what it had."""
        return abs(photos - self.photos) > share * self.photos


class KnownBackground:
    """The background of a store, found out again when the store has grown or shrunk by much.

    A search waits for that where there are few photos, or what was seen before is of no use;
    otherwise it is done beside the searches, which go by what was seen before until then. Safe in
    threads.
    """

    def __init__(self) -> None:
        self._known: _Known | None = None
        self._looking = threading.Lock()

    def of(self, store: PhotoStore) -> Background | None:
        """How scores are spread over a store's photos; None while it has none."""
        photos, known = store.count(), self._known
        if known is None or known.store is not store or known.has_changed(photos, OF_NO_USE):
            return self._look(store, photos)
        if not known.has_changed(photos, CHANGED):
            return known.background
        if photos <= AT_ONCE:
            return self._look(store, photos)
        if self._looking.acquire(blocking=False):
            try:
                look = partial(self._look_beside, store, photos)
                in_background(look, "confidence", gives_way=True)
            except BaseException:  # no thread can be had
                self._looking.release()
                raise
        return known.background

    def _look(self, store: PhotoStore, photos: int) -> Background | None:
        sample = store.sample(SAMPLE)
        background = Background(sample) if len(sample) else None
        self._known = _Known(store, photos, background)
        return background

    def _look_beside(self, store: PhotoStore, photos: int) -> None:
        try:
            with within(LOOK_SECONDS):
                self._look(store, photos)
        except PhotoseekError as error:  # the next search begins it again
            _log.info("The spread of scores stays as it was seen before: %s", error)
        finally:
            self._looking.release()
