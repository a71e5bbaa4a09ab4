"""How long four commands take beside rclip, as bars, from docs/benchmarks/command_line.md."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PICTURE = DOCS / "speed.svg"

WIDTH, LABELS, BAR, GAP, TOP = 760, 230, 18, 26, 64
ROW = re.compile(r"^\| ([^|]+?) \| ([\d.]+) \| [\d.]+ \| ([\d.]+) \| [\d.]+ \| [\d.]+ \|", re.M)

ABOUT = "Less is better. The same photos and vectors, by turns; ViT-B-32-256 on two cores."

STYLE = """
text { font-family: system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif }
text { font-size: 14px; fill: #1f2430 }
.title { font-size: 17px; font-weight: 600 }
.quiet { fill: #5b6472; font-size: 12px }
.page { fill: #ffffff }
.photoseek { fill: #2f6fde }
.rclip { fill: #b8bfca }
@media (prefers-color-scheme: dark) {
text { fill: #e8eaf0 }
.quiet { fill: #a3acba }
.page { fill: #14171d }
.photoseek { fill: #6b9cf2 }
.rclip { fill: #555e6c }
}
"""


def rows() -> list[tuple[str, float, float]]:
    """What was measured: the command, our seconds, and those of rclip."""
    text = (DOCS / "benchmarks" / "command_line.md").read_text("utf-8")
    table = text.partition("## The command line")[2].partition("\n## ")[0]
    return [(name, float(ours), float(other)) for name, ours, other in ROW.findall(table)]


def picture() -> str:
    """The picture as SVG."""
    measured = rows()
    scale = (WIDTH - LABELS - 110) / max(max(both) for _, *both in measured)
    height = TOP + len(measured) * (2 * BAR + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>photoseek and rclip: seconds of four commands</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}" rx="8"/>',
        _text(24, 30, "Seconds from the command to its answer, without a server", "title"),
        _text(24, 49, ABOUT, "quiet"),
    ]
    for number, (name, ours, others) in enumerate(measured):
        top = TOP + number * (2 * BAR + GAP)
        parts.append(_text(24, top + BAR + 5, name))
        parts += _bar(top, ours, scale, "photoseek")
        parts += _bar(top + BAR + 2, others, scale, "rclip")
    return "\n".join([*parts, "</svg>\n"])


def _bar(top: float, seconds: float, scale: float, program: str) -> list[str]:
    place = f'x="{LABELS}" y="{top}" width="{seconds * scale:.1f}" height="{BAR}"'
    return [
        f'<rect class="{program}" {place} rx="3"/>',
        _text(LABELS + seconds * scale + 8, top + 13, f"{program} {seconds:.2f}", "quiet"),
    ]


def _text(x: float, y: float, text: str, kind: str = "label") -> str:
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}">{escape(text)}</text>'


def main() -> None:
    """Draw it."""
    PICTURE.write_text(picture(), "utf-8")


if __name__ == "__main__":
    main()
