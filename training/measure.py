"""Measure a model on held-out drawings: `python -m training.measure --help`."""

from __future__ import annotations

import argparse
import copy
import io
import multiprocessing
import random
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import open_clip
import torch
from PIL import Image
from torch import Tensor

from photoseek.demo.captions import caption_of, full_caption
from photoseek.demo.library import LONGEST, jpeg_of
from photoseek.demo.scene import Scene, scene_of
from photoseek.demo.scenes.moods import MOODS
from photoseek.demo.scenes.places import PLACES
from photoseek.demo.scenes.subjects import SUBJECTS
from training.export import MODEL_FOLDER

HELD_OUT_SEED = 900_000
BATCH = 64

Shows = Callable[[Scene], bool]
Query = tuple[str, Shows]


@dataclass(frozen=True)
class Figures:
    """What a model reaches; every value is a share in [0, 1].

    Precision at k is counted at the number of drawings that match where fewer than k do.
    """

    full_caption_recall_at_1: float
    reworded_caption_recall_at_1: float
    colour_subject_precision_at_5: float
    colour_subject_precision_at_5_one_subject: float
    subject_precision_at_10: float
    image_same_subject_in_top_5: float
    plain_word_precision_at_10: float
    synonym_precision_at_10: float
    place_precision_at_10: float
    time_precision_at_10: float
    two_subjects_precision_at_1: float


class Searcher:
    """Held-out drawings as vectors, searched by exact cosine similarity."""

    def __init__(
        self, folder: Path, scenes: Sequence[Scene], images: Sequence[Image.Image]
    ) -> None:
        name = f"local-dir:{folder}"
        model, _, preprocess = open_clip.create_model_and_transforms(name)
        self.model: Any = model.eval()
        self.tokenizer: Any = open_clip.get_tokenizer(name)
        self.scenes = scenes
        self.vectors = self._encode(
            [preprocess(image) for image in images],
            lambda batch: self.model.encode_image(torch.stack(batch), normalize=True),
        )

    def search(self, texts: Sequence[str], count: int) -> list[list[int]]:
        """Positions of the `count` nearest drawings for each text, the nearest first."""
        vectors = self._encode(
            list(texts), lambda batch: self.model.encode_text(self.tokenizer(batch), normalize=True)
        )
        found: list[list[int]] = (vectors @ self.vectors.T).topk(count).indices.tolist()
        return found

    def similar(self, count: int) -> list[list[int]]:
        """Positions of the `count` drawings nearest to each drawing, without itself."""
        scores = self.vectors @ self.vectors.T
        scores.fill_diagonal_(-2)
        found: list[list[int]] = scores.topk(count).indices.tolist()
        return found

    def precision(self, queries: Sequence[Query], count: int) -> float:
        """Mean precision of queries for which at least one drawing matches."""
        wanted = [[shows(scene) for scene in self.scenes] for _, shows in queries]
        kept = [i for i, right in enumerate(wanted) if any(right)]
        found = self.search([queries[i][0] for i in kept], count)
        shares = []
        for i, row in zip(kept, found, strict=True):
            reach = min(count, sum(wanted[i]))
            shares.append(sum(wanted[i][k] for k in row[:reach]) / reach)
        return sum(shares) / len(shares)

    def among(self, keep: Callable[[Scene], bool]) -> Searcher:
        """A searcher over some of the drawings."""
        part = copy.copy(self)
        kept = [i for i, scene in enumerate(self.scenes) if keep(scene)]
        part.scenes, part.vectors = [self.scenes[i] for i in kept], self.vectors[kept]
        return part

    def _encode(self, items: list[Any], encode: Callable[[list[Any]], Tensor]) -> Tensor:
        with torch.inference_mode():
            parts = [encode(items[i : i + BATCH]) for i in range(0, len(items), BATCH)]
        return torch.cat(parts)


def draw_held_out(
    count: int, workers: int = 2, longest: int = LONGEST
) -> tuple[list[Scene], list[Image.Image]]:
    """Drawings that neither training nor the demo library contains, decoded from JPEG."""
    scenes = [scene_of(seed) for seed in range(HELD_OUT_SEED, HELD_OUT_SEED + count)]
    draw = partial(jpeg_of, longest=longest)
    if workers == 1:
        return scenes, [Image.open(io.BytesIO(draw(scene))) for scene in scenes]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        jpegs = pool.map(draw, scenes, chunksize=8)
        return scenes, [Image.open(io.BytesIO(jpeg)) for jpeg in jpegs]


