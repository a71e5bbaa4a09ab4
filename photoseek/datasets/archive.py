"""A large archive from the web, whole or not at all, over networks that break off."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx

from photoseek.compat.http_locks import mend_locks
from photoseek.errors import SourceError
from photoseek.fetch.http_rules import MOST_REDIRECTS, headers_of
from photoseek.helpers.deadlines import CONNECT_SECONDS, READ_SECONDS
from photoseek.helpers.retry import Attempts, Pauses

ATTEMPTS = 5
"""How often in a row an attempt may bring nothing new."""

PAUSES = Pauses(first=1.0)

Progress = Callable[[int, int | None], None]
"""Takes the bytes that are here, and how many there will be where that is known."""


def fetch_archive(
    url: str,
    path: Path,
    *,
    pauses: Pauses = PAUSES,
    on_progress: Progress = lambda *_: None,
) -> bool:
    """Download a ZIP archive, unless it is there; tell whether anything had to be fetched.

    What arrived before an interruption is kept beside it as *.part, and the next call goes on
    from there, if the server still has the same file. The archive appears under its name once
    every file in it was checked.

    Raises:
        SourceError: it cannot be fetched or written, or is damaged.
    """
    if path.exists():
        return False
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _download(url, part, pauses, on_progress)
        check_archive(part)
        part.replace(path)
        _validator(part).unlink(missing_ok=True)
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror}.") from error
    return True


def check_archive(path: Path) -> None:
    """Read every file in an archive, and remove it where one is damaged.

    Raises:
        SourceError: one is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            bad = archive.testzip()
        if bad is None:
            return
        reason = f"{bad} in it is damaged"
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        reason = str(error)
    path.unlink()
    raise SourceError(f"The archive that arrived is no sound ZIP file ({reason}). Run again.")


def _download(url: str, part: Path, pauses: Pauses, on_progress: Progress) -> None:
    attempts = Attempts(ATTEMPTS, pauses)
    mend_locks()
    with httpx.Client(
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        headers=headers_of(),
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
    ) as client:
        while True:
            before = _size(part)
            try:
                return _go_on(client, url, part, on_progress)
            except httpx.InvalidURL as error:
                raise SourceError(f"{url[:200]} is no URL of an archive ({error}).") from error
            except (httpx.HTTPError, _BusyError) as error:
                if isinstance(error, httpx.UnsupportedProtocol):
                    raise _not_fetched(url, error) from error
                if _size(part) > before:
                    attempts = Attempts(ATTEMPTS, pauses)
                attempts.failed(_not_fetched(url, error))


def _not_fetched(url: str, error: Exception) -> SourceError:
    reason = str(error).rstrip(".") or type(error).__name__
    return SourceError(
        f"The archive at {url[:200]} cannot be fetched ({reason}). Run again: it goes on where it "
        "stopped."
    )


class _BusyError(Exception):
    """The server says that another attempt may be worth while."""


def _go_on(client: httpx.Client, url: str, part: Path, on_progress: Progress) -> None:
    """Fetch what is missing, or all of it where the file has changed since."""
    here, validator = _size(part), _validator(part)
    headers = {}
    if here and validator.exists():
        headers = {"Range": f"bytes={here}-", "If-Range": validator.read_text("utf-8")}
    with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code == 416 and answer.headers.get("Content-Range") == f"bytes */{here}":
            return  # all of it was here already
        if answer.status_code in (416, 429) or answer.is_server_error:
            if answer.status_code == 416:
                part.unlink()
            raise _BusyError(f"the server answers {answer.status_code}")
        if not answer.is_success:
            raise SourceError(
                f"The server answers {answer.status_code} {answer.reason_phrase} to {url[:200]}."
            )
        if answer.status_code != 206:
            here = 0
            _remember(validator, answer)
        length = answer.headers.get("Content-Length", "")
        total = here + int(length) if length.isdecimal() else None
        with part.open("ab" if here else "wb") as file:
            for chunk in answer.iter_raw():
                file.write(chunk)
                file.flush()  # what is killed has kept all that arrived
                here += len(chunk)
                on_progress(here, total)


def _remember(validator: Path, answer: httpx.Response) -> None:
    """Note what tells this file from a later one; without it nothing can be gone on with."""
    etag = answer.headers.get("ETag", "")
    value = etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified", "")
    if value:
        validator.write_text(value, "utf-8")
    else:
        validator.unlink(missing_ok=True)


def _validator(part: Path) -> Path:
    return part.with_name(f"{part.name}.version")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
