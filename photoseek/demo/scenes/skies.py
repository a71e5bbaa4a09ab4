"""Skies and weather, behind the scenery and before it."""

from __future__ import annotations

import math
import random

from PIL import Image

from photoseek.demo.colours import WHITE, Colour, mix
from photoseek.demo.pen import Pen
from photoseek.demo.scenes.moods import Mood
from photoseek.demo.scenes.stage import Stage

BOW: tuple[Colour, ...] = (
    (232, 84, 84),
    (246, 152, 70),
    (250, 218, 94),
    (112, 190, 110),
    (84, 150, 224),
    (148, 104, 200),
)


def sky_gradient(mood: Mood, width: int, height: int, horizon: int) -> Image.Image:
    """The sky as pixels; `horizon` is counted from the top edge."""
    rows = 128
    top, middle, low = mood.sky
    values = bytearray()
    for row in range(rows):
        share = min(1.0, (row + 0.5) / rows * height / max(1, horizon))
        fill = mix(top, middle, share * 2) if share < 0.5 else mix(middle, low, share * 2 - 1)
        values += bytes(fill)
    column = Image.frombytes("RGB", (1, rows), bytes(values))
    column = column.resize((1, height), Image.Resampling.BILINEAR)
    return column.resize((width, height), Image.Resampling.NEAREST)


def draw_sky(stage: Stage, name: str) -> None:
    """Draw what is in the sky of the mood called `name`."""
    {
        "day": _day,
        "sunrise": _sunrise,
        "sunset": _sunset,
        "night": _night,
        "rain": _rain,
        "fog": _fog,
        "rainbow": _rainbow,
    }[name](stage)


def draw_weather(stage: Stage, name: str) -> None:
    """Draw what lies between the scenery and the subject."""
    if name == "fog":
        _fog_banks(stage, 7, 120)
    if name == "rain":
        for x, y in stage.spots(4, 0.02, max(0.06, stage.ground - 0.01)):
            stage.pen.oval(x, y, stage.rng.uniform(0.06, 0.14), 0.012, (*stage.mood.sky[2], 130))


def draw_foreground(stage: Stage, time: str, place: str) -> None:
    """Draw what falls or drifts before the subject."""
    pen, rng = stage.pen, stage.rng
    if time == "rain":
        for x, y in stage.spots(90, -0.05, stage.height):
            length = rng.uniform(0.035, 0.075)
            pen.line([(x, y), (x - length * 0.28, y - length)], 0.0045, (226, 236, 246, 150))
    if time == "fog":
        _fog_banks(stage, 2, 70)
    if place == "snow":
        for x, y in stage.spots(70, 0.0, stage.height):
            pen.disc(x, y, rng.uniform(0.003, 0.008), (*WHITE, 225))


def _cloud(pen: Pen, x: float, y: float, size: float, fill: Colour, rng: random.Random) -> None:
    pen = pen.moved(x, y, size)
    pen.box(-0.5, -0.1, 0.5, 0.1, fill, 0.1)
    for dx, dy, radius in ((-0.24, 0.08, 0.17), (0.02, 0.15, 0.23), (0.26, 0.07, 0.15)):
        pen.disc(dx + rng.uniform(-0.03, 0.03), dy, radius, fill)


def _clouds(stage: Stage, count: int, low: float = 0.58, high: float = 0.92) -> None:
    rng = stage.rng
    for i in range(count):
        x = stage.width * (i + rng.uniform(0.1, 0.9)) / count
        y = stage.height * rng.uniform(low, high)
        fill = mix(stage.mood.cloud, stage.mood.sky[1], rng.uniform(0.05, 0.4))
        _cloud(stage.pen, x, y, rng.uniform(0.2, 0.36), fill, rng)


def _orb(stage: Stage, y: float, radius: float, glow: tuple[int, ...]) -> None:
    for i, opacity in enumerate(glow):
        stage.pen.disc(
            stage.orb_x, y, radius * (1.45 + 0.75 * (len(glow) - 1 - i)), (*stage.mood.orb, opacity)
        )
    stage.pen.disc(stage.orb_x, y, radius, stage.mood.orb)


def _day(stage: Stage) -> None:
    _orb(stage, stage.height * 0.84, 0.075, (34, 60))
    _clouds(stage, stage.rng.randint(2, 4))


