"""What tasks print: for people on a terminal, for programs in a pipe.

In a pipe nothing is coloured or wrapped. What is a table on a terminal is a line for each of its
rows there, with tabs between the cells and whole paths.
"""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import fill
from typing import Any

from rich.console import Console, RenderableType
from rich.status import Status
from rich.text import Text
from typing_extensions import override

from photoseek.helpers.uri import scheme_of

INDENT = "  "

_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def new_console(*, stderr: bool = False) -> Console:
    """Where a task prints."""
    console = _OurConsole(stderr=stderr)
    console.soft_wrap = not console.is_terminal
    return console


class _OurConsole(Console):
    @override
    def status(self, status: RenderableType, *, spinner: str = "", **options: Any) -> Status:
        """What is shown while somebody waits, with what this console can show."""
        usual = "line" if self.options.ascii_only else "dots"
        return super().status(status, spinner=spinner or usual, **options)


def print_row(console: Console, *cells: object) -> None:
    """One line with tabs between its cells; a tab or a line break within one becomes a space."""
    line = "\t".join(_BREAKS.sub(" ", str(cell)) for cell in cells)
    print(line, file=console.file, flush=True)  # rich would make spaces of the tabs


def print_sentence(
    console: Console, sentence: str, style: str = "", styled: int | None = None
) -> None:
    """A sentence below what was printed: indented, and on a terminal broken between its words.

    `styled` is how many of its characters have the style, where not all have.
    """
    if console.is_terminal:
        sentence = fill(
            sentence,
            console.width,
            initial_indent=INDENT,
            subsequent_indent=INDENT * 2,
            break_long_words=False,
            break_on_hyphens=False,
        )
    else:
        sentence = INDENT + sentence
    line = Text(sentence)
    if style:
        line.stylize(style, 0, None if styled is None else len(INDENT) + styled)
    console.print(line, soft_wrap=True)


def short_place(uri: str) -> str:
    """A path as short as the current folder allows; a URL as it is."""
    if scheme_of(uri):
        return uri
    path = Path(uri)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else uri
