"""Labels for the photos of an index, by the vectors that it has: no photo is opened.

Photos go through in parts, each with one product of matrices, so a million of them take as much
memory as a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from photoseek.errors import QueryError
from photoseek.indexing.exporting import rows_of
from photoseek.records import Filter, StoredPhoto, Vector
from photoseek.search.confidence import FEWEST, SAMPLE, spread_of_texts
from photoseek.store import PhotoStore
from photoseek.tagging.described import Described
from photoseek.tagging.label_lines import Label, LabelList
from photoseek.tagging.thresholds import Examples, Matrix, Thresholds, thresholds_of

CALIBRATED_BY = 50_000
"""Photos of which captions and tags are looked at for thresholds."""

TEXTS_AT_ONCE = 512

EncodeTexts = Callable[[Sequence[str]], Matrix]
"""Unit vectors of texts, shape (n, d)."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A label for a photo; `margin` says how far its score lies above what it takes, in spreads."""

    label: Label
    score: float
    margin: float


@dataclass(frozen=True, slots=True)
class Suggested:
    """A photo with the labels for it, the surest first."""

    stored: StoredPhoto
    suggestions: tuple[Suggestion, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the labels, and of what they are kinds of, each once."""
        names = [name for each in self.suggestions for name in (each.label.name, *each.label.path)]
        return tuple(dict.fromkeys(names))

    @property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """The labels of a hierarchy with their way down to them, such as (animal, dog)."""
        deep = (each.label for each in self.suggestions if each.label.path)
        return tuple((*label.path, label.name) for label in deep)


def label_vectors(given: LabelList, encode_texts: EncodeTexts) -> Matrix:
    """A unit vector for each label, shape (n, d): the middle of its names in all templates."""
    sums: dict[int, Matrix] = {}
    asked = _asked(given)
    while some := list(islice(asked, TEXTS_AT_ONCE)):
        for (number, _), vector in zip(some, encode_texts([text for _, text in some]), strict=True):
            sums[number] = sums[number] + vector if number in sums else vector
    return np.stack([_unit(sums[number]) for number in range(len(given.labels))])


def _asked(given: LabelList) -> Iterator[tuple[int, str]]:
    """The texts of each label by its number: labels share what is encoded at once."""
    for number, label in enumerate(given.labels):
        for name in label.names:
            yield from ((number, one.replace("{}", name)) for one in given.templates)


class Suggester:
    """Labels with their thresholds in one index."""

    def __init__(
        self, store: PhotoStore, given: LabelList, vectors: Matrix, *, precision: float
    ) -> None:
        """`vectors` are those of the labels; the library is looked at for their thresholds.

        Raises:
            QueryError: it is too small, or its photos are too much alike, to tell anything.
        """
        self.labels = given.labels
        self._vectors = vectors
        self.thresholds = self._found_out(store, precision)

    @property
    def unusable(self) -> list[str]:
        """The names of labels that the model cannot tell in this library, by its own captions."""
        lost = np.flatnonzero(~np.isfinite(self.thresholds.scores))
        return [self.labels[number].name for number in lost]

    def through(
        self,
        store: PhotoStore,
        where: Sequence[Filter],
        most: int,
        on_progress: Callable[[int], None],
    ) -> Iterator[list[Suggested]]:
        """The photos that satisfy all filters, some at a time, with at most `most` labels each.

        What a label is a kind of does not count. `on_progress` hears how many were looked at.
        """
        for photos, vectors in rows_of(store, where, on_progress, vectors=True):
            scores = self._scores(vectors)
            margins = self.thresholds.margins(scores)
            yield [
                Suggested(stored, self._best(scores[row], margins[row], most))
                for row, stored in enumerate(photos)
            ]

    def _best(self, scores: Matrix, margins: Matrix, most: int) -> tuple[Suggestion, ...]:
        found = np.flatnonzero(margins >= 0)
        best = found[np.argsort(-margins[found], kind="stable")][:most]
        return tuple(
            Suggestion(self.labels[number], float(scores[number]), float(margins[number]))
            for number in best
        )

    def _scores(self, vectors: Sequence[Vector] | Matrix) -> Matrix:
        matrix = np.asarray(vectors, np.float32)
        lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
        scores: Matrix = (matrix / np.maximum(lengths, 1e-12)) @ self._vectors.T
        return scores

    def _found_out(self, store: PhotoStore, precision: float) -> Thresholds:
        sample = store.sample(SAMPLE)
        spread = spread_of_texts(sample) if len(sample) >= FEWEST else 0.0
        if spread < 1e-6:
            raise QueryError(
                f"The index at {store.location} has {len(sample)} photos that differ; {FEWEST} or "
                "more are needed to tell labels from chance."
            )
        middles: Matrix = np.median(self._scores(sample), axis=0)
        examples, described = Examples(len(self.labels)), Described(self.labels)
        for photos, vectors in islice(_parts(store), CALIBRATED_BY // 1_000):
            told = [described.labels_of(stored) for stored in photos]
            rows = [row for row, numbers in enumerate(told) if numbers is not None]
            if rows:
                scores = self._scores([vectors[row] for row in rows])
                examples.add(scores, [numbers for numbers in told if numbers is not None])
        return thresholds_of(examples, middles, spread, store.count(), precision)


def _parts(store: PhotoStore) -> Iterator[tuple[list[StoredPhoto], list[Vector]]]:
    return rows_of(store, (), lambda _: None, vectors=True)


def _unit(vector: Matrix) -> Matrix:
    unit: Matrix = vector / np.linalg.norm(vector)
    return unit
