"""Subjects to live in."""

from __future__ import annotations

import math
import random

from photoseek.demo.colours import CREAM, GLASS, GLOW, INK, METAL, STONE, WHITE, WOOD, Paint, mix
from photoseek.demo.pen import Pen
from photoseek.demo.scenes.subject import Subject


def _window(pen: Pen, x: float, y: float, width: float, height: float) -> None:
    pen.box(x - width / 2, y, x + width / 2, y + height, CREAM, 0.01)
    pane = GLOW if pen.lit else GLASS
    edge = width * 0.13
    pen.box(x - width / 2 + edge, y + edge, x + width / 2 - edge, y + height - edge, pane)
    pen.line([(x, y + edge), (x, y + height - edge)], 0.012, CREAM)
    pen.line([(x - width / 2, y + height / 2), (x + width / 2, y + height / 2)], 0.012, CREAM)


def house(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A cottage with a chimney and a round window."""
    pen.box(0.2, 0.66, 0.31, 0.98, mix(paint.deep, WOOD, 0.5))
    pen.box(0.18, 0.95, 0.33, 1.0, paint.deep, 0.01)
    pen.box(-0.4, 0.0, 0.4, 0.54, paint.base)
    pen.poly([(-0.4, 0.54), (0.0, 0.94), (0.4, 0.54)], paint.base)
    pen.box(-0.4, 0.0, 0.4, 0.07, paint.dark)
    pen.line([(-0.5, 0.48), (0.0, 0.95), (0.5, 0.48)], 0.085, paint.deep)
    pen.disc(0.0, 0.66, 0.085, CREAM)
    pen.disc(0.0, 0.66, 0.06, GLOW if pen.lit else GLASS)
    pen.box(-0.1, 0.0, 0.1, 0.36, CREAM, 0.015)
    pen.box(-0.08, 0.0, 0.08, 0.34, WOOD, 0.01)
    pen.disc(0.045, 0.17, 0.014, GLOW)
    for x in (-0.255, 0.255):
        _window(pen, x, 0.19, 0.18, 0.22)
        pen.box(x - 0.1, 0.15, x + 0.1, 0.185, paint.trim, 0.01)


def lighthouse(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A banded lighthouse on a rock."""
    pen.blob(
        [(-0.32, 0.0), (-0.26, 0.08), (-0.1, 0.12), (0.14, 0.1), (0.3, 0.05), (0.34, 0.0)], STONE
    )
    if pen.lit:
        for side in (-1, 1):
            pen.poly([(0.0, 0.83), (side * 0.75, 0.95), (side * 0.75, 0.74)], (*GLOW, 90))

    def half(y: float) -> float:
        return 0.17 - 0.09 * y

    bands = 5
    other = WHITE if paint.base[2] < 230 else (206, 210, 220)
    for i in range(bands):
        low, high = 0.06 + i * 0.13, 0.06 + (i + 1) * 0.13
        fill = paint.base if i % 2 == 0 else other
        pen.poly(
            [(-half(low), low), (-half(high), high), (half(high), high), (half(low), low)], fill
        )
    pen.poly([(0.08, 0.06), (0.05, 0.71), (half(0.71), 0.71), (half(0.06), 0.06)], (20, 20, 50, 36))
    pen.box(-0.165, 0.7, 0.165, 0.745, paint.deep, 0.01)
    pen.box(-0.085, 0.745, 0.085, 0.885, GLOW if pen.lit else (255, 240, 190))
    for x in (-0.085, 0.0, 0.085):
        pen.line([(x, 0.745), (x, 0.885)], 0.014, INK)
    pen.dome(0.0, 0.88, 0.12, 0.1, paint.base)
    pen.line([(0.0, 0.97), (0.0, 1.02)], 0.018, INK)
    pen.box(-0.045, 0.06, 0.045, 0.17, INK, 0.04)


def windmill(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A tower mill with four sails."""
    pen.poly([(-0.24, 0.0), (-0.14, 0.58), (0.14, 0.58), (0.24, 0.0)], paint.base)
    pen.poly([(0.06, 0.0), (0.04, 0.58), (0.14, 0.58), (0.24, 0.0)], paint.dark)
    pen.dome(0.0, 0.57, 0.165, 0.17, paint.deep)
    pen.box(-0.26, 0.22, 0.26, 0.25, WOOD, 0.01)
    _window(pen, -0.02, 0.33, 0.11, 0.14)
    pen.box(-0.07, 0.0, 0.06, 0.17, WOOD, 0.02)
    turn = rng.uniform(15, 75)
    hub = (0.0, 0.64)
    for i in range(4):
        angle = math.radians(turn + 90 * i)
        cos, sin = math.cos(angle), math.sin(angle)

        def spot(
            along: float, across: float, cos: float = cos, sin: float = sin
        ) -> tuple[float, float]:
            return (hub[0] + along * cos - across * sin, hub[1] + along * sin + across * cos)

        pen.poly([spot(0.1, 0.01), spot(0.1, 0.11), spot(0.44, 0.11), spot(0.44, 0.01)], paint.trim)
        for along in (0.18, 0.27, 0.36):
            pen.line([spot(along, 0.01), spot(along, 0.11)], 0.01, paint.dark)
        pen.line([hub, spot(0.46, 0.0)], 0.024, WOOD)
    pen.disc(*hub, 0.045, paint.deep)


def tent(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A ridge tent with an open flap."""
    for x in (-0.55, 0.55):
        pen.line([(0.0, 0.66), (x, 0.01)], 0.012, CREAM)
    pen.poly([(-0.5, 0.0), (-0.02, 0.7), (0.04, 0.7), (0.5, 0.0)], paint.base)
    pen.poly([(0.0, 0.7), (0.04, 0.7), (0.5, 0.0), (0.28, 0.0)], paint.dark)
    pen.poly([(-0.2, 0.0), (0.0, 0.56), (0.2, 0.0)], GLOW if pen.lit else (64, 50, 62))
    pen.poly([(-0.2, 0.0), (0.0, 0.56), (-0.07, 0.0)], paint.deep)
    pen.poly([(0.2, 0.0), (0.0, 0.56), (0.13, 0.0)], paint.deep)
    pen.line([(-0.4, 0.15), (-0.17, 0.15)], 0.025, paint.light)
    pen.line([(0.0, 0.68), (0.0, 0.82)], 0.016, WOOD)
    pen.poly([(0.0, 0.83), (0.0, 0.73), (0.15, 0.78)], paint.base)


def castle(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A castle with two towers and flags."""
    for x, low, high in ((-0.36, 0.0, 0.62), (0.36, 0.0, 0.62), (0.0, 0.3, 0.74)):
        wide = 0.13 if x else 0.15
        pen.box(x - wide, low, x + wide, high, paint.base if x else paint.dark)
        for i in range(3):
            left = x - wide + i * wide * 0.8
            pen.box(
                left, high - 0.01, left + wide * 0.4, high + 0.06, paint.base if x else paint.dark
            )
        pen.poly(
            [(x - wide * 0.8, high + 0.02), (x, high + 0.25), (x + wide * 0.8, high + 0.02)],
            paint.deep,
        )
        pen.line([(x, high + 0.22), (x, high + 0.34)], 0.012, INK)
        pen.poly([(x, high + 0.34), (x, high + 0.26), (x + 0.1, high + 0.3)], paint.base)
        pen.box(x - 0.035, high - 0.2, x + 0.035, high - 0.07, GLOW if pen.lit else INK, 0.035)
    pen.box(-0.25, 0.0, 0.25, 0.42, paint.light)
    for i in range(4):
        pen.box(-0.25 + i * 0.14, 0.41, -0.17 + i * 0.14, 0.47, paint.light)
    pen.box(-0.1, 0.0, 0.1, 0.18, INK)
    pen.dome(0.0, 0.175, 0.1, 0.1, INK)
    for x in (-0.05, 0.0, 0.05):
        pen.line([(x, 0.0), (x, 0.24)], 0.012, METAL)
    for x, y in (
        (-0.4, 0.15),
        (-0.31, 0.28),
        (0.32, 0.12),
        (0.41, 0.25),
        (-0.18, 0.32),
        (0.16, 0.34),
    ):
        pen.box(x - 0.03, y, x + 0.03, y + 0.03, paint.dark, 0.01)


BUILDINGS: dict[str, Subject] = {
    "house": Subject(("house", "home", "cottage"), house, 1.04, 1.0),
    "lighthouse": Subject(
        ("lighthouse", "beacon"),
        lighthouse,
        0.68,
        1.02,
        "ground",
        ("beach", "harbour", "lake", "snow", "mountains", "field"),
    ),
    "windmill": Subject(("windmill", "mill"), windmill, 0.9, 1.1),
    "tent": Subject(("tent", "camping tent"), tent, 1.1, 0.83),
    "castle": Subject(("castle", "fortress"), castle, 0.98, 1.08),
}
