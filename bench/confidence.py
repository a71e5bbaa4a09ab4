"""Is confidence high where the library has what was asked for, and low where it has not?

`python -m bench.confidence --photos FOLDER`: two minutes. A third of the demo's subjects is left
out of every library, and each library is asked for all subjects, for places and times, for things
that no drawing shows, and with pictures. `--model local-dir:FOLDER` asks another model, such as one
of `python -m training.texts --loss sigmoid`; with `--cache` drawings are drawn once for several.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from photoseek.demo.colours import COLOURS
from photoseek.demo.library import LIBRARY_SEED, jpeg_of
from photoseek.demo.scene import Scene, scene_of
from photoseek.demo.scenes.moods import MOODS
from photoseek.demo.scenes.places import PLACES
from photoseek.demo.scenes.subjects import SUBJECTS
from photoseek.files.atomic import replacing
from photoseek.model import ClipModel, load_model
from photoseek.photos import ImageLimits, decode
from photoseek.records import Confidence, Pixels, Vector
from photoseek.search.confidence import Background
from photoseek.search.meaningless import MEANINGLESS, WithoutMeaning, without_meaning
from photoseek.search.vectors import mix
from training.measure import HELD_OUT_SEED

ABSENT = set(list(SUBJECTS)[::3])
COLOURED = "colour and subject"
SIZES = (60, 600, 5_000)
THIRD = "600, a third matches"
SAMPLE = 1_000
NONSENSE = (
    *("xqzt vlorp", "asdf qwer", "lorem ipsum dolor", "zzzz", "12345", "?!", "blorf snarg wibble"),
    *("quarterly tax return", "stock market chart", "spaghetti carbonara", "chess board"),
    *("business meeting with laptops", "surgeon in an operating theatre", "a plate of sushi"),
    *("nuclear submarine reactor", "football stadium crowd", "microscope image of bacteria"),
)

Shows = Callable[[Scene], bool]


@dataclass(frozen=True)
class Question:
    """A query with what would answer it; `without` is the same of texts that mean nothing."""

    kind: str
    vector: Vector
    answered_by: Shows
    pictures: float = 0.0
    without: WithoutMeaning | None = None


@dataclass(frozen=True)
class Answer:
    """How a question was judged; `right` says whether the library has an answer.

    `deviations` is what to try first: the best score's distance from the mean of this question's
    scores, in their own standard deviations.
    """

    kind: str
    library: str
    right: bool
    above: float
    deviations: float
    score: float
    confidence: Confidence
    picture: bool


def subjects_of(scene: Scene) -> set[str]:
    return {figure.subject for figure in scene.figures}


def shows(subject: str) -> Shows:
    return lambda scene: subject in subjects_of(scene)


def nothing(_: Scene) -> bool:
    return False


def unit(vector: NDArray[np.float32]) -> Vector:
    shortened: Vector = vector / np.linalg.norm(vector)
    return shortened


def pixels_of(model: ClipModel, files: Iterable[bytes]) -> Iterator[Pixels]:
    for file in files:
        yield decode(file, model.input_shape, ImageLimits(), thumbnail=False).pixels


def drawn(model: ClipModel, scenes: list[Scene], cache: Path | None) -> Iterable[Pixels]:
    """Drawings as the model wants them, which are kept where there is a cache."""
    if cache is None:
        return pixels_of(model, (jpeg_of(scene, 384) for scene in scenes))
    kept = cache / f"{len(scenes)}-{crc32(repr((scenes, model.input_shape)).encode()):08x}.npy"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        pixels = np.stack(list(pixels_of(model, (jpeg_of(scene, 384) for scene in scenes))))
        with replacing(kept, part=kept.with_suffix(".part.npy")) as part:
            np.save(part, pixels)
    pixels = np.load(kept)
    return (each for each in pixels)


def vectors_of(model: ClipModel, pictures: Iterable[Pixels]) -> NDArray[np.float32]:
    vectors = []
    pictures = iter(pictures)
    while batch := list(islice(pictures, 64)):
        vectors.append(model.encode_images(batch))
    return np.concatenate(vectors)


def texts(model: ClipModel) -> Iterator[Question]:
    random_ = random.Random("texts")
    meaningless = model.encode_texts(MEANINGLESS)

    def vector(text: str) -> Vector:
        encoded: Vector = model.encode_texts([text])[0]
        return encoded

    def asked(kind: str, text: str, answered_by: Shows, unwanted: str = "") -> Question:
        vectors = [vector(text), *([vector(unwanted)] if unwanted else [])]
        weights = [1.0, -0.5][: len(vectors)]
        without = without_meaning(meaningless, vectors, weights)
        return Question(kind, mix(vectors, weights), answered_by, without=without)

    for subject in SUBJECTS:
        words = SUBJECTS[subject].words[:2]
        for text in (*words, f"a photo of a {subject}"):
            yield asked("subject", text, shows(subject))
        mood = random_.choice(list(MOODS))
        yield asked("subject - time", subject, shows(subject), unwanted=MOODS[mood].words[0])
        colour = random_.choice(list(COLOURS))
        yield asked(COLOURED, f"{colour} {subject}", shows(subject))
    for place in PLACES:
        yield asked(
            "place or time",
            PLACES[place].words[0],
            lambda scene, place=place: scene.place == place,  # type: ignore[misc]
        )
    for time in MOODS:
        yield asked(
            "place or time",
            MOODS[time].words[0],
            lambda scene, time=time: scene.time == time,  # type: ignore[misc]
        )
    for text in NONSENSE:
        yield asked("nonsense or foreign", text, nothing)


def pictures(model: ClipModel, folder: Path | None, cache: Path | None) -> Iterator[Question]:
    seeds = range(HELD_OUT_SEED, HELD_OUT_SEED + 200)
    scenes = [scene for scene in map(scene_of, seeds) if len(scene.figures) == 1]
    vectors = vectors_of(model, drawn(model, scenes, cache))
    for scene, vector in zip(scenes, vectors, strict=True):
        subject = scene.figures[0].subject
        yield Question("drawing", vector, shows(subject), pictures=1)
        text = model.encode_texts([subject])[0]
        yield Question("drawing + its subject", unit(vector + text), shows(subject), pictures=0.5)
    paths = sorted(folder.rglob("*.jpg"))[::5] if folder else []
    if paths:
        for vector in vectors_of(model, pixels_of(model, (path.read_bytes() for path in paths))):
            yield Question("real photo", vector, nothing, pictures=1)


def asked(
    library: str, questions: Iterable[Question], scenes: list[Scene], vectors: NDArray[np.float32]
) -> Iterator[Answer]:
    even = np.linspace(0, len(vectors) - 1, min(SAMPLE, len(vectors))).astype(int)
    sample = vectors[even]
    background = Background(sample)
    for question in questions:
        best = float((vectors @ question.vector).max())
        chance = background.chance(
            question.vector,
            len(vectors),
            pictures=question.pictures,
            without_meaning=question.without,
        )
        above, confidence = chance.above(best), chance.confidence(best)
        assert above is not None
        right = any(map(question.answered_by, scenes))
        scores = sample @ question.vector
        deviations = float((best - scores.mean()) / scores.std())
        measures = (above, deviations, best)
        yield Answer(question.kind, library, right, *measures, confidence, question.pictures > 0)


def everything(model: ClipModel, folder: Path | None, cache: Path | None) -> Iterator[Answer]:
    scenes = (scene for scene in map(scene_of, count(LIBRARY_SEED)))
    kept = list(islice((s for s in scenes if not subjects_of(s) & ABSENT), max(SIZES)))
    vectors = vectors_of(model, drawn(model, kept, cache))
    words, shown = list(texts(model)), list(pictures(model, folder, cache))
    for size in SIZES:
        for start in range(0, 240 if size == 60 else size, size):
            part = slice(start, start + size)
            yield from asked(f"{size:,}", words + shown, kept[part], vectors[part])
    for question in words:
        matching = np.array([question.answered_by(scene) for scene in kept])
        yes, no = np.flatnonzero(matching)[:200], np.flatnonzero(~matching)
        if len(yes) >= 100:
            third = np.concatenate([yes, no[: 2 * len(yes)]])
            some = [kept[i] for i in third]
            yield from asked(THIRD, [question], some, vectors[third])
            if question.kind == "place or time":
                some = [kept[i] for i in no[:600]]
                yield from asked("600", [question], some, vectors[no[:600]])


def roc_auc(answers: list[Answer], value: Callable[[Answer], float]) -> float:
    """How often a question with an answer has more of a value than one without."""
    right = np.array([value(answer) for answer in answers if answer.right])
    wrong = np.array([value(answer) for answer in answers if not answer.right])
    above, equal = right[:, None] > wrong, right[:, None] == wrong
    return float(above.mean() + equal.mean() / 2)


def print_confidences(answers: list[Answer]) -> None:
    """Percent of high, medium and low for each kind of question and each library."""
    libraries = [*(f"{size:,}" for size in SIZES), THIRD]
    print("| asked for | is there |", " | ".join(libraries), "|")
    print("| --- | --- |", " | ".join("---:" for _ in libraries), "|")
    kinds = dict.fromkeys((answer.kind, answer.right) for answer in answers)
    for kind, right in kinds:
        cells = []
        for library in libraries:
            place = (kind, library, right)
            found = Counter(
                answer.confidence
                for answer in answers
                if (answer.kind, answer.library, answer.right) == place
            )
            levels = (found["high"], found["medium"], found["low"])
            cells.append(" / ".join(f"{100 * n / found.total():.0f}" for n in levels if found))
        print(f"| {kind} | {'yes' if right else 'no'} |", " | ".join(cells), "|")


def main() -> None:
    """Print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.confidence", description=__doc__)
    parser.add_argument("--photos", type=Path, help="folder of JPEGs that are no drawings")
    parser.add_argument("--model", default="demo", help="one that knows the demo's drawings")
    parser.add_argument("--cache", type=Path, help="folder where drawings are kept")
    given = parser.parse_args()
    answers = list(everything(load_model(given.model), given.photos, given.cache))
    print_confidences(answers)
    print("\n| questions | spreads above chance | own deviations | flat cut-off |")
    print("| --- | ---: | ---: | ---: |")
    for what, some in {
        "texts": [answer for answer in answers if not answer.picture],
        "texts without a colour": [a for a in answers if not a.picture and a.kind != COLOURED],
        "with pictures": [answer for answer in answers if answer.picture],
        "all": answers,
    }.items():
        ours, own = roc_auc(some, lambda a: a.above), roc_auc(some, lambda a: a.deviations)
        flat = roc_auc(some, lambda a: a.score)
        print(f"| {what} | {ours:.3f} | {own:.3f} | {flat:.3f} |")


if __name__ == "__main__":
    main()
