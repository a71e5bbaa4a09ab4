"""The text in the pictures of an index that is there already.

What was read is stored some photos at a time, also that nothing was found in one. So a run that was
killed goes on where it was: nothing is read twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from photoseek.errors import PhotoseekError
from photoseek.helpers.machine import processors
from photoseek.indexing.picture_source import PictureSource, pictures_of
from photoseek.indexing.picture_texts import new_reader, text_in
from photoseek.indexing.suspects import READING, Suspects, open_suspects
from photoseek.indexing.text_tally import TextOfPhoto, TextProgress, TextTally
from photoseek.ocr import TextReader
from photoseek.photos import SharedMemory
from photoseek.records import (
    Filter,
    Place,
    Skip,
    StoredPhoto,
    TextReport,
)
from photoseek.settings import LibrarySettings
from photoseek.store import PhotoStore
from photoseek.store.sorting import NEWEST, place_of

AT_ONCE = 256
"""Photos that are looked at in the index at once."""

STORED_AT_ONCE = 128
STORE_SECONDS = 10.0
"""How many texts wait to be stored in one commit, and how long: no more is lost by a kill."""

MAINTAIN_EVERY = 256
"""Commits between two rounds of upkeep."""


@dataclass(frozen=True, slots=True)
class WantedTexts:
    """Which pictures are read: those that satisfy all filters, and at most `limit` of them.

    With `again`, also those that another reader has read, or of which there was no more than a
    thumbnail.
    """

    where: Sequence[Filter] = ()
    limit: int | None = None
    again: bool = False


def read_index(
    store: PhotoStore,
    settings: LibrarySettings,
    wanted: WantedTexts,
    reader: TextReader | None,
    on_progress: Callable[[TextProgress], None],
    suspects: Suspects | None,
    tally: TextTally,
) -> TextReport:
    """Do as `read_texts` does, with photos as the settings say where they may be read from.

    `reader` is by default the one of the extra `ocr`, and `suspects` are those of the index.

    Raises:
        MissingPackageError: that is not installed.
        StoreError: the index cannot be read or written.
    """
    with ExitStack() as stack:
        if suspects is None:
            suspects = open_suspects(settings.index, settings.state, work=READING)
            stack.callback(suspects.close)
        pictures = stack.enter_context(pictures_of(settings, settings.local_roots))
        reader = reader or new_reader()
        return read_texts(
            store, pictures, reader, wanted, suspects, tally=tally, on_progress=on_progress
        )


def read_texts(
    store: PhotoStore,
    pictures: PictureSource,
    reader: TextReader,
    wanted: WantedTexts | None = None,
    suspects: Suspects | None = None,
    *,
    tally: TextTally | None = None,
    on_progress: Callable[[TextProgress], None] = lambda _: None,
    threads: int = 0,
    store_seconds: float = STORE_SECONDS,
) -> TextReport:
    """Read the text in those pictures of an index where nobody has tried.

    What cannot be read is told and left as it is, and so is a photo at which a process has died
    twice, where there are `suspects`. `threads` read at once; 0 is one for each processor.
    `on_progress` hears what was done so far, from this thread. Where another index takes the place
    of this one meanwhile, `tally` goes on with that.

    Raises:
        StoreError: the index cannot be read or written.
    """
    wanted, tally = wanted or WantedTexts(), tally or TextTally()
    tally.begin()
    if suspects is not None:
        suspects.begin()
    threads = threads or processors()
    with ThreadPoolExecutor(threads, "read") as pool:
        most = 2 * threads  # being read, and waiting for a thread
        run = _Run(store, pictures, reader, pool, most, suspects, tally, on_progress, store_seconds)
        try:
            run.write()
            for stored in _photos(store, wanted.where):
                if wanted.limit is not None and run.tried >= wanted.limit:
                    break
                run.take(stored, again=wanted.again)
            run.finish()
        except BaseException:
            run.stop()
            raise
    return tally.report()


class _Run:
    """One run, used by one thread."""

    def __init__(
        self,
        store: PhotoStore,
        pictures: PictureSource,
        reader: TextReader,
        pool: ThreadPoolExecutor,
        most: int,
        suspects: Suspects | None,
        tally: TextTally,
        on_progress: Callable[[TextProgress], None],
        store_seconds: float,
    ) -> None:
        self._store = store
        self._pictures = pictures
        self._reader = reader
        self._pool = pool
        self._suspects = suspects
        self._tally = tally
        self._on_progress = on_progress
        self._store_seconds = store_seconds
        self._memory = SharedMemory(pictures.limits.memory)
        self._most = most
        self._running: dict[Future[TextOfPhoto | Skip], StoredPhoto] = {}
        self._stored_at = time.monotonic()
        self._commits = 0

    @property
    def tried(self) -> int:
        """Photos that were read or are being read, and that could not be."""
        return self._tally.tried + len(self._running)

    def take(self, stored: StoredPhoto, *, again: bool) -> None:
        """Read a photo, unless that is done."""
        if _is_done(stored, self._reader, again=again):
            self._tally.knew(stored.photo.id)
            self._tell()
            return
        suspects, photo = self._suspects, stored.photo
        if suspects and (reason := suspects.why_left_out(photo)):
            self._tally.skip(Skip(photo.uri, reason, photo.id))
            self._tell()
            return
        alone = suspects is not None and suspects.is_suspect(photo)
        self._begin(stored, most=1 if alone else self._most)
        if alone:
            self._collect()

    def _begin(self, stored: StoredPhoto, most: int) -> None:
        """Read a photo, once fewer than `most` are being read with it."""
        while len(self._running) >= most:
            self._collect()
        if self._suspects:
            self._suspects.sending([stored.photo])
        self._running[self._pool.submit(self._one, stored)] = stored

    def finish(self) -> None:
        """Wait for what is under way, and store it."""
        while self._running:
            self._collect()
        self.write()
        if self._commits:
            self._store.maintain()
        if self._suspects:
            self._suspects.end()

    def stop(self) -> None:
        """Begin nothing more, and store what was read so far, with what is just being read."""
        under_way = {future: each for future, each in self._running.items() if not future.cancel()}
        for future in wait(under_way).done:
            if future.exception() is None:
                self._add(under_way[future], future.result())
        if self._suspects:  # nobody died
            self._suspects.done(each.photo for each in self._running.values())
        with suppress(PhotoseekError):
            self.write()

    def _one(self, stored: StoredPhoto) -> TextOfPhoto | Skip:
        """In a thread. Whatever goes wrong with one photo is that photo's alone."""
        try:
            data, why_rough = self._pictures.picture(self._store, stored)
            where = self._pictures.limits, self._memory.room
            text = text_in(data, self._reader, *where, is_rough=bool(why_rough))
            return TextOfPhoto(text, why_rough)
        except PhotoseekError as error:
            return Skip(stored.photo.uri, str(error), stored.photo.id)
        except Exception as error:
            reason = f"Its text cannot be read ({type(error).__name__}: {error})."
            return Skip(stored.photo.uri, reason, stored.photo.id)

    def _collect(self) -> None:
        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for future in done:
            stored = self._running.pop(future)
            self._add(stored, future.result())
            if self._suspects:
                self._suspects.done([stored.photo])
        is_due = len(self._tally.waiting) >= STORED_AT_ONCE
        if is_due or time.monotonic() - self._stored_at >= self._store_seconds:
            self.write()
        self._tell()

    def _add(self, stored: StoredPhoto, result: TextOfPhoto | Skip) -> None:
        if isinstance(result, Skip):
            self._tally.skip(result)
            return
        self._tally.read(stored.photo.id, stored.content_hash, result)

    def write(self) -> None:
        """Store what waits."""
        self._stored_at = time.monotonic()
        waiting = self._tally.waiting
        if waiting:
            self._store.add_texts(waiting)
            waiting.clear()
            self._commits += 1
            if self._commits % MAINTAIN_EVERY == 0:
                self._store.maintain()

    def _tell(self) -> None:
        self._on_progress(self._tally.progress())


def _photos(store: PhotoStore, where: Sequence[Filter]) -> Iterator[StoredPhoto]:
    """The photos of an index that satisfy all filters, with what is kept of each."""
    for ids in _ids(store, where):
        yield from store.get(ids).values()


def _ids(store: PhotoStore, where: Sequence[Filter]) -> Iterator[Sequence[str]]:
    if not where:
        for ids in store.ids():
            yield from (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
        return
    # No offset: a photo that was read may satisfy the filters no longer, and others would move up.
    place: Place | None = None
    while photos := store.listed(NEWEST, AT_ONCE, where=where, after=place):
        yield [stored.photo.id for stored in photos]
        place = place_of(NEWEST, photos[-1])


def _is_done(stored: StoredPhoto, reader: TextReader, *, again: bool) -> bool:
    if (text := stored.text) is None:
        return False
    return not again or (text.reader == reader.name and not text.is_rough)
