"""Which languages the card of a model says that it has learnt: the first lines of its README.md."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from photoseek.compat.model_hub import cached

CARD = "README.md"

_LONGEST = 64_000
"""Characters of a card that are read: what is said of languages is at its beginning."""

_HEAD = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_LANGUAGE = re.compile(r"^language:[ \t]*(.*)\n?((?:[ \t]*-[ \t]*.*(?:\n|\Z))*)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z-]+")
_ENGLISH = {"en", "eng", "english"}


def card_says_english(name: str) -> bool:
    """Whether the card of a model in a folder or a repository, as far as it is on this machine,
    says that it has learnt English alone.
    """
    scheme, _, rest = name.partition(":")
    place = {"local-dir": Path(rest), "hf-hub": cached(rest) if scheme == "hf-hub" else None}
    folder = place.get(scheme)
    if folder is None:
        return False
    try:
        card = folder / CARD
        now = card.stat()
        return set(_languages(card, now.st_mtime_ns, now.st_size)) == {"en"}
    except (OSError, ValueError):
        return False


@lru_cache(maxsize=8)
def _languages(card: Path, changed: int, size: int) -> tuple[str, ...]:
    """The languages of a card as it has been since it was changed: a service asks at each text."""
    with card.open(encoding="utf-8-sig") as file:
        head = _HEAD.match(file.read(_LONGEST))
    found = _LANGUAGE.search(head[1] + "\n") if head else None
    if found is None:
        return ()
    lines = [line.partition("#")[0] for line in (found[1], *found[2].splitlines())]
    words = [word.strip("-").lower() for line in lines for word in _WORD.findall(line)]
    return tuple("en" if word in _ENGLISH else word for word in words if word.strip("-"))
