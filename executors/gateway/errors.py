"""From what goes wrong behind the gateway to the right HTTP status and one clear sentence."""

from typing import Any

import grpc
from jina.excepts import InternalNetworkError
from jina.proto import jina_pb2

from executors.gateway.problems import UNAVAILABLE, UNEXPECTED, Problem

STATUS = {
    "ModelMismatchError": 409,
    "QueryError": 422,
    "StoreWriteError": 507,
    "StoreError": 503,
    "DamagedStoreError": 503,
    "StoreVersionError": 503,
}
"""HTTP status by the name of the photoseek error that an executor raised; any other is a 500."""


def raise_for_status(response: Any) -> None:
    """Turn an executor's error into a Problem; do nothing when all is well."""
    status = response.header.status
    if status.code != jina_pb2.StatusProto.ERROR:
        return
    exception = status.exception
    known = exception.name in STATUS and exception.args
    raise Problem(STATUS[exception.name], exception.args[0]) if known else Problem(500, UNEXPECTED)


def network_error(error: InternalNetworkError) -> Problem:
    """What to answer when an executor cannot be reached or takes too long."""
    if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
        return Problem(504, "The answer took longer than the gateway waits. Try again.")
    return Problem(503, UNAVAILABLE)
