"""Writes the tables of docs/decisions/README.md: `python scripts/decisions_index.py`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs" / "decisions"
README = FOLDER / "README.md"
_RECORD = re.compile(
    r"^## (?P<number>\d{4}) (?P<title>.+)\n\n"
    r"\*\*Status:\*\* (?P<status>accepted|superseded(?: in part)? by \d{4}), (?P<date>[\d-]{10})\n"
    r"\n(?=\w|`|\[|\")",
    re.MULTILINE,
)

HEAD = """# Decisions

One file for each topic. A record's heading is what was decided; its text says what it was decided
against, what was measured, and what follows from it. Numbers follow the order in which decisions
were written down; the next one is {following:04}. A decision that is overturned stays, with the
number of the one that took its place.

To add one: a heading `## {following:04} Title` in the file of its topic, below it
`**Status:** accepted, YYYY-MM-DD`, then a paragraph. `python scripts/decisions_index.py` writes the
tables below.
"""


@dataclass(frozen=True)
class Decision:
    """What stands above the text of a record."""

    number: int
    title: str
    status: str
    date: str
    file: str

    @property
    def link(self) -> str:
        """Where the record is found, by the anchor that its heading gets."""
        words = re.sub(r"[^\w\- ]", "", f"{self.number:04} {self.title}".lower())
        return f"{self.file}#{words.replace(' ', '-')}"

    @property
    def successor(self) -> int | None:
        """The number of the decision that took its place, or a part of it."""
        found = re.search(r"\d{4}", self.status)
        return int(found[0]) if found else None


def topics() -> list[Path]:
    """The files with records."""
    return sorted(path for path in FOLDER.glob("*.md") if path != README)


def decisions() -> list[Decision]:
    """All records, by topic and number.

    Raises:
        ValueError: a heading is no record's, a number stands twice or is left out, or a record's
            successor does not exist.
    """
    found = [decision for path in topics() for decision in _of(path)]
    numbers = sorted(decision.number for decision in found)
    if numbers != list(range(1, len(found) + 1)):
        raise ValueError(f"the numbers of the decisions are not 1 to {len(found)}: {numbers}")
    for decision in found:
        if decision.successor is not None and decision.successor not in numbers:
            raise ValueError(f"decision {decision.number} is superseded by one that is not there")
    return found


def readme() -> str:
    """What docs/decisions/README.md has to say."""
    found = decisions()
    lines = [HEAD.format(following=len(found) + 1)]
    for file, group in groupby(found, key=lambda decision: decision.file):
        title = (FOLDER / file).read_text("utf-8").splitlines()[0].removeprefix("# ")
        lines += [f"## {title}\n", "| No. | Decision | Status |", "| --- | --- | --- |"]
        lines += [f"| {d.number:04} | [{d.title}]({d.link}) | {d.status} |" for d in group]
        lines.append("")
    return "\n".join(lines)


def _of(path: Path) -> Iterator[Decision]:
    text = path.read_text("utf-8")
    records = list(_RECORD.finditer(text))
    if len(records) != len(re.findall("^#{2,} ", text, re.MULTILINE)):
        raise ValueError(f"{path.name} has a heading that is no record's, or one without a status")
    for record in sorted(records, key=lambda record: record["number"]):
        yield Decision(
            int(record["number"]), record["title"], record["status"], record["date"], path.name
        )


if __name__ == "__main__":
    try:
        README.write_text(readme(), encoding="utf-8")
    except ValueError as error:
        sys.exit(str(error))
