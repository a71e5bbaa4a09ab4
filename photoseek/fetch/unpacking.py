"""Bodies that arrive compressed, told by their bytes: what servers say of them is often wrong.

No picture and no table begins as gzip does, so what begins so is gzip, whether or not
`Content-Encoding` says it. What is said to be gzip and is not, is taken as it stands: S3 and those
that imitate it keep any word there, such as aws-chunked, utf-8 or none.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from photoseek.errors import DamagedPhotoError, OversizedPhotoError, UnreadablePhotoError

CHUNK = 65_536

_GZIP = b"\x1f\x8b"
_LAYERS = 3
"""Times that a body may be compressed over."""

_UNREAD = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})
_DEFLATE = "deflate"
_PICTURES = (b"\xff\xd8", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"8BPS", b"II", b"MM", b"\0\0\0")
"""How pictures begin that a raw deflate stream could be taken for."""


class Unpacking:
    """Collects 1 to `max_bytes` bytes of a body, counted after decompression.

    Every method raises UnreadablePhotoError, DamagedPhotoError or OversizedPhotoError.
    """

    def __init__(self, encoding: str, max_bytes: int) -> None:
        """`encoding` is what Content-Encoding says, "" for nothing."""
        codings = [coding.strip().lower() for coding in encoding.split(",")]
        if unread := _UNREAD.intersection(codings):
            raise UnreadablePhotoError(
                f"The server compresses its answer ({min(unread)}), though asked not to."
            )
        self._max_bytes = max_bytes
        self._data = bytearray()
        self._layers = _Layer(_LAYERS, deflated=codings.count(_DEFLATE))

    def add(self, chunk: bytes) -> None:
        """Take what arrived."""
        self._keep(self._layers.feed(chunk))

    def finish(self) -> bytes:
        """The body, once all of it has been added."""
        self._keep(self._layers.end())
        return bytes(self._data)

    def _keep(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self._data += piece
            if len(self._data) > self._max_bytes:
                raise OversizedPhotoError.of_bytes(len(self._data), self._max_bytes, at_least=True)


def unpacked(data: bytes, max_bytes: int) -> bytes:
    """What is in a body that arrived whole; raises as `Unpacking` does."""
    if not data.startswith(_GZIP):
        return data
    body = Unpacking("", max_bytes)
    body.add(data)
    return body.finish()


class _Layer:
    """One compression and those inside of it, or none where the bytes do not begin so."""

    def __init__(self, layers: int, *, deflated: int) -> None:
        self._layers = layers
        self._deflated = deflated
        self._start = b""
        self._is_told = False
        self._inflater: zlib._Decompress | None = None
        self._inner: _Layer | None = None

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield pieces of at most 64 KiB or what arrived at once, bombs included."""
        if not self._is_told:
            self._start += chunk
            if len(self._start) < len(_GZIP):
                return
            chunk = self._begin()
        if self._inflater is None or self._inner is None:
            yield chunk
            return
        for piece in self._decompressed(chunk):
            yield from self._inner.feed(piece)

    def end(self) -> Iterator[bytes]:
        """Yield what is left."""
        if not self._is_told:
            yield self._start
        elif self._inflater is not None and self._inner is not None:
            if not self._inflater.eof:
                raise DamagedPhotoError("The compressed answer breaks off.")
            yield from self._inner.end()

    def _begin(self) -> bytes:
        """Tell by the first bytes what they are; gives back all that arrived."""
        start, self._start, self._is_told = self._start, b"", True
        if self._layers and (window := self._window(start)):
            self._inflater = zlib.decompressobj(window)
            deflated = self._deflated - (not start.startswith(_GZIP))
            self._inner = _Layer(self._layers - 1, deflated=deflated)
        return start

    def _window(self, start: bytes) -> int:
        """What zlib wants to know of the format; 0 for bytes that are not compressed."""
        if start.startswith(_GZIP):
            return zlib.MAX_WBITS | 16
        if not self._deflated or start.startswith(_PICTURES):
            return 0
        is_zlib = start[0] & 15 == zlib.DEFLATED and int.from_bytes(start[:2]) % 31 == 0
        return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS

    def _decompressed(self, chunk: bytes) -> Iterator[bytes]:
        assert self._inflater is not None
        rest = chunk
        try:
            while rest:
                if self._inflater.eof:
                    if not rest.startswith(_GZIP[:1]):
                        return  # what stands after the end is padding
                    # One gzip file may follow another.
                    self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
                yield self._inflater.decompress(rest, CHUNK)
                rest = self._inflater.unconsumed_tail or self._inflater.unused_data
        except zlib.error as error:
            raise DamagedPhotoError("The compressed answer is damaged.") from error
