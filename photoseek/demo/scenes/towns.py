"""The places that people built."""

from __future__ import annotations

from photoseek.demo.colours import GLOW, WHITE, Colour, mix
from photoseek.demo.scenes.stage import Stage

WALLS: tuple[Colour, ...] = (
    (206, 112, 92),
    (226, 176, 112),
    (116, 150, 176),
    (222, 214, 200),
    (150, 112, 120),
)
BLOOMS: tuple[Colour, ...] = (
    (240, 110, 140),
    (250, 200, 80),
    (196, 130, 220),
    (250, 250, 246),
    (244, 126, 84),
)


def harbour(stage: Stage) -> None:
    """Warehouses and cranes across the water, a quay in front."""
    pen, rng = stage.pen, stage.rng
    for x in (stage.width * rng.uniform(0.05, 0.3), stage.width * rng.uniform(0.7, 0.95)):
        _crane(stage, x, rng.choice((-1, 1)))
    _warehouses(stage)
    stage.sea()
    stage.band(-0.01, stage.shore, (120, 112, 116))
    stage.band(stage.shore - 0.03, stage.shore, (206, 198, 192))
    stage.band(-0.01, stage.shore - 0.05, (176, 168, 166))
    for i in range(1, 4):
        y = (stage.shore - 0.05) * i / 4
        stage.band(y, y + 0.005, (152, 144, 144))
    for i in range(5):
        x = stage.width * (i + 0.5) / 5
        post = pen.moved(x, stage.shore - 0.012, 0.06)
        post.box(-0.28, 0.0, 0.28, 0.8, stage.tint((70, 72, 86)), 0.1)
        post.box(-0.42, 0.7, 0.42, 1.0, stage.tint((90, 92, 108)), 0.14)


def _warehouses(stage: Stage) -> None:
    pen, rng = stage.pen, stage.rng
    x = -0.03
    while x < stage.width:
        wide, high = rng.uniform(0.1, 0.17), rng.uniform(0.07, 0.13)
        pen.box(
            x,
            stage.horizon - 0.01,
            x + wide,
            stage.horizon + high,
            stage.tint(rng.choice(WALLS), 0.42),
        )
        roof = stage.tint((128, 78, 76), 0.42)
        pen.poly(
            [
                (x - 0.008, stage.horizon + high),
                (x + wide / 2, stage.horizon + high + 0.05),
                (x + wide + 0.008, stage.horizon + high),
            ],
            roof,
        )
        pane = GLOW if stage.mood.lit else stage.tint((214, 232, 240), 0.4)
        for i in range(3):
            left = x + wide * (0.16 + 0.26 * i)
            pen.box(
                left,
                stage.horizon + high * 0.42,
                left + wide * 0.15,
                stage.horizon + high * 0.72,
                pane,
            )
        x += wide + rng.choice((0.0, 0.0, 0.03))


def _crane(stage: Stage, x: float, side: int) -> None:
    pen, fill = stage.pen.moved(x, stage.horizon, 0.34), stage.tint((214, 120, 70), 0.45)
    pen.line([(-0.08, 0.0), (-0.03, 0.8)], 0.025, fill)
    pen.line([(0.08, 0.0), (0.03, 0.8)], 0.025, fill)
    for i in range(4):
        pen.line([(-0.07, 0.15 + i * 0.17), (0.06, 0.26 + i * 0.17)], 0.014, fill)
    pen.line([(-0.3 * side, 0.8), (0.6 * side, 0.8)], 0.03, fill)
    pen.line([(0.0, 1.0), (0.6 * side, 0.81)], 0.014, fill)
    pen.line([(0.0, 1.0), (-0.3 * side, 0.81)], 0.014, fill)
    pen.line([(0.0, 0.78), (0.0, 1.0)], 0.024, fill)
    pen.line([(0.5 * side, 0.8), (0.5 * side, 0.5)], 0.008, fill)


