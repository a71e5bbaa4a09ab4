"""From what goes wrong behind the gateway to the right HTTP status and one clear sentence."""

from typing import Any

import grpc
from fastapi import FastAPI, Request, Response
from jina.excepts import InternalNetworkError
from jina.proto import jina_pb2

from photoseek.errors import PhotoError, PhotoseekError, QueryError, StorageError
from photoseek.gateway.problems import (
    TOO_LONG,
    UNAVAILABLE,
    UNEXPECTED,
    Problem,
    problem_response,
)

STATUS = {
    "ModelMismatchError": 409,
    "QueryError": 422,
    "StoreWriteError": 507,
    "StoreError": 503,
    "DamagedStoreError": 503,
    "StoreVersionError": 503,
    "MissingStoreError": 503,
    "SilentStoreError": 504,
}
"""HTTP status by the name of the photoseek error that an executor raised; any other is a 500."""

OWN_STATUS: dict[type[PhotoseekError], int] = {
    QueryError: 422,
    PhotoError: 422,
    StorageError: 507,
}
"""HTTP status of what a route itself raises."""


def raise_for_status(response: Any) -> None:
    """Turn an executor's error into a Problem; do nothing when all is well."""
    status = response.header.status
    if status.code != jina_pb2.StatusProto.ERROR:
        return
    exception = status.exception
    known = exception.name in STATUS and exception.args
    raise Problem(STATUS[exception.name], exception.args[0]) if known else Problem(500, UNEXPECTED)


def error_in_words(status: Any) -> str:
    """The sentence for an executor's error, out of Jina's status."""
    exception = status.exception
    if exception.name in STATUS and exception.args:
        return str(exception.args[0])
    if exception.name != "ValidationError":
        return UNEXPECTED
    # pydantic's own text: a line with the count, then pairs of lines, a member and what is wrong
    _, *lines = status.description.splitlines()
    member, reason = (line.strip() for line in (*lines[:2], "", "")[:2])
    return f"{member}: {reason.partition(' [type=')[0]}"


def network_error(error: InternalNetworkError) -> Problem:
    """What to answer when an executor cannot be reached or takes too long."""
    if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
        return Problem(504, TOO_LONG)
    return Problem(503, UNAVAILABLE)


def answer_own_errors(app: FastAPI) -> None:
    """Let what a route raises for people become a problem."""
    for kind in OWN_STATUS:
        app.add_exception_handler(kind, _told)


async def _told(request: Request, error: Exception) -> Response:
    status = next(code for kind, code in OWN_STATUS.items() if isinstance(error, kind))
    return problem_response(status, str(error), instance=request.url.path)
