"""Finding a gateway to talk to, or starting one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console

from photoseek.client import Client
from photoseek.errors import ServiceError
from photoseek.flow.process import FlowProcess
from photoseek.identity import is_mistaken
from photoseek.settings import DEFAULT_MODEL, Settings
from photoseek.store import (
    is_folder,
    mistaken_vectors,
    no_index,
    other_model,
    peek_model,
    same_index,
)


@contextmanager
def connect(settings: Settings, console: Console, *, new_index: bool) -> Iterator[Client]:
    """A client of the running gateway, or else of a Flow that lives as long as this block.

    The gateway that the settings name is used in any case, one that runs on this machine when it
    serves the index that is wanted; a search that names no index takes whatever the gateway
    serves. With `new_index` there need be no index yet.
    """
    if settings.gateway:
        with named_gateway(settings) as named:
            yield named
        return
    with client_of(settings, local_gateway(settings)) as running:
        if running.ready() and _serves(running, settings, new_index=new_index):
            yield running
            return
    settings = with_model(settings, new_index=new_index)
    with ExitStack() as stack:
        with console.status(loading(settings)):
            flow = stack.enter_context(FlowProcess(_unlimited(settings), private=True))
        yield stack.enter_context(client_of(settings, flow.url))


@contextmanager
def named_gateway(settings: Settings) -> Iterator[Client]:
    """A client of the gateway that the settings name.

    Raises ServiceError when it does not answer or serves another index than the one named, and
    ModelMismatchError when it has another model.
    """
    assert settings.gateway
    with client_of(settings, settings.gateway) as client:
        if not _serves(client, settings, new_index=False):
            raise ServiceError(
                f"The gateway at {client.url} serves another index than {settings.index}. "
                "Leave --index out, or choose another --gateway."
            )
        yield client


def with_index_of(client: Client, settings: Settings) -> Settings:
    """Settings with the index of the gateway that they name, to note beside it what is listed.

    Raises ServiceError when that index is a folder of another machine.
    """
    if not settings.gateway:
        return settings
    location = client.status().location
    if not settings.state and is_folder(location) and not Path(location).parent.is_dir():
        raise ServiceError(
            f"The gateway at {client.url} keeps its index in {location}, which is not on this "
            "machine. Index where that folder is, or keep the index in S3."
        )
    return settings.model_copy(update={"index": location})


def local_gateway(settings: Settings) -> str:
    """The URL of the gateway that may run on this machine."""
    return f"http://{settings.host}:{settings.http_port}"


def client_of(settings: Settings, url: str) -> Client:
    """A client of the gateway at `url`, with the key that is in the settings."""
    key = settings.api_key
    return Client(url, api_key=key.get_secret_value() if key else None)


def with_model(settings: Settings, *, new_index: bool) -> Settings:
    """Settings with the model that the index was made with, or with the default for a new one.

    Raises:
        ModelMismatchError: the settings name another model than the index, or an older photoseek
            made the index with wrong vectors.
        StoreError: there is no index, and `new_index` is false.
    """
    made_with = peek_model(settings.index)
    if made_with is None:
        if not new_index:
            raise no_index(settings.index)
        return settings.model_copy(update={"model": settings.model or DEFAULT_MODEL})
    if settings.model and settings.model != made_with.name:
        raise other_model(settings.index, made_with.name, settings.model)
    if is_mistaken(made_with):
        raise mistaken_vectors(settings.index, made_with)
    return settings.model_copy(update={"model": made_with.name})


def _unlimited(settings: Settings) -> Settings:
    """For a Flow of our own, whose only client we are."""
    return settings.model_copy(update={"rate_limit": 0})


def loading(settings: Settings) -> str:
    """What to show while a Flow comes up."""
    local = str(settings.model).startswith(("demo", "local-dir:"))
    hint = "" if local else " (its weights are downloaded the first time)"
    return f"Loading the model {settings.model}{hint} ..."


def _serves(running: Client, settings: Settings, *, new_index: bool) -> bool:
    status = running.status()
    same = same_index(status.location, settings.index)
    named = "index" in settings.model_fields_set
    if not same and (named or new_index):
        return False
    if settings.model and settings.model != status.model:
        raise other_model(settings.index, status.model, settings.model)
    return True
