"""The index that a task works on: behind a gateway, or in this process."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from photoseek.cli.missing import none_here
from photoseek.engine import PhotoSearch
from photoseek.errors import ServiceError
from photoseek.helpers.ports import reachable
from photoseek.helpers.program import command
from photoseek.indexing.local_photos import with_model_of_index
from photoseek.indexing.source_run import settings_of_index
from photoseek.settings import ModelSettings, Settings, is_this_machine
from photoseek.store import other_model, peek_model, same_index

if TYPE_CHECKING:
    from photoseek.client import Client

KNOCK_SECONDS = 2.0
"""How long a gateway that is no part of this machine may take until it lets us in."""

KNOCK_HERE = 0.5
"""The same for one on this machine. Windows knocks for two seconds where nobody listens."""


@contextmanager
def connect(settings: Settings, *, new_index: bool) -> Iterator[PhotoSearch | Client]:
    """The index: behind the gateway that runs, or else in this process.

    The gateway that the settings name is used in any case, one that runs on this machine when it
    serves the index that is wanted. A search that names no index, in a folder that has none,
    takes whatever the gateway serves. With `new_index` there need be no index yet.
    """
    if settings.gateway:
        with named_gateway(settings) as named:
            _check_reading(named, settings, new_index=new_index)
            yield named
        return
    if _somebody_listens(settings):
        with client_of(settings, local_gateway(settings)) as running:
            or_another = not new_index and _names_and_has_none(settings)
            if running.ready() and _serves(running, settings, or_another=or_another):
                _check_reading(running, settings, new_index=new_index)
                yield running
                return
    with PhotoSearch(with_model(settings, new_index=new_index)) as here:
        yield here


@contextmanager
def named_gateway(settings: Settings) -> Iterator[Client]:
    """A client of the gateway that the settings name.

    Raises:
        ServiceError: it does not answer, or serves another index than the one named.
        ModelMismatchError: it has another model.
    """
    assert settings.gateway
    with client_of(settings, settings.gateway) as client:
        if not _serves(client, settings, or_another="index" not in settings.model_fields_set):
            raise ServiceError(
                f"The gateway at {client.url} serves another index than {settings.index}. "
                "Leave --index out, or choose another --gateway."
            )
        yield client


def with_index_of(index: PhotoSearch | Client, settings: Settings) -> Settings:
    """Settings with the index of the gateway that they name, to note beside it what is listed.

    Raises:
        ServiceError: that index is a folder of another machine.
    """
    if not settings.gateway:
        return settings
    return settings_of_index(index.status().location, settings)


def local_gateway(settings: Settings) -> str:
    """The URL of the gateway that may run on this machine."""
    return f"http://{settings.host}:{settings.http_port}"


def client_of(settings: Settings, url: str) -> Client:
    """A client of the gateway at `url`, with the key that is in the settings."""
    from photoseek.client import Client  # which takes a fifth of a second to import

    key = settings.api_key
    return Client(url, api_key=key.get_secret_value() if key else None)


def has_gone(index: PhotoSearch | Client) -> bool:
    """Whether an index was behind a gateway that answers no longer."""
    return not isinstance(index, PhotoSearch) and not index.ready()


def with_model(settings: Settings, *, new_index: bool) -> Settings:
    """Settings with the model that the index was made with, or with the default for a new one.

    Raises:
        ModelMismatchError: the settings name another model than the index, or an older photoseek
            made the index with wrong vectors.
        StoreError: there is no index, and `new_index` is false.
    """
    if not new_index and peek_model(settings.index, settings) is None:
        raise none_here(settings)
    return with_model_of_index(settings)[0]


def loading(settings: ModelSettings) -> str:
    """What to show while a model is loaded."""
    local = str(settings.model).startswith(("demo", "local-dir:"))
    hint = "" if local else " (its weights are downloaded the first time)"
    return f"Loading the model {settings.model}{hint} ..."


def _somebody_listens(settings: Settings) -> bool:
    """Whether the port of the gateway is open: to ask takes a millisecond where it is not."""
    try:
        host = reachable(settings.host).strip("[]")
        seconds = KNOCK_HERE if is_this_machine(host) else KNOCK_SECONDS
        with socket.create_connection((host, settings.http_port), seconds):
            return True
    except OSError:
        return False


def _check_reading(running: Client, settings: Settings, *, new_index: bool) -> None:
    """Refuse to index at a gateway that would not read the text in pictures, where that is wanted.

    Raises:
        ServiceError: it does not.
    """
    if new_index and settings.ocr and not running.status().reads_text:
        raise ServiceError(
            f"The gateway at {running.url} does not read the text in pictures. Start it with "
            f"PHOTOSEEK_OCR=true, or leave --ocr out and run {command('ocr')} afterwards."
        )


def _names_and_has_none(settings: Settings) -> bool:
    """Whether no index is named, and there is none in this folder."""
    return "index" not in settings.model_fields_set and peek_model(settings.index, settings) is None


def _serves(running: Client, settings: Settings, *, or_another: bool) -> bool:
    status = running.status()
    if not or_another and not same_index(status.location, settings.index):
        return False
    if settings.model and settings.model != status.model:
        raise other_model(settings.index, status.model, settings.model)
    return True
