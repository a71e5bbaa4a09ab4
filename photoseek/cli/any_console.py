"""Output in whatever encoding a console or pipe has: no character that it lacks ends a run.

On Windows a pipe has the code page of the country, such as cp1252, and in containers there is plain
ASCII.
"""

from __future__ import annotations

import codecs
import json
import sys
from io import TextIOWrapper


def show_what_can_be_shown() -> None:
    r"""Let standard output and error show characters that they lack by their numbers: \u732b."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def json_line(value: object) -> str:
    """A value as JSON for standard output, in ASCII unless that is UTF-8."""
    return json.dumps(value, ensure_ascii=not _shows_everything())


def _shows_everything() -> bool:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    return codecs.lookup(encoding).name == "utf-8"
