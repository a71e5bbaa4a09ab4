"""The one table of fields."""

from __future__ import annotations

from photoseek.store.fields import BY_NAME, FACETS, FIELDS
from photoseek.store.kinds import Labels, Text


def test_names_are_there_once() -> None:
    assert len(BY_NAME) == len(FIELDS)
    for names in (
        [field.facet for field in FACETS],
        [field.parameter for field in FIELDS if field.parameter],
    ):
        assert len(set(names)) == len(names)


def test_words_of_keywords_are_texts() -> None:
    assert all(isinstance(field.kind, Text | Labels) for field in FIELDS if field.keywords)