def measure(searcher: Searcher) -> Figures:
    """All figures of a model over the searcher's drawings."""
    scenes, rng = searcher.scenes, random.Random("measure")
    pairs = sorted({(f.colour, f.subject) for scene in scenes for f in scene.figures})
    coloured = [(f"{colour} {subject}", _shows(subject, colour)) for colour, subject in pairs]
    single = searcher.among(lambda scene: len(scene.figures) == 1)
    return Figures(
        full_caption_recall_at_1=_recall(searcher, [caption_of(scene) for scene in scenes]),
        reworded_caption_recall_at_1=_recall(searcher, [full_caption(s, rng) for s in scenes]),
        colour_subject_precision_at_5=searcher.precision(coloured, 5),
        colour_subject_precision_at_5_one_subject=single.precision(coloured, 5),
        subject_precision_at_10=searcher.precision([(name, _shows(name)) for name in SUBJECTS], 10),
        image_same_subject_in_top_5=_similar_share(searcher),
        plain_word_precision_at_10=searcher.precision(_words(slice(0, 1)), 10),
        synonym_precision_at_10=searcher.precision(_words(slice(1, None)), 10),
        place_precision_at_10=searcher.precision(_place_words(slice(None)), 10),
        time_precision_at_10=searcher.precision(_time_words(slice(None)), 10),
        two_subjects_precision_at_1=searcher.precision(_two_subjects(scenes), 1),
    )


def _recall(searcher: Searcher, captions: Sequence[str]) -> float:
    found, scenes = searcher.search(captions, 1), searcher.scenes
    right = [
        scenes[row[0]].attributes == scene.attributes
        for row, scene in zip(found, scenes, strict=True)
    ]
    return sum(right) / len(right)


def _similar_share(searcher: Searcher) -> float:
    names = [{figure.subject for figure in scene.figures} for scene in searcher.scenes]
    found = searcher.similar(5)
    right = [any(names[i] & names[k] for k in row) for i, row in enumerate(found)]
    return sum(right) / len(right)


def _shows(subject: str, colour: str | None = None) -> Shows:
    return lambda scene: any(
        f.subject == subject and colour in (None, f.colour) for f in scene.figures
    )


def _place_words(part: slice) -> list[Query]:
    return [
        (word, lambda scene, name=name: scene.place == name)  # type: ignore[misc]
        for name, place in PLACES.items()
        for word in place.words[part]
    ]


def _time_words(part: slice) -> list[Query]:
    return [
        (word, lambda scene, name=name: scene.time == name)  # type: ignore[misc]
        for name, mood in MOODS.items()
        for word in mood.words[part]
    ]


def _words(part: slice) -> list[Query]:
    subjects = [
        (word, _shows(name)) for name, subject in SUBJECTS.items() for word in subject.words[part]
    ]
    return subjects + _place_words(part) + _time_words(part)


def _two_subjects(scenes: Sequence[Scene]) -> list[Query]:
    queries: list[Query] = []
    for scene in scenes:
        if len(scene.figures) == 2:
            one, two = (figure.subject for figure in scene.figures)
            queries.append((f"a {one} and a {two}", _shows_both(one, two)))
    return queries


def _shows_both(one: str, two: str) -> Shows:
    return lambda scene: {one, two} <= {figure.subject for figure in scene.figures}


def main() -> None:
    """Read the command line, measure, print a table."""
    parser = argparse.ArgumentParser(prog="python -m training.measure", description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL_FOLDER)
    parser.add_argument("--count", type=int, default=1000, help="held-out drawings")
    arguments = parser.parse_args()
    scenes, images = draw_held_out(arguments.count)
    figures = measure(Searcher(arguments.model, scenes, images))
    sys.stdout.write("| figure | value |\n|---|---|\n")
    for name, value in vars(figures).items():
        sys.stdout.write(f"| {name.replace('_', ' ')} | {value:.3f} |\n")


if __name__ == "__main__":
    main()
