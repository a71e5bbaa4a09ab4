"""Links to photos that a browser can open."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from photoseek.errors import OutsideRootsError, StorageError
from photoseek.fetch.reader import bucket_roots
from photoseek.files.names import Opened, disposition, own_name, picture_type
from photoseek.helpers.background import in_background

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from photoseek.files.s3 import S3Location

SILENCE = 3.0
"""Seconds. The longest silence of S3 when it is asked for the region of a bucket, once."""

PATIENCE = 1.0
"""Seconds. The first links to a bucket wait for its region, and no search longer than that."""

ASKED_AGAIN_AFTER = 60.0
"""Seconds. Until S3 says the region of a bucket, links are signed for the configured one."""


@dataclass(frozen=True, slots=True)
class _Question:
    """When S3 was asked for the region of a bucket, by `time.monotonic()`, and what it says."""

    asked_at: float
    patience: float
    region: Future[str | None]

    def wait(self) -> None:
        wait([self.region], max(0.0, self.asked_at + self.patience - time.monotonic()))

    def is_worth_another(self) -> bool:
        if time.monotonic() < self.asked_at + ASKED_AGAIN_AFTER:
            return False
        return not self.region.done() or self.region.result() is None


class Links:
    """Gives links that last so many seconds. May be used by many threads."""

    def __init__(self, seconds: int, roots: Sequence[str | Path] | None = None) -> None:
        """With `roots`, no object outside of those that are s3:// prefixes is given a link."""
        self._seconds = seconds
        self._roots = bucket_roots(roots)
        self._lock = threading.Lock()
        self._client: S3Client | None = None
        self._questions: dict[str, _Question] = {}

    def link(self, uri: str, opened: Opened | None = None) -> str:
        """The URL of a photo on the web, a presigned one in S3, and "" for a local file.

        It is also "" where there are no AWS credentials to sign with, and outside of the roots:
        anybody reads by the link what these credentials may read. Signing takes a third of a
        millisecond and no request. By a link that says how it is to be opened, S3 tells browsers
        so, and that the object is a picture: it may have been stored without a type.
        """
        scheme = uri.partition("://")[0].lower() if "://" in uri else ""
        if scheme in ("http", "https"):
            return uri
        if scheme != "s3":
            return ""
        from photoseek.fetch.objects import check_roots  # boto3 takes half a second to import
        from photoseek.files.s3 import parse, presigned

        try:
            location = parse(uri)
            check_roots(location, self._roots)
            client = self._connected(location)
            return presigned(client, location, self._seconds, _headers(location, opened))
        except (StorageError, OutsideRootsError):
            return ""

    def _connected(self, location: S3Location) -> S3Client:
        from photoseek.files.s3 import connect

        with self._lock:
            if self._client is None:
                self._client = connect(SILENCE, attempts=1)
            question = self._ask(self._client, location.bucket)
        question.wait()
        return self._client

    def _ask(self, client: S3Client, bucket: str) -> _Question:
        """In the background, because a search neither waits for names to be looked up nor for
        every address of S3 to be tried. Who asks anew does not wait at all.
        """
        from photoseek.files.s3 import bucket_region

        last = self._questions.get(bucket)
        if last is not None and not last.is_worth_another():
            return last
        # boto3 remembers where it was sent on to, and signs for that region.
        region = in_background(partial(bucket_region, client, bucket), "region")
        question = _Question(time.monotonic(), 0.0 if last else PATIENCE, region)
        self._questions[bucket] = question
        return question


def _headers(location: S3Location, opened: Opened | None) -> dict[str, str]:
    if opened is None:
        return {}
    name = own_name(location.uri)
    return {
        "ResponseContentType": picture_type(name),
        "ResponseContentDisposition": disposition(opened, name),
    }
