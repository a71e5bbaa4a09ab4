"""What a task of the command line is."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

PARTS = ("gateway", "encoder", "indexer")
"""Tasks that are one part of `serve` each."""

PHOTOS, DOWNLOAD, SERVING, EVERYWHERE = "photos", "download", "serving", "everywhere"
SETTINGS_GROUPS = (PHOTOS, DOWNLOAD, SERVING, EVERYWHERE)
"""The headings below which settings are listed, as their `Option.group` says."""

Adder = Callable[[argparse._ArgumentGroup], None]
Rule = tuple[Callable[[argparse.Namespace], object], str]


@dataclass(frozen=True, slots=True)
class Task:
    """One task: what it is for, what it takes, and what of that does not go together.

    `options` are those of its own, `settings` the groups of settings that it lists; `words` says
    what the words without an option are, "" where it takes none. A rule is what is wrong and the
    sentence that says so. Settings that are `unused` are no options of it, whatever group they are
    in, and `helps` says of others what they do here.
    """

    name: str
    about: str
    settings: tuple[str, ...] = (EVERYWHERE,)
    options: Adder | None = None
    words: str = ""
    examples: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    more: str = ""
    unused: tuple[str, ...] = ()
    helps: tuple[tuple[str, str], ...] = ()


NO_GATEWAY: Rule = (lambda o: o.gateway, "--gateway belongs to index, search, status, delete")
"""That a task works in its own process."""

OF_AN_INDEX = ("keep", "ocr", "keyword_fields")
"""Settings that say what an index gets, for tasks that write none."""
