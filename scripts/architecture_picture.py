"""Draws docs/architecture.svg from the import rules: `python scripts/architecture_picture.py`.

The rows are the layers of `[tool.importlinter]` in pyproject.toml, the boxes their rooms with the
first sentence of their docstring. What a room uses is read from the imports themselves.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
import tomllib
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "architecture.svg"

LIBRARIES = {
    "aiohttp": "aiohttp",
    "boto3": "boto3",
    "fastapi": "FastAPI",
    "httpx": "httpx",
    "jina": "Jina",
    "lancedb": "LanceDB",
    "open_clip": "OpenCLIP",
    "PIL": "Pillow",
    "rich": "Rich",
    "torch": "PyTorch",
}
"""Libraries that are worth a mark on the rooms that import them."""

GROUND = {"errors", "records", "settings", "limits", "helpers"}
"""Rooms that nearly all others use; to name them in each box would tell nothing."""

WIDTH = 1040
MARGIN = 28
GAP = 10
PADDING = 13
INDENT = 20
COLUMN = 132
LINE = 16
CHARACTER = 6.8
"""Points, the last for a character of a box on average."""


@dataclass(frozen=True)
class Room:
    """A package or a module that a layer names."""

    module: str
    about: str
    uses: tuple[str, ...]
    libraries: tuple[str, ...]

    @property
    def name(self) -> str:
        """What its box is called."""
        return self.module.removeprefix("photoseek.")


def layers() -> list[list[str]]:
    """The modules of each layer, from the top of the house to its ground."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    outer, inner = [c for c in rules["tool"]["importlinter"]["contracts"] if c["type"] == "layers"][
        :2
    ]
    above = [_split(layer) for layer in outer["layers"] if "photoseek" not in _split(layer)]
    return above + [[f"photoseek.{name}" for name in _split(layer)] for layer in inner["layers"]]


def picture() -> str:
    """The picture as SVG."""
    parts: list[str] = []
    top = 84.0
    rows = layers()
    for number, modules in enumerate(rows):
        height = _row(parts, [_room(module) for module in modules], top, number / len(rows))
        top += height + GAP
    return _document("\n".join(parts), top + 14)


@cache
def _imports() -> grimp.ImportGraph:
    return grimp.build_graph(
        "photoseek", "executors", "training", include_external_packages=True, cache_dir=None
    )


def _room(module: str) -> Room:
    graph = _imports()
    inside = {module} | graph.find_descendants(module)
    used = {each for part in inside for each in graph.find_modules_directly_imported_by(part)}
    rooms = {name for layer in layers() for name in layer if name != module}
    uses = {room for room in rooms for each in used if _is_in(each, room)}
    names = sorted(room.removeprefix("photoseek.") for room in uses)
    return Room(
        module,
        _about(module),
        tuple(name for name in names if name not in GROUND),
        tuple(shown for name, shown in LIBRARIES.items() if name in used),
    )


def _is_in(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def _about(module: str) -> str:
    """The first sentence of its docstring."""
    path = ROOT / module.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split()).split(". ")[0].rstrip(".").replace("`", "")


def _split(layer: str) -> list[str]:
    return [name.strip() for name in re.split("[:|]", layer)]


def _row(parts: list[str], rooms: list[Room], top: float, depth: float) -> float:
    """Add the boxes of a layer, each as high as the highest; gives the row's height."""
    width = (WIDTH - 2 * MARGIN - GAP * (len(rooms) - 1)) / len(rooms)
    texts = [_lines(room, width) for room in rooms]
    heading = 0 if len(rooms) == 1 else LINE + 2  # a box of its own has its text beside its name
    height = PADDING * 2 + heading + max(len(about) + len(uses) for about, uses in texts) * LINE - 3
    hue = round(32 + 200 * depth)
    for number, (room, (about, uses)) in enumerate(zip(rooms, texts, strict=True)):
        left = MARGIN + number * (width + GAP)
        parts.append(_frame(left, top, width, height, hue))
        parts.append(_heading(room, left, top, width))
        x, y = (left + INDENT, top) if len(rooms) > 1 else (left + INDENT + COLUMN, top)
        parts.append(_texts(about, uses, x, y + PADDING + 10 + heading))
    return height


def _lines(room: Room, width: float) -> tuple[list[str], list[str]]:
    """What stands in a box, in lines that fit."""
    alone = width > WIDTH - 2 * MARGIN - 1
    most = int((width - INDENT - PADDING - (COLUMN + 110 if alone else 0)) / CHARACTER)
    uses = f"uses {', '.join(room.uses)}" if room.uses else ""
    return textwrap.wrap(room.about, most), textwrap.wrap(uses, most + 6)


def _frame(left: float, top: float, width: float, height: float, hue: int) -> str:
    size = f'y="{top:.0f}" height="{height:.0f}"'
    return (
        f'<rect class="box" x="{left:.1f}" width="{width:.1f}" rx="7" {size}/>\n'
        f'<rect x="{left:.1f}" width="5" rx="2.5" {size} fill="hsl({hue} 48% 56%)"/>'
    )


def _heading(room: Room, left: float, top: float, width: float) -> str:
    y, right = top + PADDING + 10, left + width - PADDING
    name = f'<text class="name" x="{left + INDENT:.0f}" y="{y:.0f}">{escape(room.name)}</text>'
    if not room.libraries:
        return name
    shown = escape(" · ".join(room.libraries))
    return f'{name}\n<text class="library" x="{right:.0f}" y="{y:.0f}">{shown}</text>'


def _texts(about: list[str], uses: list[str], x: float, y: float) -> str:
    lines = [("about", line) for line in about] + [("uses", line) for line in uses]
    return "\n".join(
        f'<text class="{style}" x="{x:.0f}" y="{y + LINE * number:.0f}">{escape(line)}</text>'
        for number, (style, line) in enumerate(lines)
    )


def _document(body: str, height: float) -> str:
    middle = WIDTH / 2
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img">
<title>The rooms of photoseek: each may import what lies in the rows below it</title>
<style>
text {{ font-family: system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #1f2430 }}
.title {{ font-size: 21px; font-weight: 650; text-anchor: middle }}
.rule {{ font-size: 13px; text-anchor: middle; fill: #5b6472 }}
.name {{ font: 600 15px ui-monospace, "DejaVu Sans Mono", Menlo, monospace }}
.about {{ font-size: 12.5px }}
.uses, .library {{ font-size: 11.5px; fill: #667085 }}
.library {{ text-anchor: end; font-style: italic }}
.page {{ fill: #fbfaf7 }}
.box {{ fill: #fff; stroke: #d9d6cd }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #e8eaf0 }}
.rule, .uses, .library {{ fill: #9aa4b5 }}
.page {{ fill: #14171d }}
.box {{ fill: #1d222b; stroke: #343b48 }}
}}
</style>
<rect class="page" width="{WIDTH}" height="{height:.0f}" rx="10"/>
<text class="title" x="{middle:.0f}" y="40">The rooms of photoseek</text>
<text class="rule" x="{middle:.0f}" y="62">A room may import what lies in the rows below it, and \
nothing beside or above. Drawn from the import rules in pyproject.toml.</text>
{body}
</svg>
"""


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # where grimp looks for packages
    PICTURE.write_text(picture(), encoding="utf-8")
