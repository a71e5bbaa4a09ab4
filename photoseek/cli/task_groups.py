"""The tasks by what they are for, as people are told of them."""

from __future__ import annotations

from photoseek.cli.task_options import TASKS
from photoseek.cli.task_record import Task

FIRST = "to begin with"

_NAMES = {
    FIRST: ("demo", "index", "search", "serve", "doctor"),
    "photos": ("download", "ocr", "keywords", "delete"),
    "an index": ("status", "export", "copy", "reindex", "switch"),
    "models": ("models", "evaluate", "tune", "clicks", "export-model"),
    "parts of a service, and programs": ("gateway", "encoder", "indexer", "work", "completion"),
}

GROUPS: dict[str, tuple[Task, ...]] = {
    heading: tuple(TASKS[name] for name in names) for heading, names in _NAMES.items()
}
"""The tasks of each heading; every task is in one of them."""
