"""Subjects with feathers, wool or a trunk."""

from __future__ import annotations

import random

from photoseek.demo.colours import BEAK, INK, ROSE, WHITE, Paint
from photoseek.demo.pen import Pen
from photoseek.demo.scenes.animals import eye
from photoseek.demo.scenes.subject import Subject


def bird(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A round songbird."""
    for x in (-0.02, 0.1):
        pen.line([(x, 0.22), (x, 0.01), (x + 0.07, 0.01)], 0.022, BEAK)
    pen.poly([(-0.3, 0.4), (-0.56, 0.6), (-0.5, 0.42), (-0.54, 0.32), (-0.28, 0.28)], paint.deep)
    pen.blob(
        [
            (-0.36, 0.36),
            (-0.2, 0.58),
            (-0.02, 0.78),
            (0.2, 0.86),
            (0.37, 0.74),
            (0.36, 0.5),
            (0.26, 0.28),
            (0.04, 0.17),
            (-0.22, 0.22),
        ],
        paint.base,
    )
    pen.blob(
        [(0.34, 0.5), (0.25, 0.28), (0.05, 0.18), (0.0, 0.26), (0.14, 0.36), (0.22, 0.52)],
        paint.light,
    )
    pen.blob([(-0.36, 0.34), (-0.14, 0.56), (0.06, 0.54), (0.1, 0.4), (-0.08, 0.28)], paint.dark)
    pen.curve([(-0.24, 0.36), (-0.08, 0.36), (0.04, 0.42)], 0.014, paint.deep)
    pen.poly([(0.35, 0.72), (0.55, 0.65), (0.36, 0.59)], BEAK)
    eye(pen, 0.22, 0.7, 0.048)


def owl(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """An owl, face on."""
    for side in (-1, 1):
        pen.poly([(side * 0.3, 0.78), (side * 0.3, 1.0), (side * 0.08, 0.88)], paint.dark)
    pen.blob(
        [
            (0.0, 0.93),
            (0.24, 0.86),
            (0.33, 0.6),
            (0.32, 0.24),
            (0.16, 0.03),
            (-0.16, 0.03),
            (-0.32, 0.24),
            (-0.33, 0.6),
            (-0.24, 0.86),
        ],
        paint.base,
    )
    pen.oval(0.0, 0.29, 0.19, 0.24, paint.light)
    for y in (0.4, 0.3, 0.2):
        for x in (-0.1, 0.0, 0.1):
            pen.pie(x, y, 0.045, 180, 360, paint.dark)
    for side in (-1, 1):
        pen.blob(
            [
                (side * x, y)
                for x, y in ((0.27, 0.62), (0.37, 0.44), (0.36, 0.2), (0.24, 0.12), (0.21, 0.36))
            ],
            paint.deep,
        )
        pen.disc(side * 0.135, 0.69, 0.135, paint.trim)
        pen.disc(side * 0.13, 0.69, 0.095, (255, 206, 74))
        pen.disc(side * 0.12, 0.69, 0.058, INK)
        pen.disc(side * 0.12 + 0.02, 0.715, 0.018, WHITE)
        for x in (0.06, 0.11, 0.16):
            pen.oval(side * x, 0.025, 0.028, 0.04, BEAK)
    pen.poly([(-0.045, 0.63), (0.045, 0.63), (0.0, 0.53)], BEAK)


def duck(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A duck on its way."""
    for x in (-0.06, 0.08):
        pen.line([(x, 0.16), (x, 0.02), (x + 0.08, 0.015)], 0.03, BEAK)
    pen.blob(
        [
            (-0.48, 0.48),
            (-0.34, 0.42),
            (-0.1, 0.42),
            (0.1, 0.44),
            (0.26, 0.4),
            (0.3, 0.26),
            (0.16, 0.13),
            (-0.14, 0.11),
            (-0.38, 0.22),
        ],
        paint.base,
    )
    pen.blob(
        [
            (0.05, 0.36),
            (0.13, 0.56),
            (0.14, 0.68),
            (0.34, 0.7),
            (0.32, 0.52),
            (0.31, 0.26),
            (0.2, 0.2),
        ],
        paint.base,
    )
    pen.disc(0.24, 0.72, 0.145, paint.base)
    pen.box(0.12, 0.53, 0.335, 0.57, paint.trim, 0.015)
    pen.blob([(-0.36, 0.36), (-0.12, 0.4), (0.08, 0.34), (0.04, 0.22), (-0.16, 0.18)], paint.dark)
    pen.curve([(-0.28, 0.33), (-0.12, 0.3), (0.0, 0.27)], 0.014, paint.deep)
    pen.blob([(0.35, 0.75), (0.5, 0.7), (0.52, 0.66), (0.36, 0.66)], BEAK)
    eye(pen, 0.28, 0.76, 0.036)


def sheep(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A woolly sheep."""
    face = (74, 66, 76) if paint.ink == INK else (214, 206, 198)
    for x in (-0.25, -0.12, 0.1, 0.22):
        pen.box(x - 0.03, 0.0, x + 0.035, 0.3, face, 0.02)
    curls = [
        (-0.32, 0.4),
        (-0.26, 0.56),
        (-0.1, 0.64),
        (0.08, 0.63),
        (0.22, 0.55),
        (0.27, 0.4),
        (0.18, 0.28),
        (0.02, 0.25),
        (-0.16, 0.25),
        (-0.28, 0.29),
    ]
    for x, y in curls:
        pen.disc(x, y - 0.02, 0.125, paint.dark)
    for x, y in curls:
        pen.disc(x, y + 0.015, 0.115, paint.base)
    pen.oval(-0.03, 0.44, 0.3, 0.2, paint.base)
    for x, y in ((-0.18, 0.48), (-0.02, 0.38), (0.04, 0.54)):
        pen.curve([(x - 0.05, y), (x, y - 0.04), (x + 0.05, y)], 0.016, paint.dark)
    pen.blob([(0.23, 0.62), (0.12, 0.62), (0.16, 0.55), (0.26, 0.56)], face)
    pen.blob(
        [(0.26, 0.66), (0.4, 0.66), (0.46, 0.5), (0.42, 0.37), (0.33, 0.37), (0.26, 0.48)], face
    )
    for x, y in ((0.25, 0.68), (0.34, 0.72), (0.42, 0.68)):
        pen.disc(x, y, 0.075, paint.base)
    eye(pen, 0.37, 0.57, 0.032)


def elephant(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """An elephant with a raised trunk."""
    pen.curve([(-0.42, 0.5), (-0.5, 0.4), (-0.49, 0.28)], 0.025, paint.deep)
    for x, fill in (
        (-0.22, paint.deep),
        (0.12, paint.deep),
        (-0.38, paint.dark),
        (0.0, paint.base),
    ):
        pen.box(x, 0.0, x + 0.16, 0.4, fill, 0.04)
        pen.box(x + 0.02, 0.0, x + 0.14, 0.035, paint.trim, 0.015)
    pen.blob(
        [
            (-0.44, 0.46),
            (-0.36, 0.68),
            (-0.1, 0.76),
            (0.14, 0.72),
            (0.24, 0.5),
            (0.16, 0.28),
            (-0.14, 0.24),
            (-0.4, 0.28),
        ],
        paint.base,
    )
    pen.curve([(0.36, 0.5), (0.46, 0.36), (0.57, 0.42), (0.58, 0.6)], 0.095, paint.base)
    pen.oval(0.28, 0.62, 0.2, 0.2, paint.base)
    pen.blob([(0.36, 0.45), (0.42, 0.36), (0.53, 0.36), (0.44, 0.41), (0.41, 0.47)], WHITE)
    pen.blob(
        [(0.22, 0.8), (0.06, 0.86), (-0.08, 0.7), (-0.04, 0.46), (0.1, 0.4), (0.2, 0.54)],
        paint.dark,
    )
    pen.blob(
        [(0.17, 0.74), (0.07, 0.79), (-0.02, 0.68), (0.01, 0.52), (0.1, 0.48), (0.16, 0.58)], ROSE
    )
    eye(pen, 0.35, 0.67, 0.03)


WILDLIFE: dict[str, Subject] = {
    "bird": Subject(("bird", "songbird"), bird, 1.12, 0.87),
    "owl": Subject(("owl", "owlet"), owl, 0.74, 1.0),
    "elephant": Subject(("elephant", "young elephant"), elephant, 1.2, 0.86),
    "sheep": Subject(("sheep", "lamb"), sheep, 0.98, 0.79),
    "duck": Subject(("duck", "duckling"), duck, 1.02, 0.87),
}
