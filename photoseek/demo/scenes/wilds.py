"""The places without houses."""

from __future__ import annotations

from photoseek.demo.colours import Colour, mix
from photoseek.demo.scenes.stage import Stage


def _peak(stage: Stage, x: float, half: float, high: float, fill: Colour, depth: float) -> None:
    pen, foot = stage.pen, stage.horizon - 0.05
    top = stage.horizon + high
    pen.poly([(x - half, foot), (x, top), (x + half, foot)], stage.tint(fill, depth))
    shade = stage.tint(mix(fill, (34, 40, 84), 0.28), depth)
    pen.poly(
        [(x, top), (x + half * 0.1, top - high * 0.45), (x - half * 0.06, foot), (x + half, foot)],
        shade,
    )
    cap = 0.32
    edge = [
        (x - half * cap, top - (top - foot) * cap),
        (x - half * 0.16, top - (top - foot) * 0.26),
        (x - half * 0.02, top - (top - foot) * 0.36),
        (x + half * 0.14, top - (top - foot) * 0.25),
        (x + half * cap, top - (top - foot) * cap),
    ]
    pen.poly([(x, top), *edge], stage.tint((246, 249, 252), depth * 0.5))
    pen.poly([(x, top), *edge[2:]], stage.tint((212, 222, 238), depth * 0.5))


def mountains(stage: Stage) -> None:
    """Peaks with snow on top, meadows below."""
    rng, room = stage.rng, stage.height - stage.horizon
    for count, low, high, depth in ((3, 0.4, 0.62, 0.75), (3, 0.26, 0.44, 0.35)):
        for i in range(count):
            x = stage.width * (i + rng.uniform(0.15, 0.85)) / count
            tall = room * rng.uniform(low, high)
            _peak(
                stage,
                x,
                max(tall * rng.uniform(0.75, 1.05), stage.width / count * 0.6),
                tall,
                (112, 124, 158),
                depth,
            )
    stage.hills(stage.horizon - 0.02, 0.025, (90, 140, 104), 0.3, 1.8)
    x = 0.02
    while x < stage.width:
        stage.pine(x, stage.horizon - 0.06, rng.uniform(0.08, 0.14), (52, 108, 84), 0.18)
        x += rng.uniform(0.04, 0.16)
    stage.hills(stage.horizon * 0.72, 0.022, (124, 178, 92), 0.08)
    stage.hills(stage.ground - 0.01, 0.02, (104, 160, 80))
    for x, y in stage.spots(7, 0.01, stage.horizon * 0.6):
        stage.pen.dome(x, y, 0.032, 0.026, stage.tint((166, 168, 176)))
        stage.pen.dome(x + 0.012, y, 0.02, 0.018, stage.tint((136, 138, 150)))
    for x, y in stage.spots(14, 0.01, stage.horizon * 0.6):
        stage.tuft(x, y, 0.024, (84, 142, 70))


def field(stage: Stage) -> None:
    """Golden wheat in rows that run to the horizon, bales and poplars."""
    pen, rng = stage.pen, stage.rng
    stage.hills(stage.horizon + 0.05, 0.025, (130, 172, 120), 0.65)
    for _ in range(6):
        x = rng.uniform(0, stage.width)
        pen.oval(x, stage.horizon + 0.07, 0.022, 0.09, stage.tint((84, 138, 86), 0.45))
    stage.hills(stage.horizon - 0.005, 0.012, (158, 190, 92), 0.25)
    stage.band(-0.01, stage.horizon - 0.03, (240, 200, 96))
    centre, far = stage.width / 2, stage.horizon - 0.03
    for i in range(-9, 10):
        near = centre + i * stage.width * 0.17
        pen.poly(
            [(centre + i * stage.width * 0.055, far), (near - 0.055, -0.01), (near + 0.055, -0.01)],
            stage.tint((224, 176, 72)),
        )
    for x, y in stage.spots(4, stage.horizon * 0.6, stage.horizon * 0.82):
        size = 0.05
        pen.box(x - size, y, x + size, y + size * 1.3, stage.tint((222, 178, 88)), size * 0.5)
        pen.disc(x + size * 0.75, y + size * 0.65, size * 0.65, stage.tint((246, 214, 132)))
        pen.ring(x + size * 0.75, y + size * 0.65, size * 0.38, 0.007, stage.tint((206, 160, 76)))
    for x, y in stage.spots(46, -0.01, 0.03):
        pen.line([(x, y), (x + 0.004, y + 0.065)], 0.006, stage.tint((214, 164, 62)))
        pen.oval(x + 0.005, y + 0.075, 0.009, 0.022, stage.tint((250, 216, 116)))


