"""How a request of the gateway's own goes through the Flow.

Jina has one way for all: requests come from an iterator, which is asked in a thread, go into
queues, and answers come out in whatever order. Here there is one request and one answer. The
graph of executors, their connections and their errors stay Jina's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from docarray import DocList
from jina.types.request.data import DataRequest

from photoseek.gateway.route_policy import READING_ENDPOINTS


async def send(
    streamer: Any,
    docs: Any,
    exec_endpoint: str,
    *,
    return_type: type[Any],
    only: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    request_id: str | None = None,
) -> Any:
    """The answer to documents, which go to all executors or to `only` one.

    Who stops waiting leaves a change to end by itself, as Jina does. What only reads is broken off:
    a query that waits in an executor is not begun then.

    Raises:
        InternalNetworkError: an executor cannot be reached.
    """
    request = DataRequest()
    request.document_array_cls = DocList[docs.doc_type]
    if len(docs) > 1:  # photos to index, which may be large
        await asyncio.to_thread(_put, request, docs)
    else:
        _put(request, docs)
    request.header.exec_endpoint = exec_endpoint
    if only:
        request.header.target_executor = only
    if request_id:
        request.header.request_id = request_id
    if parameters:
        request.parameters = dict(parameters)
    requests = streamer._streamer
    answer, _ = requests._request_handler(request=request, return_type=return_type)
    waited_for = answer if exec_endpoint in READING_ENDPOINTS else asyncio.shield(answer)
    return requests._result_handler(await waited_for)


def _put(request: DataRequest, docs: Any) -> None:
    request.data.docs = docs
