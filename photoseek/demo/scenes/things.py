"""Subjects to use."""

from __future__ import annotations

import random

from photoseek.demo.colours import CREAM, INK, METAL, STEEL, WOOD, Paint, mix
from photoseek.demo.pen import Pen
from photoseek.demo.scenes.subject import Subject


def umbrella(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A parasol in two shades."""
    pen.line([(0.0, 0.0), (0.0, 0.98)], 0.034, WOOD)
    pen.dome(0.0, 0.58, 0.52, 0.38, paint.base)
    pen.dome(0.0, 0.58, 0.34, 0.38, paint.trim)
    pen.dome(0.0, 0.58, 0.16, 0.38, paint.base)
    for i in range(6):
        x = -0.433 + i * 0.1733
        pen.pie(
            x,
            0.585,
            0.0867,
            180,
            360,
            (paint.dark, paint.base, paint.trim, paint.trim, paint.base, paint.dark)[i],
        )
    pen.disc(0.0, 0.975, 0.03, paint.deep)


def deck_chair(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A folding chair with striped cloth."""
    pen.line([(-0.42, 0.0), (0.34, 0.44)], 0.05, mix(WOOD, INK, 0.25))
    top, seat, front = (-0.44, 0.86), (-0.02, 0.22), (0.4, 0.4)
    for drop, fill in ((0.0, paint.base), (0.055, paint.dark)):
        pen.curve(
            [(top[0], top[1] - drop), (-0.24, 0.46 - drop), seat, (0.2, 0.24 - drop), front],
            0.17 - drop,
            fill,
        )
    pen.curve([(-0.43, 0.86), (-0.23, 0.47), (-0.01, 0.235), (0.2, 0.25), front], 0.03, paint.trim)
    pen.line([(-0.48, 0.9), (0.3, 0.0)], 0.05, WOOD)
    pen.line([(0.44, 0.42), (0.1, 0.24)], 0.045, WOOD)
    pen.disc(-0.06, 0.42, 0.028, METAL)


def bench(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A park bench with three slats in its back."""
    for x in (-0.42, 0.42):
        pen.line([(x, 0.0), (x, 0.6)], 0.05, STEEL)
        pen.line([(x, 0.44), (x * 1.12, 0.44)], 0.045, STEEL)
        pen.line([(x * 1.12, 0.44), (x * 1.12, 0.0)], 0.045, STEEL)
    for y in (0.36, 0.46, 0.56):
        pen.box(-0.52, y, 0.52, y + 0.075, paint.base, 0.02)
        pen.box(-0.52, y, 0.52, y + 0.02, paint.dark, 0.01)
    pen.box(-0.56, 0.22, 0.56, 0.3, paint.light, 0.025)
    pen.box(-0.56, 0.2, 0.56, 0.245, paint.dark, 0.02)


def guitar(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A guitar that leans on a stand."""
    pen.line([(-0.2, 0.0), (0.04, 0.3)], 0.03, INK)
    pen.line([(0.24, 0.0), (0.0, 0.3)], 0.03, INK)
    pen.box(-0.04, 0.5, 0.04, 0.92, WOOD, 0.01)
    pen.poly([(-0.065, 0.88), (-0.085, 1.04), (0.085, 1.04), (0.065, 0.88)], paint.deep)
    for y in (0.92, 0.97, 1.01):
        for x in (-0.1, 0.1):
            pen.disc(x, y, 0.017, METAL)
    for grow, fill in ((0.02, paint.deep), (0.0, paint.base)):
        pen.blob(
            [
                (0.0, 0.62 + grow),
                (0.14 + grow, 0.58 + grow),
                (0.17 + grow, 0.47),
                (0.14 + grow, 0.39),
                (0.24 + grow, 0.26),
                (0.2 + grow, 0.1),
                (0.0, 0.05 - grow),
                (-0.2 - grow, 0.1),
                (-0.24 - grow, 0.26),
                (-0.14 - grow, 0.39),
                (-0.17 - grow, 0.47),
                (-0.14 - grow, 0.58 + grow),
            ],
            fill,
        )
    pen.blob([(-0.16, 0.3), (-0.2, 0.22), (-0.15, 0.12), (-0.06, 0.09), (-0.12, 0.18)], paint.light)
    pen.disc(0.0, 0.38, 0.085, paint.trim)
    pen.disc(0.0, 0.38, 0.062, INK)
    pen.box(-0.1, 0.15, 0.1, 0.19, WOOD, 0.01)
    for x in (-0.018, 0.0, 0.018):
        pen.line([(x, 0.17), (x, 0.96)], 0.005, CREAM)


def teapot(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A round teapot with steam."""
    for x in (-0.08, 0.08):
        pen.curve(
            [(x, 0.82), (x + 0.04, 0.88), (x - 0.03, 0.94), (x + 0.02, 1.02)],
            0.024,
            (255, 255, 255, 150),
        )
    pen.ring(-0.37, 0.36, 0.19, 0.06, paint.dark)
    pen.blob(
        [
            (0.24, 0.2),
            (0.36, 0.34),
            (0.42, 0.52),
            (0.54, 0.6),
            (0.5, 0.66),
            (0.34, 0.58),
            (0.24, 0.46),
        ],
        paint.dark,
    )
    pen.box(-0.2, 0.0, 0.2, 0.08, paint.deep, 0.02)
    pen.oval(0.0, 0.34, 0.36, 0.3, paint.base)
    pen.oval(-0.14, 0.44, 0.1, 0.09, paint.light)
    for i in range(5):
        pen.disc(-0.24 + i * 0.12, 0.26, 0.032, paint.trim)
    pen.oval(0.0, 0.62, 0.2, 0.035, paint.deep)
    pen.dome(0.0, 0.63, 0.18, 0.09, paint.base)
    pen.disc(0.0, 0.745, 0.042, paint.trim)


def backpack(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A hiker's rucksack with a rolled mat."""
    pen.ring(0.0, 0.88, 0.1, 0.035, paint.deep)
    for x in (-0.3, 0.3):
        pen.box(x - 0.12, 0.1, x + 0.12, 0.42, paint.dark, 0.06)
    pen.box(-0.3, 0.04, 0.3, 0.88, paint.base, 0.16)
    pen.box(-0.22, 0.12, 0.22, 0.42, paint.dark, 0.06)
    pen.box(-0.22, 0.36, 0.22, 0.45, paint.light, 0.03)
    pen.box(-0.3, 0.6, 0.3, 0.72, paint.dark, 0.03)
    for x in (-0.15, 0.15):
        pen.box(x - 0.025, 0.42, x + 0.025, 0.8, WOOD, 0.01)
        pen.box(x - 0.04, 0.5, x + 0.04, 0.57, CREAM, 0.01)
    pen.box(-0.36, 0.0, 0.36, 0.1, paint.trim, 0.05)
    for x in (-0.2, 0.2):
        pen.box(x - 0.02, 0.0, x + 0.02, 0.1, WOOD)
    pen.line([(-0.06, 0.3), (0.06, 0.3)], 0.025, paint.trim)


THINGS: dict[str, Subject] = {
    "umbrella": Subject(("umbrella", "parasol"), umbrella, 1.06, 1.0),
    "deck chair": Subject(("deck chair", "lounger"), deck_chair, 1.0, 0.94),
    "bench": Subject(("bench", "park bench"), bench, 1.14, 0.66),
    "guitar": Subject(("guitar", "acoustic guitar"), guitar, 0.56, 1.05),
    "teapot": Subject(("teapot", "kettle"), teapot, 1.12, 1.02),
    "backpack": Subject(("backpack", "rucksack"), backpack, 0.84, 0.98),
}