def snow(stage: Stage) -> None:
    """White hills and firs under snow."""
    rng = stage.rng
    stage.hills(stage.horizon + 0.13, 0.05, (198, 212, 234), 0.55, 1.1)
    stage.hills(stage.horizon + 0.03, 0.03, (214, 226, 242), 0.35, 1.5)
    x = rng.uniform(-0.05, 0.05)
    while x < stage.width + 0.05:
        size = rng.uniform(0.16, 0.3)
        _snowy_fir(stage, x, stage.horizon - 0.05, size)
        x += rng.uniform(0.09, 0.24)
    stage.hills(stage.horizon - 0.03, 0.02, (230, 238, 248), 0.1)
    stage.hills(stage.ground + 0.06, 0.025, (222, 232, 246))
    stage.hills(stage.ground - 0.04, 0.02, (236, 243, 251))


def _snowy_fir(stage: Stage, x: float, y: float, size: float) -> None:
    stage.pine(x, y, size, (72, 120, 124), 0.22)
    pen, cap = stage.pen.moved(x, y, size), stage.tint((246, 250, 254), 0.1)
    for low, high, half in ((0.14, 0.56, 0.3), (0.36, 0.78, 0.24), (0.58, 1.0, 0.17)):
        rise = high - low
        pen.poly(
            [
                (0, high),
                (-half * 0.62, low + rise * 0.38),
                (-half * 0.2, low + rise * 0.5),
                (half * 0.1, low + rise * 0.36),
                (half * 0.3, low + rise * 0.52),
                (half * 0.62, low + rise * 0.38),
            ],
            cap,
        )


def desert(stage: Stage) -> None:
    """Dunes and table mountains."""
    pen, rng = stage.pen, stage.rng
    for i in range(3):
        x = stage.width * (i + rng.uniform(0.2, 0.8)) / 3
        half, high = rng.uniform(0.1, 0.19), rng.uniform(0.13, 0.25)
        low, top = stage.horizon - 0.03, stage.horizon + high
        pen.poly(
            [
                (x - half * 1.25, low),
                (x - half * 0.8, top),
                (x + half * 0.8, top),
                (x + half * 1.25, low),
            ],
            stage.tint((202, 106, 74), 0.4),
        )
        pen.poly(
            [
                (x + half * 0.25, low),
                (x + half * 0.35, top),
                (x + half * 0.8, top),
                (x + half * 1.25, low),
            ],
            stage.tint((172, 84, 70), 0.4),
        )
        for share in (0.45, 0.72):
            y = low + (top - low) * share
            reach = half * (1.25 - 0.45 * share)
            pen.box(x - reach, y, x + reach, y + 0.014, stage.tint((224, 138, 96), 0.4))
    stage.hills(stage.horizon, 0.03, (238, 180, 104), 0.25, 1.2)
    stage.hills(stage.horizon * 0.78, 0.045, (226, 156, 84), 0.08, 1.0)
    stage.hills(stage.horizon * 0.52, 0.04, (240, 182, 106), 0.0, 0.9)
    stage.hills(stage.ground - 0.05, 0.02, (230, 166, 92), 0.0, 1.1)
    for x, y in stage.spots(8, 0.015, stage.horizon * 0.85):
        stage.tuft(x, y, 0.02, (150, 150, 84))
    for x, y in stage.spots(10, 0.02, stage.horizon * 0.5):
        pen.curve([(x - 0.06, y), (x, y + 0.012), (x + 0.06, y)], 0.006, stage.tint((214, 148, 78)))


def forest(stage: Stage) -> None:
    """Firs and trunks in three rows, ferns in front."""
    pen, rng = stage.pen, stage.rng
    rows: tuple[tuple[float, float, Colour, float], ...] = (
        (0.66, 0.14, (84, 146, 116), 0.7),
        (0.56, 0.16, (58, 124, 92), 0.38),
        (0.44, 0.2, (40, 102, 76), 0.08),
    )
    room = stage.height - stage.horizon
    for index, (share, gap, fill, depth) in enumerate(rows):
        x = rng.uniform(-0.1, 0.05)
        foot = stage.horizon * (1.0 - 0.14 * index)
        stage.band(-0.01, foot + 0.03, fill, depth)
        while x < stage.width + 0.1:
            aside = abs(2 * x / stage.width - 1)
            tall = room * (0.5 + 0.62 * aside) * share * rng.uniform(0.85, 1.1) + 0.12
            stage.pine(x, foot, tall, fill, depth)
            x += gap * rng.uniform(0.6, 1.25)
    stage.hills(stage.horizon * 0.62, 0.015, (72, 122, 70))
    stage.hills(stage.ground + 0.0, 0.02, (92, 142, 76))
    for x, y in stage.spots(5, 0.04, stage.horizon * 0.55):
        pen.box(x - 0.007, y, x + 0.007, y + 0.022, stage.tint((250, 238, 214)))
        pen.dome(x, y + 0.02, 0.024, 0.02, stage.tint((206, 92, 74)))
    for x, y in stage.spots(16, -0.01, stage.horizon * 0.5):
        for lean in (-1.0, -0.5, 0.0, 0.5, 1.0):
            tip = (x + lean * 0.045, y + 0.06 - abs(lean) * 0.025)
            pen.curve([(x, y), (x + lean * 0.02, y + 0.04), tip], 0.009, stage.tint((60, 116, 66)))
