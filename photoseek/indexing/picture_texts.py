"""The text in pictures, read beside what else is done with them, in threads of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from photoseek.helpers.extras import check_extra
from photoseek.helpers.giving_way import give_way
from photoseek.helpers.machine import processors
from photoseek.ocr import TextReader, read_text
from photoseek.photos import ImageLimits, Room, decode_whole
from photoseek.records import PictureText
from photoseek.settings import EncoderSettings

_log = logging.getLogger(__name__)


class PictureTexts:
    """Reads pictures while other threads go on; as many at once as there are processors."""

    def __init__(
        self,
        new_reader: Callable[[], TextReader],
        limits: ImageLimits,
        *,
        gives_way: bool = False,
    ) -> None:
        """`new_reader` is called for the first picture; threads may give way to others."""
        self._new_reader = new_reader
        self._reader: TextReader | None = None
        self._loading = threading.Lock()
        self._limits = limits
        self._pool = ThreadPoolExecutor(processors(), "read", give_way if gives_way else None)

    def begin(self, data: bytes, room: Room) -> Future[PictureText | None]:
        """Read the bytes of a photo that could be decoded; None where that goes wrong.

        `room` is for `decode_whole`.
        """
        return self._pool.submit(self._read, data, room)

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _read(self, data: bytes, room: Room) -> PictureText | None:
        try:
            return text_in(data, self._loaded(), self._limits, room)
        except Exception:  # whatever it is, the photo itself is fine
            _log.exception("The text in a picture cannot be read")
            return None

    def _loaded(self) -> TextReader:
        with self._loading:
            if self._reader is None:
                self._reader = self._new_reader()
            return self._reader


def text_in(
    data: bytes, reader: TextReader, limits: ImageLimits, room: Room, *, is_rough: bool = False
) -> PictureText:
    """What is written in a picture.

    Raises:
        PhotoError: it cannot be decoded.
    """
    pixels = decode_whole(data, reader.side, limits, room=room)
    return read_text(reader, pixels, is_rough=is_rough)


def picture_texts_of(
    settings: EncoderSettings, limits: ImageLimits, *, gives_way: bool = False
) -> PictureTexts | None:
    """What reads text as the settings say; None where they do not want it.

    Raises:
        MissingPackageError: the extra `ocr` is not installed.
    """
    if not settings.ocr:
        return None
    check_extra("ocr")
    return PictureTexts(new_reader, limits, gives_way=gives_way)


def new_reader() -> TextReader:
    """The reader of the extra `ocr`, with its models.

    Raises:
        MissingPackageError: the extra is not installed.
    """
    from photoseek.ocr.rapid import RapidTextReader

    return RapidTextReader()
