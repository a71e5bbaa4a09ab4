"""A terminal in which photos are indexed and searched, as SVG."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COLUMNS, ROWS = 96, 30
PROMPT = "\x1b[32m$\x1b[0m "
REDRAWN = re.compile(rb"\r?(?:\x1b\[[0-9;?]*[ABGHJKhl])+")
"""What a progress bar sends before it draws itself again, or puts the cursor away."""

THEME = TerminalTheme(
    (24, 26, 31),
    (222, 226, 232),
    [(24, 26, 31), (235, 87, 87), (111, 207, 151), (242, 201, 76), (86, 157, 229),
     (187, 134, 252), (86, 204, 242), (222, 226, 232)],
)  # fmt: skip


def on_terminal(arguments: Sequence[str], folder: Path) -> list[bytes]:
    """What a command of photoseek shows on a terminal, one piece for each time that it redraws."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    process = subprocess.Popen(
        [sys.executable, "-m", "photoseek", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env=environment | {"LINES": str(ROWS)},
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # Linux says so when the other side is closed
        pass
    os.close(ours)
    if process.wait():
        raise RuntimeError(shown.decode())
    return [piece for piece in REDRAWN.split(shown) if piece.strip()]


def draw(folder: Path, source: str, while_indexing: Path, afterwards: Path) -> None:
    """Index photos in a folder and search them; draw the terminal half-way and at the end."""
    index = ["index", "--source", source]
    pieces = on_terminal([*index, "--model", "demo"], folder)
    bars = [piece for piece in pieces if piece.startswith(b"Indexing")]
    command = f"{PROMPT}photoseek index --source {source}"
    moving = [bar for bar in bars if b"photos/s" in bar]
    _save([command, moving[len(moving) // 2]], while_indexing)
    found = on_terminal(["search", "red car at night", "-k", "4"], folder)[-1]
    search = f'{PROMPT}photoseek search "red car at night" -k 4'
    _save([command, bars[-1], pieces[-1], "", search, found], afterwards)


def _save(lines: Sequence[str | bytes], target: Path) -> None:
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        for line in lines:
            text = line if isinstance(line, str) else line.decode()
            console.print(Text.from_ansi(text.replace("\r\n", "\n").strip()))
        console.print()
    drawn = console.export_svg(title="photoseek", theme=THEME)
    # The font of whoever looks at it, and none of another server.
    target.write_text(re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL), "utf-8")
