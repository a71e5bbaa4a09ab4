"""Rows out of lines whose cells may be quoted, where a lone quote never swallows the next row."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LONGEST_FIELD = 1_048_576
"""Characters. Past that a quote was surely left open: the row is given up, the next one read."""

_LONGEST_LINE = 1 << 30


@dataclass(frozen=True, slots=True)
class Fields:
    """The cells of a row that begins in a line, or the problem with its quotes.

    They are `bare` where a quote was found that stands for itself, as in 12" or "so" he said.
    """

    line: int
    cells: list[str]
    problem: str = ""
    bare: bool = False


def split_rows(
    lines: Iterator[str],
    separator: str,
    *,
    is_row: Callable[[list[str]], bool] = lambda _: False,
    bare: bool = False,
) -> Iterator[Fields]:
    """Split lines into rows; blank lines are left out.

    A cell may be quoted and then hold separators, doubled quotes and line ends. Where that fails
    to be true of a row, its first line is given by itself, and the next line begins a row of its
    own: with tabs as separators as it stands, since programs write tabs without any quotes, else
    as a problem. No quote reaches over a line that `is_row`. With `bare` no cell of one line is
    taken as quoted.
    """
    allow_fields_of(_LONGEST_LINE)
    source = _Lines(lines)
    while (first := source.next()) is not None:
        number = source.number
        plain = first.rstrip("\r\n").split(separator)
        if '"' not in first:
            if first.strip("\r\n"):
                yield Fields(number, plain)
            continue
        taken = [first]
        try:
            cells = next(
                csv.reader(
                    _cell_lines(source, taken, separator, is_row), delimiter=separator, strict=True
                )
            )
        except csv.Error as error:
            source.give_back(taken[1:])
            if separator == "\t":
                yield Fields(number, plain, bare=True)
            else:
                yield Fields(number, [], f"row cannot be read ({error}); check its quotes")
            continue
        yield Fields(number, plain if bare and len(taken) == 1 else cells)


def allow_fields_of(characters: int) -> None:
    """Let Python's csv module read fields that long.

    The limit belongs to the whole process; it is only ever raised, which can only help others.
    """
    csv.field_size_limit(max(csv.field_size_limit(), characters))


def _cell_lines(
    source: _Lines, taken: list[str], separator: str, is_row: Callable[[list[str]], bool]
) -> Iterator[str]:
    """The first line of a row, and those that a reader asks for since a quote is open."""
    yield taken[0]
    size = len(taken[0])
    while size <= LONGEST_FIELD and (line := source.next()) is not None:
        taken.append(line)
        if is_row(line.rstrip("\r\n").split(separator)):
            return
        size += len(line)
        yield line


class _Lines:
    """Lines that can be given back; `number` is that of the last one that was taken."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._waiting: deque[str] = deque()
        self.number = 0

    def next(self) -> str | None:
        """The next line, None at the end."""
        line = self._waiting.popleft() if self._waiting else next(self._lines, None)
        self.number += line is not None
        return line

    def give_back(self, lines: list[str]) -> None:
        """Put lines back in front."""
        self._waiting.extendleft(reversed(lines))
        self.number -= len(lines)
