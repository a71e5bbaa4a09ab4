"""A whole list of URLs, many at a time: what `-t download` does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from photoseek.download.fetching import Fetcher
from photoseek.download.hosts import ClosedHosts
from photoseek.download.outcomes import DownloadReport, FetchError, is_passing
from photoseek.download.publishing import path_in
from photoseek.download.schedule import Job, Schedule
from photoseek.download.state import Journal
from photoseek.errors import PhotoError
from photoseek.files.filestore import FileStore
from photoseek.helpers.event_loop import run_async
from photoseek.helpers.idset import Seen, key_of
from photoseek.helpers.retry import Pauses
from photoseek.photos import ImageLimits, file_name
from photoseek.records import Photo, Skip

READ_AHEAD = 64
"""Rows of the list in memory for each connection. With fewer, one slow server holds up others."""

READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """How a download behaves.

    `concurrency` photos are fetched at once, `per_host` of them from one server. `seconds` is
    for one attempt. After passing trouble there are `attempts` in all, with pauses that double
    from `first_pause`, or as long as the server asks for; a server that asks for more than
    `longest_pause` is not waited for. All times are in seconds. `user_agent` is who asks, ""
    for photoseek itself.
    """

    concurrency: int = 32
    per_host: int = 8
    seconds: float = 30
    attempts: int = 4
    first_pause: float = 1.0
    longest_pause: float = 60.0
    limits: ImageLimits = field(default_factory=ImageLimits)
    allow_private_addresses: bool = False
    ignore_robots_tag: bool = False
    user_agent: str = ""

    @property
    def forgiven(self) -> frozenset[str]:
        """Reasons of earlier failures for which nothing fails with these options."""
        reasons = {"private_address"} if self.allow_private_addresses else set()
        return frozenset(reasons | ({"noai", "noindex"} if self.ignore_robots_tag else set()))


Progress = Callable[[DownloadReport], None]


def download(
    photos: Iterable[Photo | Skip],
    place: FileStore,
    journal: Journal,
    options: DownloadOptions,
    *,
    retry_failures: bool = False,
    closed: ClosedHosts | None = None,
    on_progress: Progress = lambda _: None,
) -> DownloadReport:
    """Bring every photo of a list into a prepared place that has not arrived there yet.

    With `retry_failures`, URLs that failed for a lasting reason are tried again too. Servers that
    are `closed` are not asked, and those that ask for a long rest join them. The list is read as it
    is needed. Ctrl-C ends it at once, and nothing that is stored is lost.

    Raises:
        StorageError: the place or the journal cannot be written.
        SourceError: the list breaks off.
    """
    run = _Run(place, journal, options, retry_failures, closed or ClosedHosts(), on_progress)
    run_async(run.all(iter(photos)))
    journal.tidy(run.listed)
    return run.report


class _Run:
    def __init__(
        self,
        place: FileStore,
        journal: Journal,
        options: DownloadOptions,
        retry_failures: bool,
        closed: ClosedHosts,
        on_progress: Progress,
    ) -> None:
        self.report = DownloadReport()
        self.listed = Seen()
        self._place = place
        self._journal = journal
        self._options = options
        self._retry_failures = retry_failures
        self._on_progress = on_progress
        self._closed = closed
        self._start = time.monotonic()

    async def all(self, photos: Iterator[Photo | Skip]) -> None:
        """Fetch everything; the first error that is not about one photo ends it."""
        options = self._options
        pool = ThreadPoolExecutor(options.concurrency + 2, "download")
        asyncio.get_running_loop().set_default_executor(pool)
        schedule = Schedule(options.per_host)
        fetcher = Fetcher(
            concurrency=options.concurrency,
            per_host=options.per_host,
            closed=self._closed,
            seconds=options.seconds,
            max_megabytes=options.limits.max_megabytes,
            allow_private_addresses=options.allow_private_addresses,
            ignore_robots_tag=options.ignore_robots_tag,
            user_agent=options.user_agent,
        )
        room = asyncio.Semaphore(options.concurrency * READ_AHEAD)
        try:
            async with fetcher, asyncio.TaskGroup() as group:
                workers = [
                    group.create_task(self._work(schedule, fetcher, room))
                    for _ in range(options.concurrency)
                ]
                await self._feed(photos, schedule, room)
                for _ in range(options.concurrency * READ_AHEAD):
                    await room.acquire()  # until every job is done for good
                for worker in workers:
                    worker.cancel()
        except ExceptionGroup as errors:
            raise _first(errors) from errors

    async def _feed(
        self, photos: Iterator[Photo | Skip], schedule: Schedule, room: asyncio.Semaphore
    ) -> None:
        while rows := await asyncio.to_thread(lambda: list(islice(photos, READ_AT_ONCE))):
            for row in rows:
                if isinstance(row, Skip):
                    await self._unreadable_row(row)
                elif self._is_wanted(row):
                    await room.acquire()
                    schedule.add(Job(row))
            self._show()

    def _is_wanted(self, photo: Photo) -> bool:
        key = key_of(photo.uri)
        repeated = key in self.listed
        self.listed.add(key)
        if repeated:
            self.report.repeated += 1
        elif self._journal.has(key):
            self.report.known += 1
        elif self._journal.gave_up(key) and not self._retry_failures:
            self.report.given_up += 1
        else:
            return True
        return False

    async def _unreadable_row(self, row: Skip) -> None:
        if self._journal.gave_up(key_of(row.reason)):
            self.report.given_up += 1
        else:
            await self._fail(row, FetchError("bad_row", row.reason))

    async def _work(self, schedule: Schedule, fetcher: Fetcher, room: asyncio.Semaphore) -> None:
        while True:
            job = await schedule.take()
            try:
                data = await fetcher.fetch(job.photo.uri, keep_alive=schedule.has_more(job))
            except FetchError as error:
                schedule.release(job)
                if self._try_again(job, error, schedule):
                    continue
                await self._fail(job.photo, error)
            else:
                schedule.release(job)
                await self._keep(job.photo, data)
            room.release()
            self._show()

    def _try_again(self, job: Job, error: FetchError, schedule: Schedule) -> bool:
        """Put a job back where waiting may help; a server that asks for a rest gets it."""
        options = self._options
        pause = Pauses(options.first_pause, spread=0.25).after(job.attempt)
        if error.wait is not None:
            pause = error.wait
        if not is_passing(error.reason):
            return False
        host = error.host or job.host
        if pause > options.longest_pause:
            self._closed.close(host, error, pause)
            return False
        if error.wait is not None or error.reason == "http_429":
            schedule.rest(host, pause)
        if job.attempt >= options.attempts:
            return False
        job.attempt += 1
        schedule.add_later(job, pause)
        return True

    async def _keep(self, photo: Photo, data: bytes) -> None:
        limits = self._options.limits
        try:
            await asyncio.to_thread(_store, photo, data, self._place, self._journal, limits)
        except PhotoError as error:
            await self._fail(photo, FetchError.of(error))
        else:
            self.report.arrived += 1
            self.report.received += len(data)

    async def _fail(self, photo: Photo | Skip, error: FetchError) -> None:
        await asyncio.to_thread(self._journal.add_failure, photo, error)
        self.report.failed[error.reason] += 1

    def _show(self) -> None:
        self.report.seconds = time.monotonic() - self._start
        self._on_progress(self.report)


def _store(
    photo: Photo, data: bytes, place: FileStore, journal: Journal, limits: ImageLimits
) -> None:
    """Store the bytes of a photo as ab/ab12....jpg, and only then write down that it arrived.

    Equal bytes share one file.

    Raises:
        PhotoError: the bytes are no photo.
        StorageError: they cannot be stored.
    """
    name, content_type = file_name(data, limits)
    if not journal.stores(name):
        place.write(name, data, content_type)
    journal.add(photo, path_in(place, name))


def _first(errors: BaseExceptionGroup[Exception]) -> Exception:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
