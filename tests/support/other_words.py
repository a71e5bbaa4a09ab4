"""The demo's drawings under words that its model has never read: something to be tuned on."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from photoseek.demo.captions import caption_of
from photoseek.demo.library import jpeg_of
from photoseek.demo.scene import Scene, scene_of
from photoseek.demo.scenes.subjects import SUBJECTS

FIRST_SEED = 800_000
_SYLLABLES = ("ka", "lo", "mi", "nu", "ra", "se", "ti", "vo", "wu", "ze")


def other_word(subject: str) -> str:
    """A word that is in no language, one for each subject."""
    number = list(SUBJECTS).index(subject)
    return "".join(_SYLLABLES[digit] for digit in (number // 10, number % 10, number % 7))


def other_caption(scene: Scene) -> str:
    """What a drawing shows in other words."""
    return " und ".join(other_word(figure.subject) for figure in scene.figures)


def write_photos(folder: Path, count: int, caption: Callable[[Scene], str] = other_caption) -> Path:
    """Drawings of a few kinds of subjects, with their manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = list(SUBJECTS)[:6]
    rows: list[tuple[str, str, str]] = []
    seed = FIRST_SEED
    while len(rows) < count:
        scene, seed = scene_of(seed), seed + 1
        if len(scene.figures) == 1 and scene.figures[0].subject in kinds:
            (folder / f"{scene.seed}.jpg").write_bytes(jpeg_of(scene, 96))
            rows.append((f"{scene.seed}.jpg", caption(scene), "CC0-1.0"))
    with (folder / "photos.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("path", "caption", "licence"), *rows])
    return folder / "photos.csv"


def plain_caption(scene: Scene) -> str:
    """The caption that the demo's model was trained on."""
    return caption_of(scene)
