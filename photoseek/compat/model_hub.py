"""The model hub's client, as photoseek uses it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit


@contextmanager
def hub_when_reachable() -> Iterator[None]:
    """Inside, the model hub is asked only when its name resolves.

    Without a network its client tries for half a minute before it says so; what it has cached is
    found either way.
    """
    from huggingface_hub import constants

    offline = constants.HF_HUB_OFFLINE
    try:
        socket.getaddrinfo(urlsplit(constants.ENDPOINT).hostname, None)
    except OSError:
        constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = offline


def cached(repository: str) -> Path | None:
    """Where the model hub's client has what it downloaded last from a repository."""
    from huggingface_hub import constants

    place = Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}"
    newest = place / "refs" / "main"
    return place / "snapshots" / newest.read_text("ascii").strip() if newest.is_file() else None


def hub_file(repository: str, name: str) -> Path | None:
    """A file of a repository, fetched unless it is here; None where the repository has none.

    Raises:
        OSError, ValueError: it cannot be had, or there is no such repository.
    """
    from huggingface_hub import _CACHED_NO_EXIST, hf_hub_download, try_to_load_from_cache
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        with hub_when_reachable():
            return Path(hf_hub_download(repository, name))
    except LocalEntryNotFoundError as error:  # nobody could be asked
        if try_to_load_from_cache(repository, name) is _CACHED_NO_EXIST:
            return None  # somebody was, before
        raise OSError(str(error)) from error
    except EntryNotFoundError:
        return None
