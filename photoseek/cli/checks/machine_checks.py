"""Looks at memory, disk, open files and the clock."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from photoseek.catalogue import download_size
from photoseek.cli.checks.findings import Finding, State, Subject, nearest_folder, on_windows
from photoseek.helpers.machine import memory, processors
from photoseek.helpers.shell_words import quoted
from photoseek.helpers.told_sizes import gigabytes
from photoseek.plain_towers.model_files import weights_on_this_machine
from photoseek.settings import OFF
from photoseek.store import is_folder, is_in_engine
from photoseek.store.blob_place import DEFAULT_PLACE as BLOBS_PLACE
from photoseek.store.run_state import DEFAULT_PLACE as STATE_PLACE

WORKING_SET = 1_300_000_000
"""Bytes that indexing takes with a model of which nothing is known."""

BESIDE_WEIGHTS = 600_000_000
"""Bytes that indexing takes beside twice the weights, as measured with ViT-B-32-256 (1.8 GB in all)
and ViT-B-32-SigLIP2-256 (3.7 GB).
"""

PHOTO_BYTES = 30_000
"""Bytes of a photo in the index, with its thumbnail."""

MANY = 10_000
"""Photos of which it is said what they need."""

FILES = 1024
"""Files that may be open at once: an index of many small commits has hundreds."""

MODEL_BYTES = 700_000_000
"""What the weights of a usual model take, where nothing is known of them."""


def look_at_memory(subject: Subject) -> Iterator[Finding]:
    """What this process can have of it, and of processors."""
    found = memory()
    most, available = found.most, found.available
    text = gigabytes(most) if most else "The system does not tell how much there is"
    if found.limit is not None:
        text += f" in this container, of {gigabytes(found.total)}"
    if available is not None and found.limit is None:
        text += f", {gigabytes(available)} of it free"
    text += f"; {processors()} processors"
    size = download_size(subject.model)
    needed = WORKING_SET if size is None else 2 * size + BESIDE_WEIGHTS
    least = min(most or needed, needed if available is None else available)
    if least < needed:
        yield Finding(
            "memory",
            "warn",
            f"{text}. Indexing with {subject.model} takes {gigabytes(needed)}; smaller batches "
            "take less (--batch-size 4), and so does --model fast.",
        )
    else:
        yield Finding("memory", "ok", text)


def look_at_disk(subject: Subject) -> Iterator[Finding]:
    """Room for the index, and for the weights of a model that is yet to come."""
    if is_folder(subject.settings.index):
        yield _room(
            "disk of the index",
            Path(subject.settings.index),
            MANY * PHOTO_BYTES,
            f"{MANY:,} photos take about",
        )
    if weights_on_this_machine(subject.model) is None:
        from huggingface_hub import constants

        size = download_size(subject.model) or MODEL_BYTES
        place = Path(constants.HF_HUB_CACHE)
        yield _room("disk of models", place, size, "the weights of the model take")


def look_at_open_files(_: Subject) -> Iterator[Finding]:
    """How many files a process may open; Windows has no such limit."""
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= FILES:
        yield Finding("open files", "ok", "no limit" if soft < 0 else f"{soft:,} at once")
        return
    most = FILES if hard < 0 or hard >= FILES else hard
    yield Finding(
        "open files",
        "warn",
        f"{soft:,} at once; a large index may need {FILES:,}.",
        f"ulimit -n {most}",
    )


def look_at_clock(_: Subject) -> Iterator[Finding]:
    """Whether the clock is before a day that has certainly been: that of this program."""
    now = time.time()
    written = Path(__file__).stat().st_mtime
    text = f"{datetime.fromtimestamp(now).astimezone():%Y-%m-%d %H:%M:%S %Z}"
    if now < written - 86_400:
        yield Finding(
            "clock",
            "wrong",
            f"It says {text}, which is before photoseek was installed. S3 refuses requests of a "
            "wrong time, and certificates seem invalid.",
            on_windows("w32tm /resync", "date"),
        )
    else:
        yield Finding("clock", "ok", text)


def look_at_folders(subject: Subject) -> Iterator[Finding]:
    """Whether what photoseek writes can be written."""
    settings = subject.settings
    beside = is_in_engine(settings.index)
    places = {
        "index": settings.index,
        "state": settings.state or (beside and STATE_PLACE),
        "blobs": settings.blobs or (beside and BLOBS_PLACE),
        "uploads": settings.uploads,
    }
    for name, place in places.items():
        if not place or place == OFF or ":" in place[2:]:
            continue
        folder = nearest_folder(Path(place))
        problem = _cannot_write(folder)
        if Path(place).exists() and not Path(place).is_dir():
            folder, problem = Path(place), "it is a file"
        if problem:
            text = f"{place} cannot be written ({folder}: {problem})."
            other = f"Choose another one with PHOTOSEEK_{name.upper()}."
            name_of_it = quoted(str(folder))
            mend = on_windows(f"dir {name_of_it}", f"ls -ld {name_of_it}")
            yield Finding(f"folder of {name}", "wrong", f"{text} {other}", mend)
        else:
            yield Finding(f"folder of {name}", "ok", f"{place} can be written.")


def _cannot_write(folder: Path) -> str:
    """Why nothing can be written in a folder, or ""."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _room(name: str, place: Path, needed: int, what: str) -> Finding:
    folder = nearest_folder(place)
    free = shutil.disk_usage(folder).free
    state: State = "ok" if free >= 2 * needed else "warn" if free >= needed // 10 else "wrong"
    text = f"{gigabytes(free)} free at {folder}; {what} {gigabytes(needed)}."
    return Finding(
        name, state, text, "" if state == "ok" else on_windows("", f"df -h {quoted(str(folder))}")
    )
