"""Colours of the drawings: the ten named ones, and how to mix them."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, ...]
"""Red, green, blue and optionally opacity, each 0 to 255."""

COLOURS: dict[str, Colour] = {
    "red": (214, 45, 48),
    "orange": (243, 132, 32),
    "yellow": (250, 207, 46),
    "green": (58, 158, 82),
    "blue": (44, 104, 206),
    "purple": (126, 70, 178),
    "pink": (244, 132, 176),
    "brown": (128, 82, 52),
    "white": (248, 247, 243),
    "black": (44, 44, 52),
}

WHITE: Colour = (255, 255, 255)
CREAM: Colour = (252, 243, 224)
GLASS: Colour = (190, 224, 240)
GLOW: Colour = (255, 226, 128)
METAL: Colour = (178, 186, 198)
STEEL: Colour = (120, 130, 146)
TYRE: Colour = (46, 48, 58)
INK: Colour = (42, 40, 52)
WOOD: Colour = (150, 104, 68)
BARK: Colour = (112, 78, 56)
STONE: Colour = (168, 166, 172)
LEAF: Colour = (84, 152, 84)
BEAK: Colour = (246, 160, 52)
ROSE: Colour = (240, 150, 156)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Blend two colours; `share` in [0, 1] is how much of the second. Opacity stays the first's."""
    blended = tuple(round(a + (b - a) * share) for a, b in zip(first[:3], second[:3], strict=True))
    return blended + tuple(first[3:])


def scale(colour: Colour, factors: tuple[float, float, float]) -> Colour:
    """Multiply each channel by its factor and clip at 255. Opacity stays."""
    scaled = tuple(
        min(255, round(value * factor)) for value, factor in zip(colour[:3], factors, strict=True)
    )
    return scaled + tuple(colour[3:])


def fade(colour: Colour, opacity: float) -> Colour:
    """The same colour with an opacity in [0, 1]."""
    return (*colour[:3], round(255 * opacity))


@dataclass(frozen=True)
class Paint:
    """A named colour with the shades that a drawing needs around it."""

    base: Colour
    light: Colour
    dark: Colour
    deep: Colour
    trim: Colour
    ink: Colour


def paint_of(name: str) -> Paint:
    """Build the shades of one of `COLOURS`.

    Raises:
        KeyError: for any other name.
    """
    base = COLOURS[name]
    dim = (30, 24, 48)
    if name == "black":
        return Paint(base, (78, 80, 92), (30, 30, 37), (20, 20, 26), (214, 216, 222), CREAM)
    if name == "white":
        return Paint(base, WHITE, (218, 221, 230), (188, 193, 206), (150, 160, 178), INK)
    light = mix(base, WHITE, 0.28)
    return Paint(base, light, mix(base, dim, 0.2), mix(base, dim, 0.4), CREAM, INK)
