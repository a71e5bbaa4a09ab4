"""What a tuning gives, and where it is put. Nothing here needs torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from photoseek.errors import SettingsError
from photoseek.helpers.locks import FileLock
from photoseek.helpers.path_rules import is_hidden
from photoseek.plain_towers.model_files import CONFIG, WEIGHTS
from photoseek.tuning.examples import Example, Gathered, Parts
from photoseek.tuning.measuring import Comparison
from photoseek.tuning.plan import Course, Plan

CHECKPOINT = "unfinished.pt"
"""What a training that was interrupted goes on from, in the folder of its model."""

CARD = "README.md"

LOCK = ".tuning.lock"
"""What keeps a second tuning out of the folder; it goes with the first one."""

MOST_CHECKED = 1_000
"""Photos of a general check that are measured."""


@dataclass(frozen=True, slots=True)
class InOrder:
    """In how many pairs of a good hit and a wrong one for the same text, all of the test, the good
    one came first.
    """

    pairs: int
    before: int
    after: int

    def sentence(self) -> str:
        """The same in words."""
        return (
            f"Of {self.pairs:,} pairs of a good hit and a wrong one for the same text, the good "
            f"one came first in {self.before:,} before and in {self.after:,} after."
        )


@dataclass(frozen=True, slots=True)
class Tuned:
    """What came of a tuning. `written` says whether a model was."""

    base: str
    folder: Path
    plan: Plan
    parts: Parts
    gathered: Gathered
    course: Course
    share: float
    own: Comparison
    general: Comparison | None
    check: str
    in_order: InOrder | None
    seconds: float
    written: bool


@dataclass(frozen=True, slots=True)
class Check:
    """Photos of another kind, on which a model should not become worse, and what they are."""

    name: str
    examples: Sequence[Example]


def check_folder(folder: Path) -> None:
    """Refuse a folder that anything lies in already, unless an interrupted tuning left it, and one
    that cannot be written.

    Raises:
        SettingsError: with what to do.
    """
    if folder.exists() and not folder.is_dir():
        raise SettingsError(f"{folder} is a file; name a folder for the model: --to FOLDER.")
    try:
        if (folder / CHECKPOINT).exists():
            return
        is_taken = folder.exists() and not all(is_hidden(path) for path in folder.iterdir())
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.rmdir()  # until there is something to be written
    except OSError as error:
        raise _unwritable(folder, error) from error
    if has_model(folder):
        raise SettingsError(
            f"There is a model in {folder} already, and it is left as it is. Name another folder "
            "by --to, or remove that one."
        )
    if is_taken:
        raise SettingsError(
            f"{folder} is not empty, and what is there is left as it is. Name a new folder for the "
            "model: --to FOLDER."
        )


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """A block in which no other tuning of this machine writes into a folder, which is made. It goes
    again where nothing was written.

    Raises:
        SettingsError: another one is at work there, or it is no folder for a model, as
            `check_folder` says.
    """
    check_folder(folder)
    lock = FileLock(folder / LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_ours = lock.acquire(wait=False)
    except OSError as error:
        raise _unwritable(folder, error) from error
    if not is_ours:
        raise SettingsError(
            f"Another tuning is at work in {folder}. Wait until it is done, or name another "
            "folder: --to FOLDER."
        )
    try:
        check_folder(folder)  # one that has just ended may have written its model
        yield
    finally:
        with suppress(OSError):
            (folder / LOCK).unlink()
        lock.release()
        with suppress(OSError):
            folder.rmdir()


def _unwritable(folder: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"The folder {folder} cannot be written ({error.strerror}). Name another one: --to FOLDER."
    )


def has_model(folder: Path) -> bool:
    """Whether there is a model in a folder."""
    return (folder / WEIGHTS).exists() or (folder / CONFIG).exists()


def general_part(gathered: Gathered) -> Sequence[Example]:
    """As many photos of a general check as it takes, whichever way they were listed."""
    return sorted(gathered.examples, key=lambda one: one.key)[:MOST_CHECKED]
