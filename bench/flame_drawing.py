"""Flame graphs as SVG: a box is a function, as wide as its time, and what it calls is below it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html import escape

from bench.cpu_samples import Stacks

WIDTH, ROW, MARGIN = 1200, 17, 12
LEAST = 0.004
"""The share of all time from which on a box is drawn."""

LETTER = 6.2
"""Pixels of a letter, about."""

_STYLE = """text { font: 11px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif }
text { fill: #1f2430 }
.title { font-size: 15px; font-weight: 600 }
.page { fill: #ffffff } .own { fill: #f3b562 } .other { fill: #cfd6e0 }
@media (prefers-color-scheme: dark) {
.page { fill: #14171d } .title { fill: #e8eaf0 } .own { fill: #e0913a } .other { fill: #8b95a5 }
}"""


@dataclass
class _Box:
    spent: int = 0
    inside: dict[str, _Box] = field(default_factory=dict)


def flame(stacks: Stacks, title: str, times: int) -> str:
    """The picture of what was counted while something was done so many times."""
    top = _Box()
    for stack, spent in stacks.items():
        box = top
        box.spent += spent
        for name in stack:
            box = box.inside.setdefault(name, _Box())
            box.spent += spent
    lines: list[str] = []
    deepest = _draw(top, MARGIN, 0, (WIDTH - 2 * MARGIN) / top.spent, times, lines)
    height = 2 * MARGIN + 24 + ROW * deepest
    whole = f"{title}: {top.spent / times / 1e6:.1f} ms of CPU time"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
    page = f'<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>'
    shown = f'<text class="title" x="{MARGIN}" y="26">{escape(whole)}</text>'
    name = f"<title>{escape(whole)}</title>"
    style = f"<style>\n{_STYLE}\n</style>"
    return "\n".join([head, name, style, page, shown, *lines, "</svg>", ""])


def under(name: str, stacks: Stacks) -> Stacks:
    """The stacks of one process, below its name."""
    return Counter({(name, *stack): spent for stack, spent in stacks.items()})


def _draw(box: _Box, x: float, row: int, scale: float, times: int, lines: list[str]) -> int:
    """Draw what is inside of a box; gives how many rows there are."""
    deepest = row
    for name, inner in sorted(box.inside.items(), key=lambda each: -each[1].spent):
        width = inner.spent * scale
        if width < LEAST * WIDTH:
            continue
        y = MARGIN + 24 + ROW * row
        kind = "own" if name.endswith(")") else "other"
        told = escape(f"{name}: {inner.spent / times / 1e6:.2f} ms")
        rect = f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{width - 0.6:.1f}" height="16"/>'
        letters = int((width - 6) / LETTER)
        text = name.partition(" (")[0]
        shown = text if len(text) <= letters else f"{text[: letters - 1]}…"
        label = f'<text x="{x + 3:.1f}" y="{y + 12}">{escape(shown)}</text>' if letters > 4 else ""
        lines.append(f"<g><title>{told}</title>{rect}{label}</g>")
        deepest = max(deepest, _draw(inner, x, row + 1, scale, times, lines))
        x += width
    return max(deepest, row + bool(box.inside))
