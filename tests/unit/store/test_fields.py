"""The one table of fields, and that what is written of it agrees."""

from __future__ import annotations

from pathlib import Path

from photoseek.store.fields import BY_NAME, FACETS, FIELDS
from photoseek.store.kinds import Labels, Text

README = Path(__file__).parents[3] / "README.md"


def test_the_readme_lists_every_field_as_the_table_has_it() -> None:
    rows = [
        f"| `{field.name}` | `{' '.join(field.kind.operators)}` | {field.about} |"
        for field in FIELDS
    ]
    assert "\n".join(["| --- | --- | --- |", *rows, ""]) in README.read_text()


def test_names_are_there_once() -> None:
    assert len(BY_NAME) == len(FIELDS)
    for names in (
        [field.facet for field in FACETS],
        [field.parameter for field in FIELDS if field.parameter],
    ):
        assert len(set(names)) == len(names)


def test_words_of_keywords_are_texts() -> None:
    assert all(isinstance(field.kind, Text | Labels) for field in FIELDS if field.keywords)
