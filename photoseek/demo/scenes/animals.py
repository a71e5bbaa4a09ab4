"""Subjects with four legs that live with people, and the eye that all animals share."""

from __future__ import annotations

import random

from photoseek.demo.colours import INK, ROSE, WHITE, Paint
from photoseek.demo.pen import Pen
from photoseek.demo.scenes.subject import Subject


def eye(pen: Pen, x: float, y: float, radius: float) -> None:
    """A white eye with a dark pupil and a glint, legible on every colour."""
    pen.disc(x, y, radius, WHITE)
    pen.disc(x, y, radius * 0.62, INK)
    pen.disc(x + radius * 0.22, y + radius * 0.25, radius * 0.2, WHITE)


def cat(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A sitting cat, face on."""
    pen.curve(
        [(0.18, 0.05), (0.38, 0.08), (0.44, 0.24), (0.36, 0.36), (0.4, 0.46)], 0.075, paint.dark
    )
    pen.blob(
        [
            (0.0, 0.58),
            (0.17, 0.5),
            (0.25, 0.24),
            (0.24, 0.05),
            (0.12, 0.0),
            (-0.12, 0.0),
            (-0.24, 0.05),
            (-0.25, 0.24),
            (-0.17, 0.5),
        ],
        paint.base,
    )
    pen.oval(0.0, 0.25, 0.1, 0.19, paint.light)
    for x in (-0.09, 0.09):
        pen.oval(x, 0.035, 0.075, 0.042, paint.light)
        pen.line([(x, 0.03), (x, 0.055)], 0.01, paint.deep)
    for side in (-1, 1):
        pen.poly([(side * 0.25, 0.72), (side * 0.235, 0.98), (side * 0.06, 0.84)], paint.base)
        pen.poly([(side * 0.21, 0.76), (side * 0.205, 0.9), (side * 0.11, 0.82)], ROSE)
    pen.oval(0.0, 0.68, 0.275, 0.22, paint.base)
    for x in (-0.07, 0.0, 0.07):
        pen.line([(x, 0.87), (x * 0.8, 0.79)], 0.024, paint.deep)
    for side in (-1, 1):
        pen.oval(side * 0.12, 0.69, 0.06, 0.068, (214, 226, 90))
        pen.oval(side * 0.12, 0.69, 0.022, 0.058, INK)
        for y in (0.56, 0.6):
            pen.line([(side * 0.15, 0.595), (side * 0.36, y + 0.01)], 0.007, paint.ink)
    pen.poly([(-0.032, 0.625), (0.032, 0.625), (0.0, 0.59)], ROSE)
    pen.curve(
        [(-0.06, 0.55), (-0.03, 0.54), (0.0, 0.585), (0.03, 0.54), (0.06, 0.55)], 0.012, paint.ink
    )


def dog(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A standing dog with floppy ears and a collar."""
    pen.curve([(-0.36, 0.46), (-0.48, 0.56), (-0.5, 0.7)], 0.065, paint.base)
    for x, fill in (
        (-0.26, paint.deep),
        (0.2, paint.deep),
        (-0.35, paint.dark),
        (0.11, paint.base),
    ):
        pen.box(x, 0.0, x + 0.11, 0.34, fill, 0.05)
    pen.blob(
        [
            (-0.38, 0.48),
            (-0.2, 0.54),
            (0.1, 0.55),
            (0.27, 0.6),
            (0.3, 0.4),
            (0.2, 0.27),
            (-0.1, 0.29),
            (-0.34, 0.24),
            (-0.41, 0.36),
        ],
        paint.base,
    )
    pen.oval(-0.12, 0.45, 0.13, 0.085, paint.light)
    pen.poly([(0.13, 0.5), (0.16, 0.72), (0.36, 0.68), (0.33, 0.44)], paint.base)
    pen.oval(0.27, 0.76, 0.18, 0.165, paint.base)
    pen.box(0.26, 0.63, 0.53, 0.78, paint.light, 0.07)
    pen.oval(0.5, 0.76, 0.045, 0.036, INK)
    pen.curve([(0.51, 0.7), (0.44, 0.67), (0.36, 0.68)], 0.012, paint.ink)
    eye(pen, 0.3, 0.81, 0.036)
    pen.blob(
        [(0.12, 0.88), (0.22, 0.87), (0.22, 0.7), (0.15, 0.56), (0.06, 0.6), (0.07, 0.76)],
        paint.deep,
    )
    pen.line([(0.14, 0.53), (0.34, 0.51)], 0.045, paint.trim)
    pen.disc(0.27, 0.475, 0.03, (252, 200, 70))


def rabbit(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A sitting rabbit with tall ears."""
    pen.disc(-0.32, 0.16, 0.095, WHITE)
    pen.blob(
        [
            (-0.28, 0.3),
            (-0.1, 0.44),
            (0.12, 0.42),
            (0.24, 0.24),
            (0.22, 0.04),
            (0.0, 0.0),
            (-0.22, 0.01),
            (-0.31, 0.12),
        ],
        paint.base,
    )
    pen.oval(-0.13, 0.16, 0.14, 0.14, paint.dark)
    for x in (-0.1, 0.17):
        pen.oval(x, 0.035, 0.12, 0.042, paint.light)
    for x, lean in ((0.06, -0.05), (0.22, 0.04)):
        pen.blob(
            [
                (x - 0.06, 0.58),
                (x + lean - 0.06, 0.84),
                (x + lean, 1.0),
                (x + lean + 0.06, 0.84),
                (x + 0.06, 0.58),
            ],
            paint.base,
        )
        pen.blob(
            [
                (x - 0.028, 0.62),
                (x + lean - 0.03, 0.82),
                (x + lean, 0.93),
                (x + lean + 0.03, 0.82),
                (x + 0.028, 0.62),
            ],
            ROSE,
        )
    pen.oval(0.15, 0.52, 0.2, 0.17, paint.base)
    pen.oval(0.26, 0.45, 0.09, 0.075, paint.light)
    eye(pen, 0.2, 0.56, 0.04)
    pen.oval(0.32, 0.49, 0.027, 0.02, ROSE)
    for y in (0.4, 0.45):
        pen.line([(0.27, 0.45), (0.44, y)], 0.007, paint.ink)


def horse(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A standing horse."""
    pen.curve([(-0.36, 0.56), (-0.46, 0.5), (-0.48, 0.34), (-0.45, 0.22)], 0.075, paint.deep)
    for x, fill in (
        (-0.24, paint.deep),
        (0.13, paint.deep),
        (-0.34, paint.dark),
        (0.21, paint.base),
    ):
        pen.poly([(x, 0.4), (x + 0.12, 0.4), (x + 0.095, 0.05), (x + 0.025, 0.05)], fill)
        pen.box(
            x + 0.015, 0.0, x + 0.105, 0.055, INK if fill is not paint.deep else paint.deep, 0.01
        )
    pen.blob(
        [
            (-0.38, 0.54),
            (-0.24, 0.61),
            (0.0, 0.58),
            (0.22, 0.62),
            (0.33, 0.52),
            (0.28, 0.36),
            (0.0, 0.32),
            (-0.24, 0.32),
            (-0.38, 0.4),
        ],
        paint.base,
    )
    _horse_head(pen, paint)


def _horse_head(pen: Pen, paint: Paint) -> None:
    pen.blob(
        [
            (0.05, 0.56),
            (0.16, 0.78),
            (0.26, 0.96),
            (0.38, 0.92),
            (0.36, 0.7),
            (0.33, 0.48),
            (0.2, 0.42),
        ],
        paint.base,
    )
    pen.blob(
        [(0.26, 0.97), (0.4, 0.95), (0.53, 0.79), (0.54, 0.71), (0.45, 0.7), (0.34, 0.8)],
        paint.base,
    )
    pen.blob([(0.46, 0.8), (0.54, 0.77), (0.55, 0.71), (0.46, 0.69)], paint.light)
    pen.poly([(0.27, 0.95), (0.28, 1.05), (0.35, 0.96)], paint.dark)
    pen.blob(
        [
            (0.28, 1.0),
            (0.17, 0.92),
            (0.07, 0.76),
            (0.02, 0.58),
            (0.12, 0.62),
            (0.18, 0.78),
            (0.27, 0.9),
        ],
        paint.deep,
    )
    eye(pen, 0.38, 0.88, 0.026)
    pen.disc(0.515, 0.745, 0.012, paint.ink)


ANIMALS: dict[str, Subject] = {
    "cat": Subject(("cat", "kitten"), cat, 0.78, 0.98),
    "dog": Subject(("dog", "puppy"), dog, 1.08, 0.94),
    "horse": Subject(("horse", "pony"), horse, 1.06, 1.05),
    "rabbit": Subject(("rabbit", "bunny"), rabbit, 0.86, 1.0),
}
