"""How sure is photoseek in a library whose photos have captions, before and after it has learnt?

`python -m bench.captioned_confidence`: libraries of drawings from which a third of the subjects was
left out. `--source photos.csv` takes photos with captions instead: captions that ten photos or more
have are asked for, and a third of these is left out of each of ten libraries. `--made-up` takes
vectors that lie as CLIP's do, in groups, a quarter of which is not there. `--captioned 0.3` leaves
captions to that share of the photos. What is asked for takes no part in what is learnt.

With `--sigmoid` the model gets projections that are trained by SigLIP's loss, as
`bench.sigmoid_heads` does it, on every second photo or on other drawings; no library has those.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bench import clip_like
from bench.confidence import ABSENT, NONSENSE, drawn, pixels_of, subjects_of, vectors_of
from bench.sigmoid_heads import SigmoidHeads
from photoseek.demo.captions import caption_of
from photoseek.demo.library import LIBRARY_SEED
from photoseek.demo.scene import scene_of
from photoseek.demo.scenes.subjects import SUBJECTS
from photoseek.evaluation.learning_limits import above_chance, ask_captions, learnt_from
from photoseek.model import ClipModel, load_model
from photoseek.search.answer import BEST
from photoseek.search.confidence import SAMPLE, Background
from photoseek.search.limits import USUAL, Limits
from photoseek.search.meaningless import MEANINGLESS
from photoseek.store.word_forms import asked_words, words_in
from training.measure import HELD_OUT_SEED

FEWEST = 10
"""Photos with a caption from which on it is one that is asked for."""

DRAWINGS, TRAINED = 1_500, 600
LIBRARIES = 10
WAYS = ("limits as usual", "limits learnt", "words too", "both")
GROUP = "group"
KINDS = ("there", "not there", "nonsense", "of another world")

Words = frozenset[str]


class Texts(Protocol):
    """What makes unit vectors of texts, shape (n, d)."""

    def encode_texts(self, texts: Sequence[str], /) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Library:
    """Photos with what each shows and what is written of it, in step; `absent` none shows."""

    vectors: NDArray[np.float32]
    shows: Sequence[Words]
    captions: Sequence[str]
    absent: Words
    asked: Words


def sigmoid_drawings(model: ClipModel, cache: Path | None) -> SigmoidHeads:
    """Projections that have seen drawings of all subjects, which are in no library."""
    scenes = list(map(scene_of, range(HELD_OUT_SEED, HELD_OUT_SEED + TRAINED)))
    captions = [caption_of(scene) for scene in scenes]
    return SigmoidHeads(model, vectors_of(model, drawn(model, scenes, cache)), captions)


def drawings(model: ClipModel, cache: Path | None, heads: SigmoidHeads | None) -> Iterator[Library]:
    """Five libraries of 300 drawings."""
    scenes = (scene for scene in map(scene_of, count(LIBRARY_SEED)))
    kept = list(islice((s for s in scenes if not subjects_of(s) & ABSENT), DRAWINGS))
    vectors = vectors_of(model, drawn(model, kept, cache))
    vectors = heads.photos(vectors) if heads else vectors
    shows = [frozenset(subjects_of(scene)) for scene in kept]
    captions = [caption_of(scene) for scene in kept]
    for start in range(0, DRAWINGS, 300):
        part = slice(start, start + 300)
        seen = frozenset().union(*shows[part])
        yield Library(
            vectors[part], shows[part], captions[part], frozenset(SUBJECTS) - seen, seen | ABSENT
        )


def read_photos(model: ClipModel, manifest: Path) -> tuple[NDArray[np.float32], list[str]]:
    """The vectors and captions of the photos of a manifest, in step."""
    with manifest.open(newline="") as file:
        rows = list(csv.DictReader(file))
    files = ((manifest.parent / row["path"]).read_bytes() for row in rows)
    return vectors_of(model, pixels_of(model, files)), [row["caption"] for row in rows]


def photos(vectors: NDArray[np.float32], given: Sequence[str]) -> Iterator[Library]:
    """Ten libraries, each without a third of what is asked for."""
    captions = np.array(given)
    many = sorted(text for text, n in Counter(captions.tolist()).items() if n >= FEWEST)
    for number in range(LIBRARIES):
        absent = random.Random(number).sample(many, len(many) // 3)
        there = ~np.isin(captions, absent)
        some = captions[there].tolist()
        shows = [frozenset([caption]) for caption in some]
        yield Library(vectors[there], shows, some, frozenset(absent), frozenset(many))


class MadeUp:
    """Texts that name groups of made-up vectors; any other text means nothing."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Their unit vectors, shape (n, dimensions)."""
        return np.concatenate([self._vector(text) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        seed = crc32(text.encode())
        if text.startswith(GROUP):
            return clip_like.texts_of(np.array([int(text.removeprefix(GROUP))]), seed)
        return clip_like.texts_of_nothing(1, seed)


def made_up() -> Iterator[Library]:
    """Five libraries of 2,000 photos, about eight of each group."""
    for seed in range(5):
        groups = np.random.default_rng(seed).integers(0, 250, 2_000)
        names = [f"{GROUP}{group}" for group in groups.tolist()]
        absent = frozenset(f"{GROUP}{group}" for group in range(250, 300))
        yield Library(
            clip_like.photos_of(groups, seed),
            [frozenset([name]) for name in names],
            names,
            absent,
            absent | {*names[:150]},
        )


def judged(
    library: Library, model: Texts, captioned: float, dice: random.Random
) -> Iterator[tuple[str, tuple[str, ...], Limits]]:
    """For each question its kind, what is said in each of the ways, and what was learnt."""
    written = [text if dice.random() < captioned else "" for text in library.captions]
    has = np.array([bool(text) for text in written])
    background = Background(library.vectors[:SAMPLE])
    meaningless = model.encode_texts(MEANINGLESS)
    texts = [text for text in written if text]
    lessons = list(
        ask_captions(texts, library.vectors[has], model.encode_texts, background, meaningless)
    )
    nothing = above_chance(background, library.vectors[has], meaningless, meaningless)
    asked = [
        *(("not there" if text in library.absent else "there", text) for text in library.asked),
        *(("nonsense", text) for text in NONSENSE),
    ]
    if not isinstance(model, MadeUp) and not library.asked & set(SUBJECTS):
        asked += [("of another world", text) for text in SUBJECTS]
    vectors = model.encode_texts([text for _, text in asked])
    found = above_chance(background, library.vectors, vectors, meaningless)
    for (kind, text), vector, above in zip(asked, vectors, found, strict=True):
        words = {*asked_words(text)}
        others = [one for one in lessons if words.isdisjoint(words_in(one.caption))]
        learnt = learnt_from(others, nothing).limits
        best = np.argsort(-(library.vectors @ vector))[:BEST]
        is_written = bool(words) and any(
            words.issubset(words_in(written[place])) for place in best.tolist()
        )
        by_usual, by_learnt = _said(above, USUAL), _said(above, learnt)
        either = ("high", "high") if is_written else (by_usual, by_learnt)
        yield kind, (by_usual, by_learnt, *either), learnt


def _said(above: float, limits: Limits) -> str:
    if above >= limits.high:
        return "high"
    return "medium" if above >= limits.low else "low"


def print_ways(said: Sequence[tuple[str, tuple[str, ...], Limits]]) -> None:
    """Percent of high / medium / low, and how far each word can be trusted."""
    print("| asked for |", " | ".join(WAYS), "|")
    print("| --- |", " | ".join("---:" for _ in WAYS), "|")
    for kind in KINDS:
        cells = []
        for way in range(len(WAYS)):
            words = Counter(answers[way] for of, answers, _ in said if of == kind)
            levels = [words[level] for level in ("high", "medium", "low")]
            if total := words.total():
                cells.append(" / ".join(f"{100 * n / total:.0f}" for n in levels))
        if cells:
            print(f"| {kind} |", " | ".join(cells), "|")
    print(
        "\nHow often each word is right, and how much of that it is said of (kinds count alike):\n"
    )
    print("| said |", " | ".join(WAYS), "|")
    print("| --- |", " | ".join("---:" for _ in WAYS), "|")
    for level, is_right in (("high", True), ("medium", True), ("low", False)):
        cells = []
        for way in range(len(WAYS)):
            shares = {
                kind: float(
                    np.mean([answers[way] == level for of, answers, _ in said if of == kind])
                )
                for kind in ("there", "not there", "nonsense")
            }
            there = shares.pop("there")
            absent = float(np.mean(list(shares.values())))
            recall = there if is_right else absent
            precision = f"{recall / (there + absent):.2f}" if there + absent else "never said"
            cells.append(f"{precision} of {100 * recall:.0f} %")
        print(f"| {level} |", " | ".join(cells), "|")
    limits = [learnt for _, _, learnt in said]
    low, high = np.median([x.low for x in limits]), np.median([x.high for x in limits])
    print(f"\nLearnt limits, the middle of all: {low:.2f} and {high:.2f}.")


def main() -> None:
    """Print Markdown."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.captioned_confidence", description=__doc__
    )
    parser.add_argument("--source", type=Path, help="a manifest with path and caption")
    parser.add_argument("--model", default="demo", help="one that knows what is asked for")
    parser.add_argument(
        "--captioned", type=float, default=1.0, help="share of photos with captions"
    )
    parser.add_argument("--cache", type=Path, help="folder where drawings are kept")
    parser.add_argument("--sigmoid", action="store_true", help="projections by SigLIP's loss")
    parser.add_argument("--made-up", action="store_true", help="vectors that lie as CLIP's do")
    given = parser.parse_args()
    dice = random.Random("captions")
    model: Texts
    if given.made_up:
        model, libraries = MadeUp(), made_up()
    elif given.source:
        model = towers = load_model(given.model)
        vectors, captions = read_photos(towers, given.source)
        if given.sigmoid:
            model = heads = SigmoidHeads(towers, vectors[::2], captions[::2])
            vectors, captions = heads.photos(vectors[1::2]), captions[1::2]
        libraries = photos(vectors, captions)
    else:
        model = towers = load_model(given.model)
        on_top = sigmoid_drawings(towers, given.cache) if given.sigmoid else None
        model, libraries = on_top or towers, drawings(towers, given.cache, on_top)
    print_ways(
        [one for library in libraries for one in judged(library, model, given.captioned, dice)]
    )


if __name__ == "__main__":
    main()
