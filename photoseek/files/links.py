"""Links to photos that a browser can open."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from photoseek.errors import OutsideRootsError, StorageError
from photoseek.files.names import Opened, disposition, own_name, picture_type
from photoseek.files.s3_locations import S3Location, bucket_roots, check_roots, parse
from photoseek.helpers.deadlines import in_background
from photoseek.helpers.extras import has_extra
from photoseek.helpers.uri import is_s3, is_web

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


_START = 4_096  # bytes that tell what a picture is


@dataclass(frozen=True, slots=True)
class _Question:
    """When S3 was asked for the region of a bucket, by `time.monotonic()`, and what it says."""

    asked_at: float
    region: Future[str | None]

    def known(self) -> str | None:
        return self.region.result() if self.region.done() else None


class BucketRegions:
    """The regions of buckets, each asked for in the background, and again later when unknown.

    A search neither waits for names to be looked up nor for every address of S3 to be tried.
    """

    def __init__(
        self,
        ask: Callable[[str], str | None],
        *,
        patience: float = 1.0,
        asked_again_after: float = 60.0,
    ) -> None:
        """`ask` gives the region of a bucket, or None where S3 does not say.

        The first who wants to know waits for `patience` seconds at most, and others who come
        meanwhile as long as is left of these. What is not known is asked for again after
        `asked_again_after` seconds, without waiting.
        """
        self._ask = ask
        self._patience = patience
        self._asked_again_after = asked_again_after
        self._lock = threading.Lock()
        self._questions: dict[str, _Question] = {}

    def learn(self, bucket: str) -> str | None:
        """The region of a bucket, as far as it is known yet."""
        with self._lock:
            question = self._questions.get(bucket)
            if question is None:
                question = self._questions[bucket] = self._asked(bucket)
            elif question.region.done() and question.known() is None:
                if time.monotonic() >= question.asked_at + self._asked_again_after:
                    self._questions[bucket] = self._asked(bucket)
                return None
        left = question.asked_at + self._patience - time.monotonic()
        wait([question.region], max(0.0, left))
        return question.known()

    def _asked(self, bucket: str) -> _Question:
        return _Question(time.monotonic(), in_background(partial(self._ask, bucket), "region"))


class Links:
    """Gives links that last for `seconds`. May be used by many threads."""

    def __init__(
        self,
        seconds: int,
        roots: Sequence[str | Path] | None = None,
        *,
        silence: float = 3.0,
        patience: float = 1.0,
        type_of: Callable[[bytes, str], str] = lambda _, by_name: by_name,
    ) -> None:
        """With `roots`, no object outside of those that are s3:// prefixes is given a link.

        `type_of` tells the content type of a photo that is to be opened, by how it begins and by
        the type that its name stands for.

        When S3 is asked for the region of a bucket, `silence` is its longest one, and `patience`
        how long the first links to that bucket wait for it, both in seconds. Until the region is
        known, links are signed for the configured one.
        """
        self._seconds = seconds
        self._roots = bucket_roots(roots)
        self._type_of = type_of
        self._silence = silence
        self._lock = threading.Lock()
        self._client: S3Client | None = None
        # boto3 remembers where it was sent on to, and signs for that region.
        self._regions = BucketRegions(self._region, patience=patience)

    def link(self, uri: str, opened: Opened | None = None) -> str:
        """The URL of a photo on the web, a presigned one in S3, and "" for a local file.

        It is also "" where there are no AWS credentials to sign with, and outside of the roots:
        anybody reads by the link what these credentials may read. Signing takes a third of a
        millisecond and no request. By a link that says how it is to be opened, S3 tells browsers
        so, and which kind of picture it is: it may have been stored without a type, or under a name
        that tells another one. For that the first bytes are asked for.
        """
        if is_web(uri):
            return uri
        if not is_s3(uri) or not has_extra("s3"):
            return ""
        from photoseek.files.s3 import presigned  # boto3 takes half a second to import

        try:
            location = parse(uri)
            check_roots(location, self._roots)
            client = self._connected()
            self._regions.learn(location.bucket)
            headers = self._headers(client, location, opened) if opened else {}
            return presigned(client, location, self._seconds, headers)
        except (StorageError, OutsideRootsError):
            return ""

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _headers(self, client: S3Client, location: S3Location, opened: Opened) -> dict[str, str]:
        from photoseek.files.s3 import first_bytes

        name = own_name(location.uri)
        content_type = picture_type(name)
        with suppress(StorageError):  # whoever follows the link is told
            content_type = self._type_of(first_bytes(client, location, _START), content_type)
        return {
            "ResponseContentType": content_type,
            "ResponseContentDisposition": disposition(opened, name),
        }

    def _connected(self) -> S3Client:
        from photoseek.files.s3 import connect

        with self._lock:
            if self._client is None:
                self._client = connect(self._silence, attempts=1)
            return self._client

    def _region(self, bucket: str) -> str | None:
        from photoseek.files.s3 import bucket_region

        return bucket_region(self._connected(), bucket)
