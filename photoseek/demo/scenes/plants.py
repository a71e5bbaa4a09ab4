"""Subjects that grow."""

from __future__ import annotations

import math
import random

from photoseek.demo.colours import BARK, CREAM, LEAF, WHITE, Paint, mix
from photoseek.demo.pen import Pen
from photoseek.demo.scenes.subject import Subject


def tree(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A broad tree with a round crown in its colour."""
    pen.poly([(-0.07, 0.0), (-0.04, 0.45), (0.04, 0.45), (0.08, 0.0)], BARK)
    pen.line([(0.0, 0.3), (-0.14, 0.46)], 0.035, BARK)
    pen.line([(0.01, 0.26), (0.15, 0.42)], 0.035, BARK)
    crown = [
        (-0.24, 0.5, 0.18),
        (0.24, 0.5, 0.18),
        (-0.16, 0.72, 0.19),
        (0.16, 0.72, 0.19),
        (0.0, 0.82, 0.18),
        (0.0, 0.56, 0.22),
    ]
    for x, y, radius in crown:
        pen.disc(x + 0.02, y - 0.03, radius, paint.dark)
    for x, y, radius in crown:
        pen.disc(x - 0.01, y + 0.02, radius * 0.92, paint.base)
    for x, y, radius in (
        (-0.17, 0.76, 0.07),
        (-0.03, 0.86, 0.05),
        (-0.26, 0.55, 0.05),
        (0.1, 0.66, 0.04),
    ):
        pen.disc(x, y, radius, paint.light)


def flower(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A large flower with eight petals."""
    pen.curve([(0.0, 0.0), (0.02, 0.25), (0.0, 0.55)], 0.04, LEAF)
    pen.blob([(0.01, 0.12), (0.14, 0.26), (0.32, 0.28), (0.22, 0.14)], LEAF)
    pen.blob([(0.01, 0.08), (-0.13, 0.2), (-0.3, 0.2), (-0.2, 0.08)], mix(LEAF, WHITE, 0.15))
    for ring, fill in ((0.22, paint.dark), (0.185, paint.base)):
        for i in range(8):
            angle = math.radians(i * 45 + (22.5 if fill is paint.dark else 0))
            pen.disc(ring * math.cos(angle), 0.68 + ring * math.sin(angle), 0.105, fill)
    pen.disc(0.0, 0.68, 0.15, paint.base)
    centre = (120, 78, 44) if paint.base[:2] == (250, 207) else (252, 202, 62)
    pen.disc(0.0, 0.68, 0.1, centre)
    pen.disc(-0.02, 0.7, 0.06, mix(centre, WHITE, 0.25))


def mushroom(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A toadstool with a spotted cap and a small one beside it."""
    for x, zoom in ((0.34, 0.48), (-0.06, 1.0)):
        part = pen.moved(x, 0.0, zoom)
        part.blob(
            [(-0.1, 0.5), (-0.1, 0.2), (-0.15, 0.02), (0.15, 0.02), (0.1, 0.2), (0.1, 0.5)], CREAM
        )
        part.oval(0.0, 0.44, 0.34, 0.06, paint.deep)
        part.dome(0.0, 0.44, 0.42, 0.46, paint.base)
        part.oval(0.0, 0.445, 0.42, 0.05, paint.dark)
        for dx, dy, rx, ry in (
            (-0.2, 0.6, 0.075, 0.07),
            (0.04, 0.74, 0.085, 0.075),
            (0.24, 0.58, 0.06, 0.065),
            (0.02, 0.55, 0.05, 0.045),
        ):
            part.oval(dx, dy, rx, ry, paint.trim)


def cactus(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A pillar cactus in a pot of clay, with a blossom."""
    pen.line([(-0.27, 0.72), (-0.27, 0.55), (0.0, 0.5)], 0.12, paint.dark)
    pen.line([(0.27, 0.82), (0.27, 0.64), (0.0, 0.6)], 0.12, paint.dark)
    pen.box(-0.12, 0.2, 0.12, 0.96, paint.base, 0.12)
    for x in (-0.05, 0.05):
        pen.line([(x, 0.3), (x, 0.84)], 0.014, paint.light)
    for x, y in ((-0.27, 0.66), (0.27, 0.75), (-0.09, 0.44), (0.09, 0.5), (0.0, 0.7), (0.0, 0.4)):
        pen.line([(x - 0.02, y + 0.02), (x + 0.02, y - 0.02)], 0.01, paint.trim)
        pen.line([(x - 0.02, y - 0.02), (x + 0.02, y + 0.02)], 0.01, paint.trim)
    for x, y in ((-0.05, 0.98), (0.05, 0.98), (0.0, 1.01)):
        pen.disc(x, y, 0.045, (250, 120, 160))
    pen.poly([(-0.2, 0.22), (0.2, 0.22), (0.15, 0.0), (-0.15, 0.0)], (196, 106, 74))
    pen.box(-0.23, 0.18, 0.23, 0.26, (214, 124, 88), 0.02)


PLANTS: dict[str, Subject] = {
    "tree": Subject(("tree", "leafy tree"), tree, 0.86, 1.0),
    "flower": Subject(("flower", "blossom"), flower, 0.66, 1.0),
    "mushroom": Subject(("mushroom", "toadstool"), mushroom, 1.06, 0.9),
    "cactus": Subject(("cactus", "potted cactus"), cactus, 0.7, 1.05),
}
