"""Subjects with wheels."""

from __future__ import annotations

import random

from photoseek.demo.colours import CREAM, GLASS, GLOW, INK, METAL, STEEL, TYRE, WHITE, WOOD, Paint
from photoseek.demo.pen import Pen
from photoseek.demo.scenes.subject import Subject


def wheel(pen: Pen, x: float, radius: float) -> None:
    """A tyre with a bright hub that stands on the ground at x."""
    pen.disc(x, radius, radius, TYRE)
    pen.disc(x, radius, radius * 0.58, METAL)
    pen.disc(x, radius, radius * 0.2, STEEL)


def lamp(pen: Pen, x: float, y: float, radius: float) -> None:
    """A headlight, with a beam when lamps are on."""
    if pen.lit:
        pen.poly([(x, y), (x + 0.42, y + 0.06), (x + 0.42, y - 0.15)], (*GLOW, 70))
    pen.disc(x, y, radius, GLOW if pen.lit else (255, 244, 200))


def car(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A small saloon car."""
    roof = [(-0.37, 0.28), (-0.24, 0.48), (0.1, 0.48), (0.3, 0.28)]
    pen.poly(roof, paint.dark)
    pen.line([(-0.22, 0.475), (0.08, 0.475)], 0.035, paint.base)
    pen.poly([(-0.31, 0.3), (-0.21, 0.45), (-0.07, 0.45), (-0.07, 0.3)], GLASS)
    pen.poly([(-0.03, 0.3), (-0.03, 0.45), (0.08, 0.45), (0.23, 0.3)], GLASS)
    pen.poly([(-0.22, 0.3), (-0.14, 0.45), (-0.1, 0.45), (-0.18, 0.3)], (*WHITE, 110))
    pen.box(-0.5, 0.09, 0.5, 0.31, paint.base, 0.085)
    pen.box(-0.48, 0.09, 0.48, 0.15, paint.dark, 0.03)
    pen.box(-0.44, 0.265, 0.42, 0.285, paint.light, 0.01)
    pen.line([(-0.05, 0.14), (-0.05, 0.29)], 0.008, paint.deep)
    pen.box(0.0, 0.225, 0.07, 0.242, paint.trim, 0.008)
    lamp(pen, 0.455, 0.235, 0.032)
    pen.box(-0.5, 0.2, -0.46, 0.26, (232, 70, 60), 0.015)
    for x in (-0.28, 0.28):
        pen.disc(x, 0.11, 0.135, paint.deep)
        wheel(pen, x, 0.11)


def bus(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A long city bus with a row of windows."""
    pen.box(-0.55, 0.1, 0.55, 0.58, paint.base, 0.06)
    pen.box(-0.55, 0.1, 0.55, 0.19, paint.dark, 0.03)
    pen.box(-0.54, 0.25, 0.54, 0.28, paint.trim)
    pen.box(-0.46, 0.57, 0.3, 0.61, paint.dark, 0.02)
    glass = GLOW if pen.lit else GLASS
    for i in range(4):
        pen.box(-0.5 + i * 0.19, 0.33, -0.34 + i * 0.19, 0.51, glass, 0.02)
    pen.box(0.28, 0.15, 0.41, 0.51, glass, 0.02)
    pen.line([(0.345, 0.15), (0.345, 0.5)], 0.012, paint.deep)
    pen.poly([(0.45, 0.32), (0.45, 0.51), (0.52, 0.51), (0.545, 0.32)], GLASS)
    lamp(pen, 0.52, 0.215, 0.026)
    for x in (-0.33, 0.2):
        pen.disc(x, 0.1, 0.12, paint.deep)
        wheel(pen, x, 0.1)


def truck(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A lorry: cab in front, box behind."""
    pen.box(-0.55, 0.11, 0.5, 0.18, STEEL, 0.02)
    pen.box(-0.56, 0.17, 0.15, 0.68, paint.base, 0.03)
    pen.box(-0.56, 0.17, 0.15, 0.24, paint.dark, 0.02)
    for i in range(4):
        pen.box(-0.47 + i * 0.155, 0.3, -0.445 + i * 0.155, 0.62, paint.light, 0.01)
    pen.poly([(0.19, 0.14), (0.19, 0.55), (0.4, 0.55), (0.53, 0.34), (0.55, 0.14)], paint.dark)
    pen.poly([(0.26, 0.35), (0.26, 0.5), (0.385, 0.5), (0.475, 0.35)], GLASS)
    pen.box(0.19, 0.14, 0.56, 0.18, paint.deep, 0.015)
    lamp(pen, 0.53, 0.24, 0.028)
    for x in (-0.4, -0.16, 0.38):
        wheel(pen, x, 0.1)


def van(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A two-tone camper van with a surfboard on its roof."""
    pen.box(-0.5, 0.1, 0.5, 0.56, paint.trim, 0.12)
    pen.box(-0.5, 0.09, 0.5, 0.34, paint.base, 0.07)
    pen.box(-0.5, 0.26, 0.5, 0.34, paint.base)
    pen.box(-0.49, 0.09, 0.49, 0.15, paint.dark, 0.03)
    for x0, x1 in ((-0.43, -0.23), (-0.18, 0.04), (0.09, 0.24)):
        pen.box(x0, 0.36, x1, 0.5, GLOW if pen.lit else GLASS, 0.035)
    pen.poly([(0.3, 0.36), (0.3, 0.5), (0.42, 0.5), (0.485, 0.36)], GLASS)
    pen.line([(0.065, 0.14), (0.065, 0.53)], 0.009, paint.deep)
    for x in (-0.3, 0.15):
        pen.box(x, 0.55, x + 0.03, 0.61, STEEL)
    pen.oval(-0.06, 0.63, 0.4, 0.035, paint.light)
    pen.oval(-0.06, 0.635, 0.36, 0.012, paint.dark)
    lamp(pen, 0.465, 0.24, 0.032)
    for x in (-0.27, 0.28):
        pen.disc(x, 0.1, 0.125, paint.deep)
        wheel(pen, x, 0.1)


def bicycle(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A city bicycle with a basket."""
    back, crank, seat, head, front = (
        (-0.34, 0.23),
        (-0.04, 0.2),
        (-0.13, 0.5),
        (0.24, 0.55),
        (0.34, 0.23),
    )
    for x, y in (back, front):
        pen.ring(x, y, 0.23, 0.036, TYRE)
        for dx, dy in ((0.19, 0.0), (0.0, 0.19), (0.134, 0.134), (-0.134, 0.134)):
            pen.line([(x - dx, y - dy), (x + dx, y + dy)], 0.006, METAL)
        pen.disc(x, y, 0.03, STEEL)
    for start, end in ((back, seat), (seat, crank), (back, crank), (crank, head), (seat, head)):
        pen.line([start, end], 0.05, paint.base)
    pen.line([head, front], 0.05, paint.dark)
    pen.curve([(-0.55, 0.36), (-0.46, 0.46), (-0.34, 0.5), (-0.22, 0.46)], 0.035, paint.base)
    pen.line([seat, (-0.15, 0.6)], 0.026, METAL)
    pen.blob([(-0.27, 0.61), (-0.16, 0.64), (-0.04, 0.61), (-0.16, 0.585)], INK)
    pen.curve([head, (0.23, 0.66), (0.15, 0.7), (0.08, 0.68)], 0.03, INK)
    pen.disc(*crank, 0.055, STEEL)
    pen.line([(-0.1, 0.13), (0.02, 0.27)], 0.022, INK)
    pen.poly([(0.29, 0.5), (0.3, 0.64), (0.5, 0.64), (0.47, 0.5)], WOOD)
    for y in (0.54, 0.59):
        pen.line([(0.3, y), (0.485, y)], 0.01, CREAM)


def scooter(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A motor scooter in the Italian manner."""
    pen.curve([(0.36, 0.12), (0.27, 0.4), (0.21, 0.62)], 0.05, METAL)
    pen.blob(
        [(0.14, 0.2), (0.2, 0.44), (0.24, 0.58), (0.31, 0.5), (0.3, 0.3), (0.24, 0.14)], paint.base
    )
    pen.blob(
        [(-0.08, 0.1), (0.08, 0.11), (0.24, 0.13), (0.2, 0.2), (0.0, 0.19), (-0.1, 0.18)],
        paint.dark,
    )
    pen.blob(
        [
            (-0.47, 0.22),
            (-0.43, 0.38),
            (-0.28, 0.43),
            (-0.1, 0.4),
            (-0.04, 0.24),
            (-0.2, 0.12),
            (-0.4, 0.13),
        ],
        paint.base,
    )
    pen.blob([(-0.4, 0.24), (-0.3, 0.33), (-0.16, 0.3), (-0.14, 0.2), (-0.28, 0.17)], paint.light)
    pen.blob(
        [(-0.44, 0.43), (-0.32, 0.48), (-0.1, 0.47), (0.0, 0.42), (-0.12, 0.39), (-0.36, 0.4)], INK
    )
    pen.blob([(0.22, 0.2), (0.36, 0.27), (0.47, 0.18), (0.36, 0.2)], paint.dark)
    pen.blob([(0.14, 0.62), (0.2, 0.7), (0.29, 0.68), (0.28, 0.58), (0.2, 0.56)], paint.base)
    pen.line([(0.21, 0.68), (0.1, 0.72)], 0.03, INK)
    lamp(pen, 0.275, 0.635, 0.036)
    for x in (-0.28, 0.37):
        wheel(pen, x, 0.125)
    pen.box(-0.52, 0.28, -0.45, 0.33, (232, 70, 60), 0.02)


def tractor(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A farm tractor, big wheel behind."""
    pen.line([(0.28, 0.4), (0.28, 0.66)], 0.035, STEEL)
    pen.box(-0.1, 0.2, 0.46, 0.43, paint.base, 0.05)
    pen.box(0.06, 0.24, 0.38, 0.28, paint.deep, 0.015)
    pen.box(0.06, 0.32, 0.38, 0.36, paint.deep, 0.015)
    pen.poly([(-0.36, 0.36), (-0.33, 0.74), (0.0, 0.74), (0.06, 0.36)], paint.dark)
    pen.poly([(-0.3, 0.44), (-0.28, 0.69), (-0.05, 0.69), (-0.01, 0.44)], GLASS)
    pen.box(-0.4, 0.72, 0.06, 0.78, paint.base, 0.025)
    pen.pie(-0.27, 0.25, 0.31, 20, 175, paint.base)
    lamp(pen, 0.46, 0.36, 0.03)
    pen.disc(-0.27, 0.25, 0.25, TYRE)
    pen.disc(-0.27, 0.25, 0.145, paint.trim)
    pen.disc(-0.27, 0.25, 0.05, STEEL)
    wheel(pen, 0.32, 0.14)


def train(pen: Pen, paint: Paint, rng: random.Random) -> None:
    """A steam engine on a bit of track."""
    for i in range(9):
        pen.box(-0.58 + i * 0.135, 0.0, -0.52 + i * 0.135, 0.03, WOOD)
    pen.box(-0.62, 0.03, 0.62, 0.05, STEEL)
    for x, y, radius in ((0.22, 0.86, 0.07), (0.1, 0.93, 0.085), (-0.06, 0.97, 0.07)):
        pen.disc(x, y, radius, (248, 248, 250, 225))
    pen.box(-0.12, 0.26, 0.42, 0.52, paint.base, 0.05)
    pen.disc(0.41, 0.39, 0.13, paint.dark)
    for x in (0.02, 0.18):
        pen.box(x, 0.26, x + 0.03, 0.52, paint.trim)
    pen.poly([(0.25, 0.52), (0.21, 0.76), (0.39, 0.76), (0.35, 0.52)], paint.dark)
    pen.box(0.2, 0.73, 0.4, 0.78, paint.trim, 0.015)
    pen.dome(0.08, 0.52, 0.06, 0.1, paint.trim)
    pen.box(-0.5, 0.2, -0.1, 0.72, paint.base, 0.02)
    pen.box(-0.55, 0.7, -0.05, 0.77, paint.dark, 0.025)
    pen.box(-0.4, 0.45, -0.2, 0.64, GLOW if pen.lit else GLASS, 0.03)
    pen.box(-0.53, 0.18, 0.5, 0.27, paint.deep, 0.02)
    pen.poly([(0.46, 0.06), (0.46, 0.24), (0.62, 0.06)], paint.dark)
    lamp(pen, 0.5, 0.5, 0.035)
    for x in (-0.36, -0.08):
        pen.disc(x, 0.18, 0.13, TYRE)
        pen.disc(x, 0.18, 0.08, paint.trim)
    for x in (0.16, 0.34):
        pen.disc(x, 0.13, 0.08, TYRE)
        pen.disc(x, 0.13, 0.045, paint.trim)
    pen.line([(-0.36, 0.15), (0.16, 0.13)], 0.025, METAL)


VEHICLES: dict[str, Subject] = {
    "car": Subject(("car", "automobile"), car, 1.0, 0.5),
    "bus": Subject(("bus", "coach"), bus, 1.1, 0.61),
    "truck": Subject(("truck", "lorry"), truck, 1.12, 0.68),
    "camper van": Subject(("camper van", "campervan", "van"), van, 1.0, 0.67),
    "bicycle": Subject(("bicycle", "bike"), bicycle, 1.15, 0.72),
    "scooter": Subject(("scooter", "moped"), scooter, 1.0, 0.74),
    "tractor": Subject(("tractor", "farm tractor"), tractor, 1.05, 0.78),
    "train": Subject(("train", "steam engine", "locomotive"), train, 1.24, 1.03),
}
