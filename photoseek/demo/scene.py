"""One drawing: what it shows, chosen by a seed, and its pixels."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image

from photoseek.demo.colours import COLOURS, Colour, mix, paint_of, scale
from photoseek.demo.pen import Pen, easel_of
from photoseek.demo.scenes.moods import MOODS, Mood
from photoseek.demo.scenes.places import PLACES
from photoseek.demo.scenes.skies import draw_foreground, draw_sky, draw_weather, sky_gradient
from photoseek.demo.scenes.stage import Stage
from photoseek.demo.scenes.subject import COAST, Subject
from photoseek.demo.scenes.subjects import SUBJECTS

SHAPES: tuple[tuple[int, int], ...] = (
    (3, 2),
    (3, 2),
    (4, 3),
    (16, 9),
    (1, 1),
    (4, 5),
    (2, 3),
    (3, 4),
)
PAIR_SHARE = 0.2


@dataclass(frozen=True)
class Figure:
    """A subject in a colour; both are keys of `SUBJECTS` and `COLOURS`."""

    subject: str
    colour: str


@dataclass(frozen=True)
class Scene:
    """What a drawing shows. `figures` holds one or two; `shape` is width to height."""

    seed: int
    figures: tuple[Figure, ...]
    place: str
    time: str
    shape: tuple[int, int]

    @property
    def attributes(self) -> tuple[tuple[Figure, ...], str, str]:
        """Everything that a caption can tell; equal for drawings that show the same."""
        return (
            tuple(sorted(self.figures, key=lambda f: (f.subject, f.colour))),
            self.place,
            self.time,
        )


def scene_of(seed: int) -> Scene:
    """Choose a scene. The same seed gives the same scene, drawn to the same pixels."""
    rng = random.Random(f"scene-{seed}")
    names = [rng.choice(list(SUBJECTS))]
    if rng.random() < PAIR_SHARE:
        names.append(rng.choice([name for name in SUBJECTS if name != names[0]]))
    allowed = set(PLACES)
    for name in names:
        allowed &= set(SUBJECTS[name].places) or set(PLACES)
    colours = rng.sample(list(COLOURS), len(names))
    figures = tuple(Figure(*pair) for pair in zip(names, colours, strict=True))
    place = rng.choice([name for name in PLACES if name in allowed])
    return Scene(seed, figures, place, rng.choice(list(MOODS)), rng.choice(SHAPES))


def draw_scene(scene: Scene, longest: int = 960) -> Image.Image:
    """Draw a scene as RGB pixels whose longer side has `longest` pixels.

    Drawn twice as large and reduced, which smooths every edge.
    """
    across, up = scene.shape
    zoom = 2 * longest / max(across, up)
    width, height = round(across * zoom / 2) * 2, round(up * zoom / 2) * 2
    mood = MOODS[scene.time]
    rng = random.Random(f"drawing-{scene.seed}")
    unit = min(width, height)
    horizon = height * rng.uniform(0.38, 0.45)
    image = sky_gradient(mood, width, height, round(height - horizon))
    pen = Pen(easel_of(image), (0, height), unit, lambda colour: colour, lit=mood.lit)
    centres = _centres(scene, rng)
    stage = _stage(scene, pen, mood, rng, (width / unit, height / unit), horizon / unit, centres)
    draw_sky(stage, scene.time)
    PLACES[scene.place].draw(stage)
    draw_weather(stage, scene.time)
    order = sorted(
        range(len(centres)), key=lambda i: SUBJECTS[scene.figures[i].subject].home == "ground"
    )
    for i in order:
        _place_figure(stage, scene.figures[i], centres[i], alone=len(centres) == 1)
    draw_foreground(stage, scene.time, scene.place)
    return image.reduce(2)


def _centres(scene: Scene, rng: random.Random) -> list[float]:
    if len(scene.figures) == 1:
        return [rng.uniform(0.38, 0.62)]
    return [rng.uniform(0.26, 0.29), rng.uniform(0.71, 0.74)]


def _stage(
    scene: Scene,
    pen: Pen,
    mood: Mood,
    rng: random.Random,
    size: tuple[float, float],
    horizon: float,
    centres: list[float],
) -> Stage:
    width, height = size
    boats = any(SUBJECTS[figure.subject].home == "water" for figure in scene.figures)
    ground = height * (0.09 if boats else rng.uniform(0.12, 0.16))
    shore = height * (0.15 if boats else 0.25) if scene.place in COAST else horizon
    water = shore + height * (0.04 if len(centres) == 1 else 0.07)
    if len(centres) == 2:
        orb = 0.5 + rng.uniform(-0.04, 0.04)
    else:
        orb = rng.uniform(0.78, 0.88) if centres[0] < 0.5 else rng.uniform(0.12, 0.22)
    return Stage(pen, mood, rng, width, height, ground, shore, water, horizon, orb * width)


def _place_figure(stage: Stage, figure: Figure, centre: float, *, alone: bool) -> None:
    subject, rng = SUBJECTS[figure.subject], stage.rng
    share = 0.7 if alone else 0.42
    size = min(
        rng.uniform(0.58, 0.68) / (subject.width * subject.height) ** 0.5,
        share * stage.width / subject.width,
        0.66 * stage.height / subject.height,
    )
    x, y = centre * stage.width, _foot(stage, subject, size)
    mirror = rng.random() < 0.5
    pen = stage.pen
    if subject.home == "ground":
        half = subject.width * size * 0.52
        pen.oval(x, y, half, 0.03, (16, 18, 48, 48))
        pen.oval(x, y, half * 0.82, 0.02, (16, 18, 48, 60))

    def tone(colour: Colour) -> Colour:
        return mix(scale(colour, stage.mood.subject), stage.mood.haze, 0.1 * stage.mood.thickness)

    own = Pen(pen.easel, pen.at(x, y), size * pen.size, tone, lit=stage.mood.lit, mirror=mirror)
    subject.draw(own, paint_of(figure.colour), rng)


def _foot(stage: Stage, subject: Subject, size: float) -> float:
    if subject.home == "water":
        return stage.water
    if subject.home == "ground":
        return stage.ground
    top = stage.height * stage.rng.uniform(0.9, 0.95)
    return max(stage.height * 0.16, top - subject.height * size)
