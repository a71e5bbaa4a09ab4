"""Lets the process that starts a Flow know, in words, why an executor did not come up."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photoseek.errors import PhotoseekError

REPORT = "_PHOTOSEEK_STARTUP_REPORT"
"""Environment variable with the file that the reason is written to."""


@contextmanager
def report_errors() -> Iterator[None]:
    """Write down a PhotoseekError that keeps an executor from starting, and pass it on."""
    try:
        yield
    except PhotoseekError as error:
        if report := os.environ.get(REPORT):
            Path(report).write_text(str(error), encoding="utf-8")
        raise
