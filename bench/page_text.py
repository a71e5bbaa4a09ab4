"""Paragraphs, lists and tables of pages that a measurement writes, in Markdown."""

from __future__ import annotations

from textwrap import wrap

_WIDTH = 118


def wrapped(*parts: str) -> list[str]:
    """A paragraph in lines of the width that pages have."""
    return wrap(" ".join(parts), _WIDTH, break_long_words=False, break_on_hyphens=False)


def point(*parts: str) -> list[str]:
    """One point of a list."""
    first, *others = wrapped(*parts)
    return [f"- {first}", *(f"  {line}" for line in others)]


def table(head: tuple[str, ...], rows: list[tuple[str, ...]], first: str = "---:") -> list[str]:
    """A table whose columns are to the right, but the first one where `first` says otherwise."""
    rule = " | ".join([first, *["---:"] * (len(head) - 1)])
    return [f"| {' | '.join(head)} |", f"| {rule} |", *(f"| {' | '.join(row)} |" for row in rows)]
