"""A look at the index."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from photoseek.cli.checks.findings import Finding, Subject, unsetting
from photoseek.errors import StoreError
from photoseek.helpers.counted import counted
from photoseek.helpers.deadlines import within
from photoseek.helpers.program import command
from photoseek.helpers.shell_words import quoted
from photoseek.identity import folder_of, is_mistaken
from photoseek.indexing.reindex_place import Beside, second_index
from photoseek.settings import variable
from photoseek.store import is_folder, mistaken_vectors, open_store, peek_model

PATIENCE = 10.0
"""Seconds that a bucket may take."""


def look_at_index(subject: Subject) -> Iterator[Finding]:
    """Whether it can be read, what it holds, and whether it would be faster after some upkeep."""
    new = f"{command('index')} --source ~/Pictures"
    try:
        with within(PATIENCE):
            if peek_model(subject.settings.index, subject.settings) is None:
                text = f"There is none yet at {subject.settings.index}."
                yield Finding("index", "warn", text, new)
                return
            store = open_store(subject.settings.index, settings=subject.settings)
            status, activity = store.status(), store.activity()
            store.facets()  # reads something of every file of the table
            other = second_index(subject.settings)
    except (StoreError, OSError) as error:
        mend = f"{new} --index new-index" if is_folder(subject.settings.index) else ""
        yield Finding("index", "wrong", str(error), mend)
        return
    model = status.model
    search = "an approximate index" if status.ann else "every photo"
    if is_mistaken(model):
        yield Finding("index", "wrong", str(mistaken_vectors(status.location, model)))
    elif (wanted := subject.settings.model) and wanted != model.name and not folder_of(wanted):
        yield Finding(
            "index",
            "wrong",
            f"{status.location} was made with the model {model.name}, and the settings name "
            f"{subject.settings.model}. Leave --model and PHOTOSEEK_MODEL out.",
            unsetting(variable("model")) if variable("model") in os.environ else "",
        )
    else:
        photos = counted(status.photos, "photo", "photos")
        text = f"{status.location}: {photos}, model {model.name}; a search looks at"
        yield Finding("index", "ok", f"{text} {search}.")
    if other is not None:
        yield _of_second(other, status.location)
    if activity.is_written:
        text = "Somebody writes to it at this moment, and others wait for their turn."
        yield Finding("writers", "ok", text)
    if activity.maintenance_is_due:
        program = f"from photoseek import PhotoSearch; PhotoSearch.open({status.location!r})"
        yield Finding(
            "upkeep",
            "warn",
            "The index has many small files or new photos, which makes it slower. The next run "
            "that changes something joins them, and so does:",
            f"{quoted(sys.executable)} -c {quoted(f'{program}.maintain()')}",
        )
    else:
        yield Finding("upkeep", "ok", "Nothing is due.")


def _of_second(other: Beside, location: str) -> Finding:
    reindex = f"{command('reindex')} --index {quoted(location)}"
    model = other.model.name if other.model else "another model"
    if other.was_in_use:
        text = (
            f"{other.location}, of the model {model}, was in use before. To return to it: "
            f"{reindex} --back. It takes its room until: {reindex} --drop-old"
        )
        return Finding("second index", "ok", text)
    text = f"{other.location}, of the model {model}, is unfinished. --drop-old removes it, and this"
    return Finding("second index", "warn", f"{text} goes on:", f"{reindex} --model {quoted(model)}")
