"""A pen that draws flat shapes in a subject's own units."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw

from photoseek.demo.colours import Colour

Point = tuple[float, float]
Tone = Callable[[Colour], Colour]

_STEPS = 8
"""Points that a curve has from one of its own to the next."""


class Easel(NamedTuple):
    """Two ways onto the same picture: opaque colours replace (fast), others are blended in."""

    solid: ImageDraw.ImageDraw
    glaze: ImageDraw.ImageDraw


def easel_of(image: Image.Image) -> Easel:
    """Set up an RGB picture for drawing."""
    return Easel(ImageDraw.Draw(image), ImageDraw.Draw(image, "RGBA"))


class Pen:
    """Draws in units of `size` pixels: x from the middle, y upwards from the ground.

    `tone` changes each colour as the light of the scene does. `lit` says that lamps are on.
    `mirror` turns everything around the vertical axis.
    """

    def __init__(
        self,
        easel: Easel,
        origin: Point,
        size: float,
        tone: Tone,
        *,
        lit: bool = False,
        mirror: bool = False,
    ) -> None:
        self.easel = easel
        self.origin = origin
        self.size = size
        self.tone = tone
        self.lit = lit
        self.sign = -1.0 if mirror else 1.0

    def at(self, x: float, y: float) -> Point:
        """The pixel of a point in units."""
        return (self.origin[0] + self.sign * x * self.size, self.origin[1] - y * self.size)

    def moved(self, x: float, y: float, zoom: float = 1.0) -> Pen:
        """A pen whose origin lies at (x, y) of this one and whose unit is `zoom` of this one's."""
        mirror = self.sign < 0
        place, size = self.at(x, y), self.size * zoom
        return Pen(self.easel, place, size, self.tone, lit=self.lit, mirror=mirror)

    def poly(self, points: Sequence[Point], fill: Colour) -> None:
        """A polygon with sharp corners."""
        colour = self.tone(fill)
        self._on(colour).polygon([self.at(x, y) for x, y in points], fill=colour)

    def blob(self, points: Sequence[Point], fill: Colour) -> None:
        """A smooth closed shape through the points."""
        self.poly(smooth(points), fill)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        """An ellipse around (x, y)."""
        colour = self.tone(fill)
        self._on(colour).ellipse(self._frame(x - rx, y - ry, x + rx, y + ry), fill=colour)

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """A filled circle around (x, y)."""
        self.oval(x, y, radius, radius, fill)

    def ring(self, x: float, y: float, radius: float, width: float, fill: Colour) -> None:
        """A circle's outline, `width` thick inwards."""
        frame = self._frame(x - radius, y - radius, x + radius, y + radius)
        colour = self.tone(fill)
        self._on(colour).ellipse(frame, outline=colour, width=self._stroke(width))

    def box(
        self, x0: float, y0: float, x1: float, y1: float, fill: Colour, radius: float = 0.0
    ) -> None:
        """A rectangle between two corners, with corners rounded by `radius`."""
        frame, colour = self._frame(x0, y0, x1, y1), self.tone(fill)
        if radius:
            self._on(colour).rounded_rectangle(frame, radius=radius * self.size, fill=colour)
        else:
            self._on(colour).rectangle(frame, fill=colour)

    def line(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """A line with round ends and joints."""
        pixels = [self.at(x, y) for x, y in points]
        stroke, colour = self._stroke(width), self.tone(fill)
        draw = self._on(colour)
        draw.line(pixels, fill=colour, width=stroke, joint="curve")
        radius = stroke / 2
        if len(colour) == 3 and radius > 1:
            for x, y in (pixels[0], pixels[-1]):
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def curve(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """A smooth open line through the points."""
        self.line(smooth(points, closed=False), width, fill)

    def pie(
        self, x: float, y: float, radius: float, start: float, end: float, fill: Colour
    ) -> None:
        """A slice of a disc; angles in degrees, counter-clockwise from the positive x axis."""
        count = max(4, int(abs(end - start) / 6))
        angles = [math.radians(start + (end - start) * i / count) for i in range(count + 1)]
        rim = [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]
        self.poly([(x, y), *rim] if abs(end - start) < 359 else rim, fill)

    def dome(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        """The upper half of an ellipse that stands on y."""
        steps = [math.pi * i / 24 for i in range(25)]
        self.poly([(x + rx * math.cos(a), y + ry * math.sin(a)) for a in steps], fill)

    def _on(self, colour: Colour) -> ImageDraw.ImageDraw:
        return self.easel.solid if len(colour) == 3 else self.easel.glaze

    def _frame(
        self, x0: float, y0: float, x1: float, y1: float
    ) -> tuple[float, float, float, float]:
        (ax, ay), (bx, by) = self.at(x0, y0), self.at(x1, y1)
        return (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))

    def _stroke(self, width: float) -> int:
        return max(1, round(width * self.size))


def smooth(points: Sequence[Point], *, closed: bool = True) -> list[Point]:
    """Points on a Catmull-Rom spline through `points`."""
    count = len(points)
    path: list[Point] = []
    for i in range(count if closed else count - 1):
        if closed:
            a, b, c, d = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        else:
            a, b, c, d = (points[min(max(i + k, 0), count - 1)] for k in (-1, 0, 1, 2))
        for step in range(_STEPS):
            t = step / _STEPS
            path.append((_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t)))
    if not closed:
        path.append(points[-1])
    return path


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    linear, square, cube = c - a, 2 * a - 5 * b + 4 * c - d, 3 * b - a - 3 * c + d
    return b + 0.5 * t * (linear + t * (square + t * cube))
