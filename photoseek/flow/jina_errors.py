"""From what goes wrong behind the gateway to the error that it stands for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
from jina.excepts import InternalNetworkError
from jina.proto import jina_pb2

from photoseek.errors import (
    DamagedStoreError,
    MissingStoreError,
    ModelMismatchError,
    PartDownError,
    PhotoseekError,
    QueryError,
    ServiceError,
    SilentStoreError,
    SlowAnswerError,
    StoreError,
    StoreVersionError,
    StoreWriteError,
)
from photoseek.flow.request_sending import send
from photoseek.gateway.problems import TOO_LONG, UNAVAILABLE, UNEXPECTED

TOLD: dict[str, type[PhotoseekError]] = {
    kind.__name__: kind
    for kind in (
        QueryError,
        ModelMismatchError,
        StoreError,
        StoreWriteError,
        StoreVersionError,
        DamagedStoreError,
        MissingStoreError,
        SilentStoreError,
    )
}
"""What executors raise for people to read, by name; the gateway tells of nothing else."""


def raise_error(response: Any) -> None:
    """Raise what an executor has raised; do nothing when all is well."""
    status = response.header.status
    if status.code != jina_pb2.StatusProto.ERROR:
        return
    exception = status.exception
    kind = TOLD.get(exception.name)
    raise kind(exception.args[0]) if kind and exception.args else ServiceError(UNEXPECTED)


def error_in_words(status: Any) -> str:
    """The sentence for an executor's error, out of Jina's status."""
    exception = status.exception
    if exception.name in TOLD and exception.args:
        return str(exception.args[0])
    if exception.name != "ValidationError":
        return UNEXPECTED
    # pydantic's own text: a line with the count, then pairs of lines, a member and what is wrong
    _, *lines = status.description.splitlines()
    member, reason = (line.strip() for line in (*lines[:2], "", "")[:2])
    return f"{member}: {reason.partition(' [type=')[0]}"


def network_error(error: InternalNetworkError) -> ServiceError:
    """What to raise when an executor cannot be reached or takes too long."""
    if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
        return SlowAnswerError(TOO_LONG)
    return PartDownError(UNAVAILABLE)


def with_clear_errors(streamer: Any) -> Any:
    """How documents are sent through a Flow, by its streamer, with errors for what goes wrong.

    Jina's own way ends with a bare 500 for an executor's error and with a crash when an executor
    is gone. Until every executor has been seen, requests could go astray.
    """

    async def stream(docs: Any, exec_endpoint: str, **arguments: Any) -> AsyncIterator[Any]:
        if not streamer.topology_graph._all_endpoints:
            raise PartDownError(UNAVAILABLE)
        try:
            response = await send(streamer, docs, exec_endpoint, **arguments)
        except InternalNetworkError as error:
            raise network_error(error) from error
        raise_error(response)
        yield response

    return stream
