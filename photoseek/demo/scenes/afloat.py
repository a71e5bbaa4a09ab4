"""Subjects on the water and in the air."""

from __future__ import annotations

import math
import random

from photoseek.demo.colours import (
    CREAM,
    GLASS,
    GLOW,
    INK,
    METAL,
    STEEL,
    WHITE,
    WOOD,
    Paint,
    mix,
)
from photoseek.demo.pen import Pen
from photoseek.demo.scenes.subject import COAST, Subject


def _ripples(pen: Pen, half: float) -> None:
    for y, share, shift in ((-0.01, 1.0, 0.02), (-0.045, 0.7, -0.05), (-0.08, 0.4, 0.04)):
        pen.line([(shift - half * share, y), (shift + half * share, y)], 0.014, (*WHITE, 120))


def sailing_boat(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A boat with a coloured hull and two coloured sails."""
    _ripples(pen, 0.42)
    pen.line([(0.02, 0.1), (0.02, 1.0)], 0.022, WOOD)
    pen.poly([(-0.01, 0.24), (-0.01, 0.97), (-0.2, 0.6), (-0.4, 0.24)], paint.base)
    pen.poly([(-0.01, 0.24), (-0.01, 0.44), (-0.3, 0.44), (-0.4, 0.24)], paint.dark)
    pen.poly([(0.05, 0.24), (0.05, 0.88), (0.22, 0.56), (0.36, 0.24)], paint.light)
    pen.poly([(0.03, 1.0), (0.03, 0.94), (0.14, 0.96)], paint.base)
    pen.poly([(-0.46, 0.18), (0.5, 0.18), (0.38, 0.0), (-0.34, 0.0)], paint.base)
    pen.poly([(-0.395, 0.08), (0.43, 0.08), (0.38, 0.0), (-0.34, 0.0)], paint.deep)
    pen.box(-0.48, 0.165, 0.5, 0.2, CREAM, 0.015)


def ship(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A steamer with a funnel and portholes."""
    _ripples(pen, 0.5)
    for x, y, radius in ((-0.04, 0.84, 0.06), (-0.15, 0.91, 0.075), (-0.3, 0.95, 0.06)):
        pen.disc(x, y, radius, (246, 246, 250, 220))
    pen.box(-0.32, 0.24, 0.26, 0.42, WHITE, 0.02)
    pen.box(-0.22, 0.41, 0.16, 0.54, (238, 240, 246), 0.02)
    glass = GLOW if pen.lit else GLASS
    for i in range(4):
        pen.box(-0.26 + i * 0.13, 0.3, -0.18 + i * 0.13, 0.36, glass, 0.01)
    for i in range(3):
        pen.box(-0.16 + i * 0.11, 0.45, -0.09 + i * 0.11, 0.51, glass, 0.01)
    pen.poly([(-0.12, 0.53), (-0.1, 0.77), (0.06, 0.77), (0.06, 0.53)], paint.base)
    pen.box(-0.11, 0.7, 0.07, 0.78, paint.deep, 0.01)
    pen.line([(0.3, 0.2), (0.3, 0.62)], 0.018, STEEL)
    pen.poly([(0.31, 0.62), (0.31, 0.53), (0.42, 0.575)], paint.base)
    pen.poly([(-0.5, 0.26), (0.58, 0.28), (0.46, 0.0), (-0.42, 0.0)], paint.base)
    pen.poly([(-0.45, 0.1), (0.505, 0.1), (0.46, 0.0), (-0.42, 0.0)], paint.deep)
    for i in range(5):
        pen.disc(-0.3 + i * 0.15, 0.185, 0.025, paint.trim)


def balloon(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A hot air balloon in stripes of its colour."""
    for x in (-0.07, 0.07):
        pen.line([(x * 2.2, 0.33), (x, 0.14)], 0.012, INK)
    edge = [
        (math.sin(math.radians(a)) * 0.37, 0.64 - math.cos(math.radians(a)) * 0.36)
        for a in range(38, 324, 6)
    ]
    pen.poly([(0.11, 0.26), *edge, (-0.11, 0.26)], paint.base)
    for inner, fill in ((0.72, paint.dark), (0.44, paint.base), (0.17, paint.light)):
        pen.poly(
            [(0.11 * inner, 0.26), *((x * inner, y) for x, y in edge), (-0.11 * inner, 0.26)], fill
        )
    pen.box(-0.115, 0.25, 0.115, 0.29, paint.deep, 0.01)
    pen.box(-0.085, 0.0, 0.085, 0.15, WOOD, 0.025)
    pen.box(-0.095, 0.12, 0.095, 0.155, mix(WOOD, INK, 0.3), 0.01)
    if pen.lit:
        pen.disc(0.0, 0.22, 0.05, (*GLOW, 200))


def airplane(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A propeller plane seen from the side."""
    pen.blob([(-0.24, 0.3), (-0.1, 0.42), (0.08, 0.4), (0.02, 0.3)], paint.dark)
    pen.poly([(-0.52, 0.5), (-0.55, 0.62), (-0.44, 0.62), (-0.33, 0.44)], paint.dark)
    pen.blob(
        [
            (-0.54, 0.42),
            (-0.3, 0.43),
            (0.0, 0.46),
            (0.26, 0.45),
            (0.43, 0.35),
            (0.38, 0.25),
            (0.1, 0.18),
            (-0.2, 0.24),
            (-0.45, 0.35),
        ],
        paint.base,
    )
    pen.blob([(0.05, 0.44), (0.1, 0.53), (0.22, 0.54), (0.31, 0.43)], GLASS)
    for i in range(4):
        pen.disc(-0.3 + i * 0.095, 0.355, 0.028, GLOW if pen.lit else GLASS)
    pen.poly([(0.1, 0.29), (0.02, 0.29), (-0.22, 0.08), (-0.1, 0.08)], paint.deep)
    pen.poly([(0.14, 0.31), (0.02, 0.31), (-0.22, 0.1), (-0.1, 0.1)], paint.trim)
    pen.poly([(-0.42, 0.41), (-0.5, 0.41), (-0.6, 0.32), (-0.51, 0.32)], paint.trim)
    pen.oval(0.46, 0.34, 0.018, 0.17, METAL)
    pen.disc(0.45, 0.34, 0.04, INK)


def rocket(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A rocket on its flame."""
    pen.blob([(-0.09, 0.26), (-0.14, 0.12), (0.0, 0.0), (0.14, 0.12), (0.09, 0.26)], (250, 150, 50))
    pen.blob(
        [(-0.05, 0.26), (-0.07, 0.16), (0.0, 0.08), (0.07, 0.16), (0.05, 0.26)], (255, 226, 120)
    )
    pen.poly([(-0.13, 0.48), (-0.3, 0.3), (-0.28, 0.2), (-0.1, 0.28)], paint.dark)
    pen.poly([(0.13, 0.48), (0.3, 0.3), (0.28, 0.2), (0.1, 0.28)], paint.deep)
    pen.blob(
        [
            (0.0, 1.0),
            (0.12, 0.86),
            (0.18, 0.64),
            (0.14, 0.38),
            (0.1, 0.27),
            (-0.1, 0.27),
            (-0.14, 0.38),
            (-0.18, 0.64),
            (-0.12, 0.86),
        ],
        paint.base,
    )
    pen.blob(
        [(0.0, 1.0), (0.085, 0.91), (0.125, 0.82), (0.0, 0.79), (-0.125, 0.82), (-0.085, 0.91)],
        paint.dark,
    )
    pen.disc(0.0, 0.65, 0.085, paint.trim)
    pen.disc(0.0, 0.65, 0.06, GLOW if pen.lit else GLASS)
    pen.box(-0.135, 0.36, 0.135, 0.4, paint.trim, 0.01)
    pen.box(-0.02, 0.18, 0.02, 0.42, paint.deep, 0.02)


def kite(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A diamond kite with a tail of bows."""
    tail = [(0.06, 0.34), (-0.06, 0.26), (0.02, 0.17), (-0.1, 0.1), (-0.06, 0.0)]
    pen.curve(tail, 0.014, CREAM)
    top, east, south, west = (0.1, 1.0), (0.4, 0.74), (0.06, 0.34), (-0.24, 0.76)
    pen.poly([top, east, south, west], paint.base)
    centre = (0.09, 0.75)
    pen.poly([top, east, centre], paint.light)
    pen.poly([east, south, centre], paint.dark)
    pen.line([top, south], 0.014, paint.trim)
    pen.line([west, east], 0.014, paint.trim)
    for x, y in tail[1:4]:
        pen.poly([(x, y), (x - 0.075, y + 0.04), (x - 0.075, y - 0.04)], paint.base)
        pen.poly([(x, y), (x + 0.075, y + 0.04), (x + 0.075, y - 0.04)], paint.dark)


def butterfly(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A butterfly with open wings."""
    for side in (-1, 1):
        pen.blob(
            [
                (side * x, y)
                for x, y in (
                    (0.02, 0.5),
                    (0.16, 0.78),
                    (0.42, 0.86),
                    (0.5, 0.7),
                    (0.4, 0.48),
                    (0.16, 0.42),
                )
            ],
            paint.base,
        )
        pen.blob(
            [
                (side * x, y)
                for x, y in (
                    (0.02, 0.46),
                    (0.2, 0.44),
                    (0.36, 0.34),
                    (0.36, 0.16),
                    (0.22, 0.08),
                    (0.08, 0.24),
                )
            ],
            paint.dark,
        )
        pen.oval(side * 0.34, 0.68, 0.085, 0.085, paint.trim)
        pen.oval(side * 0.34, 0.68, 0.045, 0.045, paint.deep)
        pen.oval(side * 0.24, 0.25, 0.05, 0.06, paint.light)
        pen.curve([(side * 0.01, 0.68), (side * 0.07, 0.82), (side * 0.15, 0.9)], 0.014, paint.ink)
        pen.disc(side * 0.15, 0.9, 0.02, paint.ink)
    pen.oval(0.0, 0.44, 0.035, 0.24, paint.ink)
    pen.disc(0.0, 0.68, 0.048, paint.ink)


AFLOAT: dict[str, Subject] = {
    "sailing boat": Subject(
        ("sailing boat", "sailboat", "yacht"), sailing_boat, 1.0, 1.02, "water", COAST
    ),
    "ship": Subject(("ship", "steamer", "steamship"), ship, 1.12, 1.0, "water", COAST),
    "hot air balloon": Subject(("hot air balloon", "balloon"), balloon, 0.76, 1.0, "sky"),
    "airplane": Subject(("airplane", "plane", "aeroplane"), airplane, 1.16, 0.64, "sky"),
    "rocket": Subject(("rocket", "spaceship"), rocket, 0.62, 1.0, "sky"),
    "kite": Subject(("kite", "flying kite"), kite, 0.8, 1.0, "sky"),
    "butterfly": Subject(("butterfly", "moth"), butterfly, 1.02, 0.92, "sky"),
}
