"""Words of commands that people copy, for the shell that they have."""

from __future__ import annotations

import shlex
import subprocess

from photoseek.helpers.path_rules import HERE, Flavour


def quoted(word: str, flavour: Flavour = HERE) -> str:
    """A word as it is written in a command, in quotes where it needs some.

    Windows knows no single quotes.
    """
    return subprocess.list2cmdline([word]) if flavour == "windows" else shlex.quote(word)
