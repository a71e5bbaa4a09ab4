"""One run over an index: labels are told apart from chance, and written for each photo."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from photoseek.files.kept_vectors import kept_vectors
from photoseek.indexing.exporting import rows_of
from photoseek.records import Filter, Skip
from photoseek.store import PhotoStore
from photoseek.tagging.label_lines import LabelList
from photoseek.tagging.suggesting import EncodeTexts, Suggested, Suggester, label_vectors
from photoseek.tagging.targets import IndexTarget, Target

MOST_TOLD = 10


@dataclass(frozen=True, slots=True)
class TaggingReport:
    """What became of the photos: how many were looked at, got a keyword, and changed.

    Of the labels, `calibrated` have a threshold by photos that people have described, and
    `by_spread` one by the library's spread; `unusable` cannot be told here. `often` are those that
    most photos got. `skipped` are the first photos that were left out, and `more_skipped` counts
    the others.
    """

    photos: int = 0
    with_keywords: int = 0
    changed: int = 0
    labels: int = 0
    calibrated: int = 0
    by_spread: int = 0
    unusable: tuple[str, ...] = ()
    often: tuple[tuple[str, int], ...] = ()
    skipped: tuple[Skip, ...] = ()
    more_skipped: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class _Counts:
    photos: int = 0
    with_keywords: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    def add(self, photos: Sequence[Suggested]) -> None:
        self.photos += len(photos)
        self.with_keywords += sum(bool(each.suggestions) for each in photos)
        for each in photos:
            self.labels.update(each.names)


def suggest_keywords(
    store: PhotoStore,
    given: LabelList,
    encode_texts: EncodeTexts,
    target: Target,
    *,
    tokenizer: str,
    where: Sequence[Filter] = (),
    most: int,
    precision: float,
    on_progress: Callable[[int], None] = lambda _: None,
) -> TaggingReport:
    """Write the labels of the photos that satisfy all filters, at most `most` for each.

    `tokenizer` tells how `encode_texts` reads them (`ModelIdentity`), and `precision` is as
    `thresholds_of` takes it.

    Raises:
        QueryError: the library is too small to tell anything.
        StoreError: the index cannot be read or written.
    """
    begun = time.monotonic()
    make = partial(label_vectors, given, encode_texts)
    vectors = kept_vectors(replace(store.model, tokenizer=tokenizer), _asked(given), make)
    suggester = Suggester(store, given, vectors, precision=precision)
    counts = _Counts()
    for photos in suggester.through(store, where, most, on_progress):
        target.take(photos)
        counts.add(photos)
    target.finish()
    thresholds = suggester.thresholds
    unusable = suggester.unusable
    return TaggingReport(
        counts.photos,
        counts.with_keywords,
        target.changed,
        len(given.labels),
        int(thresholds.by_examples.sum()) - len(unusable),
        int((~thresholds.by_examples).sum()),
        tuple(unusable),
        tuple(counts.labels.most_common(MOST_TOLD)),
        tuple(target.skipped),
        target.more_skipped,
        time.monotonic() - begun,
    )


def _asked(given: LabelList) -> list[str]:
    """What the vectors of labels are made of."""
    names = [json.dumps(label.names) for label in given.labels]
    # Under the word "labels" those of a wrong model may be kept from before.
    return ["labels of its model", json.dumps(given.templates), *names]


def clear_keywords(
    store: PhotoStore, where: Sequence[Filter], on_progress: Callable[[int], None]
) -> TaggingReport:
    """Take the suggested keywords out of an index again; those that people gave stay."""
    begun = time.monotonic()
    target = IndexTarget(store)
    photos = 0
    for found, _ in rows_of(store, where, on_progress, vectors=False):
        target.take([Suggested(stored, ()) for stored in found])
        photos += len(found)
    target.finish()
    return TaggingReport(photos, 0, target.changed, seconds=time.monotonic() - begun)