def city(stage: Stage) -> None:
    """A skyline in two rows, a street in front."""
    for low, high, depth, base in (
        (0.2, 0.42, 0.62, (112, 132, 168)),
        (0.1, 0.3, 0.2, (92, 104, 142)),
    ):
        _skyline(stage, low, high, depth, base)
    kerb = stage.ground + 0.07
    stage.band(-0.01, stage.horizon * 0.62, (150, 156, 166))
    stage.band(-0.01, stage.horizon * 0.62 - 0.012, (196, 196, 198))
    stage.band(-0.01, kerb, (222, 220, 216))
    stage.band(-0.01, kerb - 0.018, (92, 96, 108))
    y = max(0.02, stage.ground * 0.3)
    x = stage.rng.uniform(-0.1, 0.0)
    while x < stage.width:
        stage.pen.box(x, y, x + 0.13, y + 0.014, stage.tint((240, 236, 220)))
        x += 0.24


def _skyline(stage: Stage, low: float, high: float, depth: float, base: Colour) -> None:
    pen, rng = stage.pen, stage.rng
    x = rng.uniform(-0.1, 0.0)
    foot = stage.horizon * 0.55
    room = stage.height - stage.horizon
    while x < stage.width:
        wide, top = rng.uniform(0.09, 0.17), stage.horizon + room * rng.uniform(low, high) * 1.5
        fill = stage.tint(
            mix(
                base,
                rng.choice(((196, 128, 112), (120, 160, 190), (150, 140, 180))),
                rng.uniform(0, 0.5),
            ),
            depth,
        )
        pen.box(x, foot, x + wide, top, fill)
        pen.box(x + wide * 0.7, foot, x + wide, top, mix(fill, (20, 24, 60), 0.12))
        if rng.random() < 0.35:
            pen.line([(x + wide / 2, top), (x + wide / 2, top + 0.06)], 0.007, fill)
        pane = stage.tint((206, 226, 240), depth)
        columns = max(2, round(wide / 0.035))
        step = wide / columns
        y = top - 0.035
        while y > foot + 0.02:
            for i in range(columns):
                if rng.random() < 0.7:
                    bright = stage.mood.lit and rng.random() < 0.75
                    left = x + step * (i + 0.25)
                    pen.box(
                        left,
                        y,
                        left + step * 0.5,
                        y + 0.018,
                        mix(GLOW, fill, depth * 0.5) if bright else mix(pane, fill, 0.35),
                    )
            y -= 0.038
        x += wide + rng.choice((0.004, 0.004, 0.03))


def garden(stage: Stage) -> None:
    """Hedge, white fence, lawn and flower beds."""
    pen, rng = stage.pen, stage.rng
    for i in range(7):
        x = stage.width * (i + rng.uniform(0.2, 0.8)) / 7
        radius = rng.uniform(0.09, 0.15)
        pen.disc(x, stage.horizon + 0.03, radius, stage.tint((92, 156, 96), 0.4))
    stage.band(-0.01, stage.horizon + 0.02, (70, 138, 82), 0.18)
    x = 0.0
    while x < stage.width + 0.05:
        pen.disc(x, stage.horizon + 0.02, 0.032, stage.tint((70, 138, 82), 0.18))
        x += 0.05
    stage.band(-0.01, stage.horizon * 0.66, (136, 196, 92))
    foot = stage.horizon * 0.62
    for y in (foot + 0.045, foot + 0.105):
        stage.band(y, y + 0.02, (226, 228, 226))
    x = 0.02
    while x < stage.width:
        pen.poly(
            [
                (x, foot),
                (x, foot + 0.14),
                (x + 0.016, foot + 0.165),
                (x + 0.032, foot + 0.14),
                (x + 0.032, foot),
            ],
            stage.tint(WHITE),
        )
        x += 0.062
    stage.hills(stage.ground - 0.02, 0.012, (122, 184, 84))
    beds = stage.spots(26, foot - 0.02, foot + 0.012) + stage.spots(22, 0.015, 0.05)
    for x, y in beds:
        size = 0.05 if y > foot - 0.03 else 0.075
        pen.line([(x, y), (x, y + size)], 0.007, stage.tint((74, 140, 74)))
        fill = stage.tint(rng.choice(BLOOMS))
        for dx, dy in ((-0.2, 0.0), (0.2, 0.0), (0.0, 0.2), (0.0, -0.2)):
            pen.disc(x + dx * size, y + size * (1 + dy), size * 0.2, fill)
        pen.disc(x, y + size, size * 0.13, stage.tint((255, 226, 120)))
