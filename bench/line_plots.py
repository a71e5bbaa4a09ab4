"""Line plots as SVG, readable on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 720, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 42, 74, 46
_TICKS = 5

_STYLE = """
text { font-family: system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif }
text { font-size: 13px; fill: #1f2430 }
.title { font-size: 16px; font-weight: 600 }
.quiet { fill: #5b6472; font-size: 12px }
.page { fill: #ffffff }
.grid { stroke: #d9dde4 }
.line { fill: none; stroke-width: 2.5 }
.c0 { stroke: #2f6fde } .c1 { stroke: #d9822b } .c2 { stroke: #3a9d5d } .c3 { stroke: #8b5fc7 }
.f0 { fill: #2f6fde } .f1 { fill: #d9822b } .f2 { fill: #3a9d5d } .f3 { fill: #8b5fc7 }
@media (prefers-color-scheme: dark) {
text { fill: #e8eaf0 }
.quiet { fill: #a3acba }
.page { fill: #14171d }
.grid { stroke: #333a45 }
}
"""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Plot:
    """What a plot shows; `lines` has points by the name of their line, in their order.

    Points below `lowest_y` are left out.
    """

    title: str
    about: str
    x_label: str
    y_label: str
    lines: Mapping[str, Points]
    is_log_x: bool = False
    lowest_y: float = 0.0


def svg(plot: Plot) -> str:
    """The plot as a picture of 720 by 360."""
    lines = {
        name: [(x, y) for x, y in line if y >= plot.lowest_y] for name, line in plot.lines.items()
    }
    points = [point for line in lines.values() for point in line]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x_ticks = _powers(min(xs), max(xs)) if plot.is_log_x else _ticks(0.0, max(xs))
    y_ticks = _ticks(plot.lowest_y, max(ys))
    across = _scale(x_ticks, _LEFT, _WIDTH - _RIGHT, is_log=plot.is_log_x)
    up = _scale(y_ticks, _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(plot.title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{_WIDTH}" height="{_HEIGHT}" rx="8"/>',
        _text(20, 26, plot.title, "title"),
        _text(20, 44, plot.about, "quiet"),
        _text(20, _TOP - 12, plot.y_label, "quiet"),
        _text(_WIDTH - _RIGHT, _HEIGHT - 10, plot.x_label, "quiet", "end"),
    ]
    for tick in y_ticks:
        y = up(tick)
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>')
        parts.append(_text(_LEFT - 8, y + 4, _number(tick), "quiet", "end"))
    parts += [
        _text(across(tick), _HEIGHT - _BOTTOM + 18, _number(tick), "quiet", "middle")
        for tick in x_ticks
    ]
    for number, (name, line) in enumerate(lines.items()):
        places = [(across(x), up(y)) for x, y in line]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path class="line c{number}" d="M{path}"/>')
        parts += [f'<circle class="f{number}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places]
        left = _LEFT + 120 + number * 140
        parts.append(f'<rect class="f{number}" x="{left}" y="{_TOP - 21}" width="12" height="4"/>')
        parts.append(_text(left + 17, _TOP - 14, name, "quiet"))
    return "\n".join([*parts, "</svg>\n"])


def _scale(
    ticks: Sequence[float], start: float, end: float, *, is_log: bool = False
) -> Callable[[float], float]:
    place = math.log10 if is_log else float
    low, high = place(ticks[0]), place(ticks[-1])
    share = (end - start) / ((high - low) or 1.0)
    return lambda value: start + (place(value) - low) * share


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from the lowest to one that is no lower than the highest."""
    rough = max(high - low, 1e-9) / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= rough * 0.999)
    return [low + step * each for each in range(math.ceil((high - low) / step - 1e-6) + 1)]


def _powers(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0**each for each in range(first, max(last, first + 1) + 1)]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.3g}"


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(text)}</text>'
