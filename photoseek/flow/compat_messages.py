"""What Jina 3.34 and DocArray 0.41 do for each message between the parts, beside its content.

The id of each document was read by a validator of pydantic's that was made for it alone. The bytes
of each message were counted for metrics that nobody has asked for: to count them is to write the
whole message once more, and to read an answer whose documents only go on to the next part.
"""

from __future__ import annotations

from typing import Any


def mend_messages() -> None:
    """Read ids as they are, and count no bytes."""
    from docarray.typing import ID
    from jina.serve.networking.connection_stub import _ConnectionStubs

    ID.from_protobuf = classmethod(_id)
    if _ConnectionStubs.send_requests is not _send:
        _original.append(_ConnectionStubs.send_requests)
        _ConnectionStubs.send_requests = _send


_original: list[Any] = []


def _id(kind: type[str], text: Any) -> str:
    return kind(str(text))


async def _send(
    stubs: Any, requests: list[Any], metadata: Any, compression: Any, timeout: float | None = None
) -> tuple[Any, Any]:
    """The answer to a request, and its metadata; Jina's own way for all but a single request."""
    from jina.types.request.data import DataRequest

    if not stubs._initialized:
        await stubs._init_stubs()
    [request, *more] = requests
    if more or type(request) is not DataRequest or not stubs.single_data_stub:
        return tuple(await _original[0](stubs, requests, metadata, compression, timeout))
    call = stubs.single_data_stub.process_single_data(
        request, metadata=metadata, compression=compression, timeout=timeout
    )
    return await call, await call.trailing_metadata()
