"""The stage that a place is built on."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from photoseek.demo.colours import Colour, mix, scale
from photoseek.demo.pen import Pen, Point
from photoseek.demo.scenes.moods import Mood


@dataclass(frozen=True)
class Stage:
    """Where things are, in units of the picture's shorter side, y upwards from its lower edge.

    `ground` is where subjects stand, `shore` where land ends and water begins, `water` where boats
    float, `horizon` where the sky begins, `orb_x` where the sun or the moon is.
    """

    pen: Pen
    mood: Mood
    rng: random.Random
    width: float
    height: float
    ground: float
    shore: float
    water: float
    horizon: float
    orb_x: float

    def tint(self, colour: Colour, depth: float = 0.0) -> Colour:
        """A scenery colour in this light; depth 0 is here, 1 is at the horizon."""
        return mix(scale(colour, self.mood.scenery), self.mood.haze, depth * self.mood.thickness)

    def hills(
        self, level: float, swell: float, fill: Colour, depth: float = 0.0, waves: float = 1.4
    ) -> None:
        """A rolling band from the lower edge up to about `level`, `swell` high."""
        phases = [self.rng.uniform(0, math.tau) for _ in range(2)]
        steps = 36
        ridge: list[Point] = []
        for i in range(steps + 1):
            x = self.width * i / steps
            turn = x * math.pi * waves
            lift = 0.65 * math.sin(turn + phases[0]) + 0.35 * math.sin(2.1 * turn + phases[1])
            ridge.append((x, level + swell * lift))
        self.pen.poly([(0, -0.01), *ridge, (self.width, -0.01)], self.tint(fill, depth))

    def band(self, low: float, high: float, fill: Colour, depth: float = 0.0) -> None:
        """A level band across the whole width."""
        self.pen.box(-0.01, low, self.width + 0.01, high, self.tint(fill, depth))

    def spots(self, count: int, low: float, high: float) -> list[Point]:
        """Random places between two heights, the far ones first."""
        rng = self.rng
        spots = [(rng.uniform(0, self.width), rng.uniform(low, high)) for _ in range(count)]
        return sorted(spots, key=lambda spot: -spot[1])

    def sea(self) -> None:
        """Water from the lower edge to the horizon, with ripples and the light's reflection."""
        pen, rng, near = self.pen, self.rng, self.mood.water
        rows = 7
        for i in range(rows):
            high = self.horizon * (1 - i / rows)
            fill = mix(near, self.mood.sky[2], 0.5 * (1 - i / (rows - 1)))
            pen.box(-0.01, -0.01, self.width + 0.01, high, fill)
        light = mix(near, self.mood.sky[2], 0.75)
        for x, y in self.spots(26, self.shore, self.horizon * 0.985):
            reach = 0.02 + 0.1 * (self.horizon - y)
            pen.line([(x - reach, y), (x + reach, y)], 0.006, light)
        orb = mix(self.mood.orb, near, 0.35)
        for i in range(8):
            y = self.horizon - 0.012 - i * (self.horizon - self.shore) / 8
            reach = (0.1 - i * 0.007) * rng.uniform(0.4, 1.0)
            if self.mood.glitter:
                pen.line([(self.orb_x - reach, y), (self.orb_x + reach, y)], 0.009, orb)

    def pine(self, x: float, y: float, size: float, fill: Colour, depth: float = 0.0) -> None:
        """A fir tree of three tiers, `size` high."""
        pen = self.pen.moved(x, y, size)
        pen.box(-0.04, 0.0, 0.04, 0.2, self.tint((104, 76, 58), depth))
        for low, high, half in ((0.14, 0.56, 0.3), (0.36, 0.78, 0.24), (0.58, 1.0, 0.17)):
            pen.poly([(-half, low), (0, high), (half, low)], self.tint(fill, depth))
            shade = self.tint(mix(fill, (20, 30, 50), 0.25), depth)
            pen.poly([(0, low), (0, high), (half, low)], shade)

    def tuft(self, x: float, y: float, size: float, fill: Colour) -> None:
        """Three blades of grass."""
        pen, colour = self.pen.moved(x, y, size), self.tint(fill)
        for lean, high in ((-0.5, 0.7), (0.0, 1.0), (0.5, 0.75)):
            pen.poly([(-0.14, 0), (lean, high), (0.14, 0)], colour)
