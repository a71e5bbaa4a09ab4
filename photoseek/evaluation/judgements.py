"""What people have judged: a table with a query, a photo and how well that fits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from photoseek.description_limits import clean
from photoseek.errors import SourceError
from photoseek.sources.manifest_columns import unguarded
from photoseek.sources.tables import CsvTable, Row

QUERY = "query"
PHOTO = ("photo", "id", "uri", "path", "url")
GRADE = "grade"

MOST_GRADE = 1_000.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """That a photo, named by its id or its place, fits a query by a grade; 0 is not at all."""

    query: str
    photo: str
    grade: float = 1.0


def read_judgements(path: Path) -> list[Judgement]:
    """The rows of a CSV with the columns query, photo and, where grades differ, grade.

    Raises:
        SourceError: the file cannot be read, lacks a column or a row makes no sense.
    """
    table = CsvTable(lambda: path.open("rb"), ",", str(path), told_by=(QUERY,))
    names = {name.lower(): name for name in table.columns}
    photo = next((names[name] for name in PHOTO if name in names), None)
    if QUERY not in names or photo is None:
        raise SourceError(
            f"{path} has the columns {', '.join(table.columns)}. Judgements take a column query, a "
            "column photo with ids or places of photos, and if you like a column grade."
        )
    graded = names.get(GRADE)
    found = [_judgement(path, row, names[QUERY], photo, graded) for row in table.rows()]
    if not found:
        raise SourceError(f"{path} has no rows: each says a query and a photo that fits it.")
    return found


def _judgement(path: Path, row: Row, query: str, photo: str, graded: str | None) -> Judgement:
    where = f"Line {row.number} of {path}"
    if row.problem:
        raise SourceError(f"{where}: {row.problem}.")
    text, named = clean(_cell(row.cells, query)), _cell(row.cells, photo)
    if not text or not named:
        raise SourceError(f"{where} lacks its {QUERY if not text else photo}.")
    written = _cell(row.cells, graded) if graded else ""
    grade = _grade(written) if written else 1.0
    if grade is None:
        raise SourceError(
            f"{where} has the grade {written!r}; a grade is a number from 0, which does not fit, "
            f"to {MOST_GRADE:,.0f}."
        )
    return Judgement(text, named, grade)


def _cell(cells: Mapping[str, object], name: str) -> str:
    return unguarded(str(cells.get(name, "")).strip())


def _grade(text: str) -> float | None:
    try:
        grade = float(text.replace(",", "."))
    except ValueError:
        return None
    return grade if math.isfinite(grade) and 0 <= grade <= MOST_GRADE else None
