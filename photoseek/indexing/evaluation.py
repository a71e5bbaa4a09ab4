"""How well a model finds captioned photos: recall at 1, 5 and 10 in both directions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photoseek.errors import PhotoError, SourceError
from photoseek.indexing.encoding import PhotoEncoder
from photoseek.records import EncodedPhoto, Photo, Skip, StoredPhoto

RANKS = (1, 5, 10)
BLOCK = 1_024


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Recall at k: the share of queries with a right answer among the first k, in [0, 1].

    A photo is right for a caption when it carries exactly that caption, so equal captions do
    not count against a model.
    """

    photos: int
    text_to_image: dict[int, float]
    image_to_text: dict[int, float]
    skipped: tuple[Skip, ...]


def evaluate(
    source: Iterable[Photo | Skip],
    encoder: PhotoEncoder,
    *,
    batch_size: int = 32,
    on_progress: Callable[[int, int], None] = lambda _done, _skipped: None,
) -> Evaluation:
    """Embed every captioned photo of a source and its caption, and see who finds whom.

    Where the source has no caption of a photo, its file may have one.

    `on_progress` hears how many photos are dealt with, and how many of them were left out.

    Raises:
        SourceError: fewer than two photos with a caption could be used.
    """
    captions: list[str] = []
    images: list[NDArray[np.float32]] = []
    skipped: list[Skip] = []
    batch: list[Photo] = []

    def add(photo: Photo) -> None:
        try:
            caption = photo.caption or _caption_in_file(photo, encoder)
        except PhotoError as error:
            skipped.append(Skip(photo.uri, str(error)))
            return
        if caption:
            batch.append(replace(photo, caption=caption))
        else:
            skipped.append(Skip(photo.uri, "It has no caption."))

    def flush() -> None:
        for photo, outcome in zip(batch, encoder.encode(batch, [""] * len(batch)), strict=True):
            if isinstance(outcome, EncodedPhoto):
                captions.append(photo.caption)
                images.append(outcome.vector)
            elif isinstance(outcome, Skip):
                skipped.append(outcome)
        batch.clear()
        on_progress(len(captions) + len(skipped), len(skipped))

    for entry in source:
        if isinstance(entry, Skip):
            skipped.append(entry)
        else:
            add(entry)
        if len(batch) == batch_size:
            flush()
    flush()
    if len(captions) < 2:
        raise SourceError(
            f"Only {len(captions)} photos with a caption could be used; an evaluation needs "
            "two or more. Give a manifest with a caption column, or photos that have captions in "
            "their files."
        )
    return _score(captions, np.stack(images), encoder, tuple(skipped))


def _caption_in_file(photo: Photo, encoder: PhotoEncoder) -> str:
    return StoredPhoto(photo, "", 0, 0, encoder.tell(photo)).described.caption


def _score(
    captions: Sequence[str],
    images: NDArray[np.float32],
    encoder: PhotoEncoder,
    skipped: tuple[Skip, ...],
) -> Evaluation:
    wording, classes = np.unique(np.array(captions, dtype=object), return_inverse=True)
    blocks = range(0, len(wording), BLOCK)
    texts = np.concatenate(
        [encoder.model.encode_texts([str(t) for t in wording[i : i + BLOCK]]) for i in blocks]
    )
    return Evaluation(
        photos=len(captions),
        text_to_image=recall(texts, images, np.arange(len(wording)), classes),
        image_to_text=recall(images, texts, classes, np.arange(len(wording))),
        skipped=skipped,
    )


def recall(
    queries: NDArray[np.float32],
    answers: NDArray[np.float32],
    query_class: NDArray[np.int64],
    answer_class: NDArray[np.int64],
) -> dict[int, float]:
    """Recall at each of RANKS for unit vectors of shape (n, d) against (m, d).

    An answer is right when its class equals the query's.
    """
    depth = min(max(RANKS), len(answers))
    found = np.zeros((len(queries), depth), dtype=bool)
    for start in range(0, len(queries), BLOCK):
        scores = queries[start : start + BLOCK] @ answers.T
        nearest = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
        found[start : start + BLOCK] = (
            answer_class[nearest] == query_class[start : start + BLOCK, None]
        )
    return {k: float(found[:, :k].any(axis=1).mean()) for k in RANKS}
