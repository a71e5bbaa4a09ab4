"""The places: which scenery stands behind and under a subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from photoseek.demo.scenes.stage import Stage
from photoseek.demo.scenes.towns import city, garden, harbour
from photoseek.demo.scenes.wilds import desert, field, forest, mountains, snow


def beach(stage: Stage) -> None:
    """Sea, foam, sand and a palm."""
    pen, rng = stage.pen, stage.rng
    x = stage.width * rng.choice((0.2, 0.75))
    pen.blob(
        [
            (x - 0.22, stage.horizon - 0.004),
            (x - 0.1, stage.horizon + 0.05),
            (x + 0.05, stage.horizon + 0.035),
            (x + 0.2, stage.horizon - 0.004),
        ],
        stage.tint((96, 150, 120), 0.7),
    )
    stage.sea()
    stage.hills(stage.shore + 0.022, 0.012, (250, 250, 250))
    stage.hills(stage.shore, 0.012, (222, 190, 140))
    stage.hills(stage.shore - 0.03, 0.014, (244, 218, 164))
    stage.hills(stage.ground - 0.06, 0.02, (236, 204, 146))
    for x, y in stage.spots(7, 0.02, stage.shore - 0.06):
        pen.oval(
            x,
            y,
            0.012,
            0.007,
            stage.tint(rng.choice(((255, 248, 238), (240, 150, 120), (214, 176, 124)))),
        )
    side = rng.choice((-1, 1))
    _palm(stage, stage.width * (0.5 + 0.46 * side), stage.shore - 0.05, side)


def _palm(stage: Stage, x: float, y: float, side: int) -> None:
    pen = stage.pen.moved(x, y, 0.62)
    trunk, leaf = stage.tint((150, 110, 74)), stage.tint((58, 140, 90))
    pen.curve([(0.0, 0.0), (0.03 * side, 0.3), (-0.03 * side, 0.66)], 0.05, trunk)
    cx = -0.03 * side
    for dx, dy in (
        (-0.34, 0.02),
        (-0.27, 0.2),
        (0.12, 0.27),
        (0.27, 0.2),
        (0.34, 0.02),
        (-0.2, -0.12),
        (0.2, -0.12),
    ):
        tip = (cx + dx, 0.66 + dy)
        bend = (cx + dx * 0.5, 0.66 + dy * 0.5 + 0.1)
        pen.blob([(cx, 0.66), bend, tip, (bend[0], bend[1] - 0.07)], leaf)


def lake(stage: Stage) -> None:
    """A still lake between wooded hills, reeds at its edge."""
    stage.hills(stage.horizon + 0.17, 0.05, (110, 146, 150), 0.75, 1.1)
    stage.hills(stage.horizon + 0.08, 0.03, (84, 138, 116), 0.5, 1.6)
    x = 0.0
    while x < stage.width + 0.05:
        stage.pine(x, stage.horizon - 0.01, stage.rng.uniform(0.07, 0.15), (56, 116, 92), 0.35)
        x += stage.rng.uniform(0.025, 0.06)
    stage.sea()
    stage.pen.box(
        -0.01,
        stage.horizon - 0.035,
        stage.width + 0.01,
        stage.horizon,
        (*stage.tint((56, 116, 92), 0.4), 120),
    )
    stage.hills(stage.shore + 0.012, 0.01, (196, 186, 140))
    stage.hills(stage.shore - 0.006, 0.012, (116, 172, 84))
    stage.hills(stage.ground - 0.05, 0.02, (98, 156, 76))
    for side in (0.03, 0.97):
        for _ in range(9):
            x = stage.width * side + stage.rng.uniform(-0.1, 0.1)
            y, high = stage.shore - 0.05, stage.rng.uniform(0.12, 0.24)
            stage.pen.line([(x, y), (x + 0.01, y + high)], 0.006, stage.tint((88, 138, 70)))
            stage.pen.line(
                [(x + 0.008, y + high - 0.045), (x + 0.01, y + high)],
                0.017,
                stage.tint((134, 90, 58)),
            )


@dataclass(frozen=True)
class Place:
    """A scenery with its names in captions, the plain one first."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    draw: Callable[[Stage], None]


PLACES: dict[str, Place] = {
    "beach": Place(
        ("on a beach", "on the beach", "by the sea", "at the seaside"), ("beach", "sea"), beach
    ),
    "mountains": Place(
        ("in the mountains", "among the peaks", "in the Alps"), ("mountains", "peaks"), mountains
    ),
    "city": Place(("in the city", "in town", "downtown"), ("city", "town", "skyline"), city),
    "field": Place(
        ("in a field", "on farmland", "in the countryside"), ("field", "countryside"), field
    ),
    "snow": Place(("in the snow", "in winter", "in a snowy landscape"), ("snow", "winter"), snow),
    "desert": Place(("in the desert", "among the dunes"), ("desert", "dunes"), desert),
    "forest": Place(("in the forest", "in the woods"), ("forest", "woods"), forest),
    "harbour": Place(
        ("in the harbour", "in the port", "at the docks"), ("harbour", "port", "docks"), harbour
    ),
    "lake": Place(("by a lake", "at the lake", "on a lake shore"), ("lake", "lakeside"), lake),
    "garden": Place(("in a garden", "in the back yard"), ("garden", "back yard"), garden),
}
