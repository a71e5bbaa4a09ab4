"""What LanceDB raises, told apart.

LanceDB raises `RuntimeError` for nearly everything, with the system's error number in its text:
"lance error: LanceError(IO): No space left on device (os error 28), lance-file-13.0.0/src/...".
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from photoseek.errors import StorageError, StoreWriteError
from photoseek.helpers.uri import is_s3
from photoseek.store import failures
from photoseek.store.failures import Cause, plain_cause
from photoseek.store.lance.hard_links import lacks_links, no_links

_NUMBER = re.compile(r"\(os error (\d+)\)")
_ORIGIN = re.compile(r", /?[\w./@+-]+\.rs:\d+:\d+")
_PREFIX = re.compile(r"^(?:(?:lance error|External error|LanceError\(IO\)): )+")

_S3_CODE = re.compile(r"<Code>(\w{1,80})</Code>")
_S3_FAILURE = re.compile(r"Generic S3 error|store: \\?\"S3|Failed to connect to namespace")


def cause_of(error: Exception) -> Cause:
    """The cause of an error that LanceDB, the system or a place for files raised."""
    plain = plain_cause(error)
    if isinstance(error, StorageError):
        return plain
    text = str(error)
    found = _NUMBER.search(text)
    number = plain.number or (int(found[1]) if found else 0)
    if not number and "Not found:" in text:
        number = errno.ENOENT
    detail = _PREFIX.sub("", _ORIGIN.sub("", plain.detail.splitlines()[0])).rstrip(". ")
    return Cause(number, detail or type(error).__name__, _unreachable(text, detail))


reading = partial(failures.reading, cause_of=cause_of)
"""`failures.reading` for what LanceDB raises."""


@contextmanager
def writing(location: str) -> Iterator[None]:
    """Do what `failures.writing` does, for what LanceDB raises."""
    try:
        with failures.writing(location, cause_of):
            yield
    except StoreWriteError as error:
        if not is_s3(location) and lacks_links(Path(location)):
            raise StoreWriteError(no_links(location)) from error
        raise


def is_conflict(error: RuntimeError | OSError) -> bool:
    """Whether LanceDB gave up because another commit came first; trying again is right."""
    said = str(error).lower()
    return "conflict" in said or "too many concurrent writers" in said


def _unreachable(text: str, detail: str) -> str:
    if found := _S3_CODE.search(text):
        from photoseek.files.s3_errors import sentence  # botocore is slow to import

        return sentence(found[1], "the index")
    return f"S3 cannot be used ({detail[:300]})." if _S3_FAILURE.search(text) else ""
