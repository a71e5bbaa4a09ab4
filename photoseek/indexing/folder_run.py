"""An indexing run of a folder in the background, which can be looked at and stopped at any time."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal, Protocol

from photoseek.errors import PhotoseekError, WeightsError
from photoseek.helpers.deadlines import in_background
from photoseek.indexing.pace import Pace
from photoseek.indexing.run_tally import FIRST_SKIPS, IndexProgress
from photoseek.indexing.source_run import IndexOfSources, index_source, settings_of_index
from photoseek.records import IndexReport, Skip, Status
from photoseek.settings import RunSettings
from photoseek.sources import Source, open_source
from photoseek.sources.file_kinds import not_read_sentence

RunState = Literal["preparing", "running", "stopping", "stopped", "done", "failed"]
"""`preparing` while the model is loaded, which may have to be downloaded, and the folder is opened;
`stopped`, `done` and `failed` are ends."""

ENDS = frozenset[RunState]({"stopped", "done", "failed"})

NO_MODEL = "The model could not be had. See that this computer is online, and try again."
UNEXPECTED = "Something went wrong inside photoseek. Its log says what. Index the folder again."

_log = logging.getLogger(__name__)


class IndexOfFolders(IndexOfSources, Protocol):
    """An index that folders are brought into."""

    def prepare(self) -> None:
        """Wait until photos can be indexed.

        Raises:
            PhotoseekError: they never will.
        """

    def status(self) -> Status:
        """The model and the index."""


@dataclass(frozen=True, slots=True)
class RunView:
    """How a run is at this moment.

    `total` is how many photos the folder has, None until they are counted. `left_out` are the first
    of the photos that were `skipped`, `deleted` those that were deleted on purpose earlier.
    `not_read` is a sentence about files of kinds that are not read, `error` why a run failed.
    """

    id: str
    folder: str
    state: RunState
    total: int | None
    done: int
    indexed: int
    updated: int
    unchanged: int
    skipped: int
    deleted: int
    per_second: float
    seconds_left: float | None
    seconds: float
    left_out: tuple[Skip, ...]
    not_read: str
    remarks: tuple[str, ...]
    error: str


class FolderRun:
    """Brings an index up to date with a folder, as `index --source FOLDER` does.

    It begins when it is made. Stopping keeps what is indexed; the next run goes on from there.
    """

    def __init__(self, folder: str, index: IndexOfFolders, settings: RunSettings) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.folder = folder
        self._index = index
        self._settings = settings
        self._begun, self._took = time.monotonic(), 0.0
        self._pace = Pace()
        self._stop, self._woken = threading.Event(), threading.Event()
        self._state: RunState = "preparing"
        self._total: int | None = None
        self._progress = IndexProgress(0, 0, 0, 0)
        self._report: IndexReport | None = None
        self._error = ""
        self.ended: Future[None] = in_background(self._work, "folder run")

    @property
    def is_over(self) -> bool:
        """Whether it has come to an end, whichever."""
        return self._state in ENDS

    def stop(self) -> None:
        """Finish what is under way, and end."""
        self._stop.set()
        self._woken.set()

    def view(self) -> RunView:
        """How it is now."""
        progress, state = self._progress, self._state
        if self._stop.is_set() and state not in ENDS:
            state = "stopping"
        total = None if self._total is None else max(self._total, progress.done)
        moves = state == "running" and total is not None
        rest = (total or 0) - progress.done
        return RunView(
            id=self.id,
            folder=self.folder,
            state=state,
            total=total,
            done=progress.done,
            indexed=progress.indexed,
            updated=progress.updated,
            unchanged=progress.unchanged,
            skipped=progress.skipped,
            deleted=progress.deleted,
            per_second=self._rate(),
            seconds_left=self._pace.seconds_left(rest) if moves else None,
            seconds=self._took or time.monotonic() - self._begun,
            left_out=progress.left_out,
            not_read=self._not_read(),
            remarks=self._report.remarks if self._report else (),
            error=self._error,
        )

    def _rate(self) -> float:
        return self._report.photos_per_second if self._report else self._pace.per_second()

    def _not_read(self) -> str:
        report = self._report
        return not_read_sentence(report.not_read) if report and report.not_read else ""

    def _work(self) -> None:
        end: RunState = "failed"
        try:
            if self._is_prepared():
                self._run()
            end = "stopped" if self._stop.is_set() else "done"
        except WeightsError as error:
            self._error = f"{NO_MODEL} {error}"
        except PhotoseekError as error:
            self._error = str(error)
        except Exception:
            _log.exception("The run over %s failed in an unknown way", self.folder)
            self._error = UNEXPECTED
        self._took = time.monotonic() - self._begun
        self._state = end

    def _is_prepared(self) -> bool:
        """Wait for the model; False when the run was stopped first."""
        ready = in_background(self._index.prepare, "model")
        ready.add_done_callback(lambda _: self._woken.set())
        self._woken.wait()
        if self._stop.is_set():
            return False
        ready.result()
        return True

    def _run(self) -> None:
        settings = settings_of_index(self._index.status().location, self._settings, is_local=True)
        source = open_source(self.folder, settings)
        in_background(lambda: self._count(source), "count photos")
        self._state = "running"
        self._pace.note(0)
        report = index_source(
            source,
            self._index,
            settings,
            on_progress=self._move,
            is_stopped=self._stop.is_set,
        )
        self._progress = _progress_of(report)
        self._report = report
        if not self._stop.is_set():
            self._total = self._progress.done

    def _count(self, source: Source) -> None:
        total = source.count()
        if not self.is_over:
            self._total = total

    def _move(self, progress: IndexProgress) -> None:
        self._progress = progress
        self._pace.note(progress.done)


def _progress_of(report: IndexReport) -> IndexProgress:
    return IndexProgress(
        report.indexed,
        report.updated,
        report.unchanged,
        len(report.skipped),
        report.deleted,
        report.skipped[:FIRST_SKIPS],
    )
