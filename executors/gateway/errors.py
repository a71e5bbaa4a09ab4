"""From what goes wrong behind the gateway to the right HTTP status and one clear sentence."""

from typing import Any

import grpc
from fastapi import HTTPException
from jina.excepts import InternalNetworkError
from jina.proto import jina_pb2

STATUS = {
    "ModelMismatchError": 409,
    "QueryError": 422,
    "StoreWriteError": 507,
    "StoreError": 503,
    "DamagedStoreError": 503,
    "StoreVersionError": 503,
}
"""HTTP status by the name of the photoseek error that an executor raised; any other is a 500."""

UNAVAILABLE = "A part of the service is down. Try again in a moment."


def raise_for_status(response: Any) -> None:
    """Turn an executor's error into an HTTPException; do nothing when all is well."""
    status = response.header.status
    if status.code != jina_pb2.StatusProto.ERROR:
        return
    exception = status.exception
    code = STATUS.get(exception.name, 500)
    known = exception.name in STATUS and exception.args
    raise HTTPException(code, exception.args[0] if known else f"Internal error: {exception.name}.")


def network_error(error: InternalNetworkError) -> HTTPException:
    """What to answer when an executor cannot be reached or takes too long."""
    if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
        return HTTPException(504, "The answer took longer than the gateway waits. Try again.")
    return HTTPException(503, UNAVAILABLE)