def _sunrise(stage: Stage) -> None:
    y = stage.horizon + 0.06
    for i in range(12):
        angle = math.radians(8 + i * 15)
        far = [
            (stage.orb_x + 2.4 * math.cos(angle + d), y + 2.4 * math.sin(angle + d))
            for d in (-0.055, 0.055)
        ]
        stage.pen.poly([(stage.orb_x, y), *far], (255, 244, 214, 52))
    _orb(stage, y, 0.1, (50, 80))
    _clouds(stage, 2, 0.66, 0.9)
    _flock(stage)


def _sunset(stage: Stage) -> None:
    _orb(stage, stage.horizon + 0.05, 0.16, (34, 44, 60))
    rng = stage.rng
    for _ in range(7):
        x, y = rng.uniform(0, stage.width), stage.height * rng.uniform(0.62, 0.95)
        reach = rng.uniform(0.1, 0.28)
        fill = mix(stage.mood.cloud, stage.mood.sky[0], rng.uniform(0.0, 0.45))
        stage.pen.box(x - reach, y, x + reach, y + 0.022, fill, 0.011)
        stage.pen.box(x - reach * 0.5, y + 0.018, x + reach * 0.7, y + 0.04, fill, 0.011)
    _flock(stage)


def _night(stage: Stage) -> None:
    pen, rng = stage.pen, stage.rng
    for x, y in stage.spots(90, stage.horizon, stage.height):
        pen.disc(x, y, rng.choice((0.0022, 0.003, 0.004)), (255, 250, 226))
    for x, y in stage.spots(7, stage.horizon + 0.1, stage.height):
        arm = rng.uniform(0.012, 0.02)
        pen.poly(
            [(x, y + arm), (x + arm * 0.2, y), (x, y - arm), (x - arm * 0.2, y)], (255, 248, 214)
        )
        pen.poly(
            [(x + arm, y), (x, y + arm * 0.2), (x - arm, y), (x, y - arm * 0.2)], (255, 248, 214)
        )
    y = stage.height * 0.84
    _orb(stage, y, 0.085, (18, 30))
    pen.disc(stage.orb_x + 0.038, y + 0.018, 0.07, mix(stage.mood.sky[0], stage.mood.sky[1], 0.5))


def _rain(stage: Stage) -> None:
    rng = stage.rng
    for i in range(6):
        x = stage.width * (i + rng.uniform(0.1, 0.9)) / 6
        fill = mix(stage.mood.cloud, stage.mood.sky[0], rng.uniform(0.0, 0.7))
        _cloud(
            stage.pen, x, stage.height * rng.uniform(0.86, 0.98), rng.uniform(0.4, 0.6), fill, rng
        )


def _fog(stage: Stage) -> None:
    _orb(stage, stage.height * 0.82, 0.07, (40, 60))


def _rainbow(stage: Stage) -> None:
    _clouds(stage, 3, 0.7, 0.94)
    radius = min(stage.width * 0.56, stage.height - stage.horizon + 0.02)
    x, y = stage.width / 2 + stage.rng.uniform(-0.08, 0.08), stage.horizon - 0.06
    for i, fill in enumerate(BOW):
        stage.pen.ring(x, y, radius - i * 0.024, 0.025, fill)
    for side in (-1, 1):
        foot = x + side * (radius - 0.07)
        _cloud(stage.pen, foot, y + 0.09, 0.32, stage.mood.cloud, stage.rng)


def _flock(stage: Stage) -> None:
    pen, rng = stage.pen, stage.rng
    x, y = stage.width * rng.uniform(0.15, 0.85), stage.height * rng.uniform(0.76, 0.9)
    fill = mix(stage.mood.sky[0], (40, 30, 60), 0.5)
    for _ in range(4):
        dx, dy = rng.uniform(-0.12, 0.12), rng.uniform(-0.04, 0.04)
        bird = pen.moved(x + dx, y + dy, rng.uniform(0.024, 0.036))
        bird.curve([(-1, 0.35), (-0.5, 0.4), (0, 0), (0.5, 0.4), (1, 0.35)], 0.13, fill)


def _fog_banks(stage: Stage, count: int, opacity: int) -> None:
    rng = stage.rng
    for i in range(count):
        x = rng.uniform(0, stage.width)
        y = stage.horizon * (1.35 - 1.3 * i / count) + rng.uniform(-0.03, 0.03)
        reach, thick = rng.uniform(0.6, 1.1), rng.uniform(0.045, 0.075)
        for part in (1.0, 0.6):
            low, high = y - thick * part, y + thick * part
            fill = (242, 244, 246, opacity // 2)
            stage.pen.box(x - reach * part, low, x + reach * part, high, fill, thick * part)
