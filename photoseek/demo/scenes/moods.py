"""The times of day and the weathers: which light each one casts."""

from __future__ import annotations

from dataclasses import dataclass

from photoseek.demo.colours import Colour

Factors = tuple[float, float, float]


@dataclass(frozen=True)
class Mood:
    """Light and air of a scene.

    `words` are its names in captions. `sky` runs from the top to the horizon. `haze` is what far
    things fade into, `thickness` in [0, 1] how much. `scenery` and `subject` multiply colours.
    `lit` says that lamps are on, `glitter` that water mirrors the sun or the moon.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    sky: tuple[Colour, Colour, Colour]
    haze: Colour
    thickness: float
    scenery: Factors
    subject: Factors
    cloud: Colour
    water: Colour
    orb: Colour
    lit: bool = False
    glitter: bool = True


MOODS: dict[str, Mood] = {
    "day": Mood(
        ("by day", "in daylight", "on a sunny day", "under a blue sky"),
        ("day", "sunny", "daylight"),
        ((74, 160, 230), (140, 203, 244), (216, 240, 250)),
        (206, 232, 246),
        0.55,
        (1.0, 1.0, 1.0),
        (1.0, 1.0, 1.0),
        (255, 255, 255),
        (62, 158, 200),
        (255, 232, 130),
    ),
    "sunrise": Mood(
        ("at sunrise", "at dawn", "in the early morning"),
        ("sunrise", "dawn", "morning"),
        ((150, 172, 232), (246, 196, 208), (255, 232, 200)),
        (252, 214, 206),
        0.62,
        (0.98, 0.9, 0.94),
        (1.0, 0.97, 0.95),
        (255, 236, 232),
        (170, 172, 214),
        (255, 246, 200),
    ),
    "sunset": Mood(
        ("at sunset", "at dusk", "in the evening light", "in the golden hour"),
        ("sunset", "dusk", "evening"),
        ((92, 54, 128), (226, 88, 92), (255, 180, 88)),
        (238, 128, 96),
        0.6,
        (0.84, 0.62, 0.62),
        (0.97, 0.93, 0.92),
        (250, 142, 120),
        (176, 84, 112),
        (255, 214, 108),
        True,
    ),
    "night": Mood(
        ("at night", "under the stars", "in the moonlight", "after dark"),
        ("night", "stars", "moon"),
        ((14, 18, 58), (32, 44, 102), (72, 88, 154)),
        (58, 72, 136),
        0.5,
        (0.4, 0.46, 0.68),
        (0.92, 0.92, 0.97),
        (62, 74, 132),
        (38, 58, 120),
        (250, 246, 220),
        True,
    ),
    "rain": Mood(
        ("in the rain", "on a rainy day", "in a shower", "in rainy weather"),
        ("rain", "rainy", "wet"),
        ((92, 106, 128), (126, 142, 162), (176, 188, 198)),
        (158, 172, 186),
        0.6,
        (0.72, 0.78, 0.84),
        (0.94, 0.95, 0.97),
        (104, 116, 136),
        (98, 122, 146),
        (220, 224, 230),
        glitter=False,
    ),
    "fog": Mood(
        ("in fog", "in the mist", "on a foggy day", "in foggy weather"),
        ("fog", "foggy", "mist"),
        ((186, 196, 204), (208, 214, 218), (228, 230, 230)),
        (218, 222, 224),
        0.94,
        (0.88, 0.9, 0.92),
        (0.98, 0.98, 0.98),
        (226, 229, 231),
        (176, 190, 198),
        (242, 240, 232),
        glitter=False,
    ),
    "rainbow": Mood(
        ("under a rainbow", "with a rainbow", "beneath a rainbow"),
        ("rainbow", "rainbows"),
        ((96, 150, 206), (158, 196, 226), (226, 238, 240)),
        (204, 222, 232),
        0.55,
        (0.96, 0.99, 0.97),
        (1.0, 1.0, 1.0),
        (244, 247, 250),
        (74, 148, 186),
        (255, 240, 170),
    ),
}
