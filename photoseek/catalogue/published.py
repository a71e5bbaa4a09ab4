"""Names of published models, and which languages the texts were in that they learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

ENGLISH = "English"

_MANY = (
    ("SigLIP2", "100 languages"),
    ("i18n", "100 languages"),
    ("xlm-roberta", "100 languages"),
    ("nllb-clip", "201 languages"),
    ("worldwide", "300 languages"),
)
"""By what stands in an architecture's name; all others were trained with English captions, or with
what passed a filter for English."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An architecture and the tag of its weights."""

    architecture: str
    tag: str

    @classmethod
    def of(cls, name: str) -> Self | None:
        """The pair of a name, or None where it names a folder, a repository or a file."""
        architecture, _, tag = name.partition(":")
        if not tag or architecture in ("local-dir", "hf-hub") or set(tag) & set("/\\."):
            return None
        return cls(architecture.removesuffix("-quickgelu"), tag)


def languages_of(name: str) -> str:
    """The languages of a published model or the demo's; "" where nothing is known of them."""
    pair = Pair.of(name)
    if pair is None:
        return ENGLISH if name == "demo" else ""
    found = (languages for part, languages in _MANY if part in pair.architecture)
    return next(found, ENGLISH)


def reads_english_alone(name: str) -> bool:
    """Whether a model is known to have learnt from English texts alone."""
    return languages_of(name) == ENGLISH
