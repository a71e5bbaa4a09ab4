"""The Flow's own endpoints over HTTP, in the form of Jina's: a list of documents in and out.

Jina's routes read, check and write documents on the event loop, where a large request or answer
keeps all others waiting. These do it in threads, and refuse first what is too much.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from docarray import BaseDoc, DocList
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, ValidationError, create_model
from typing_extensions import override

from photoseek.flow import bounds
from photoseek.flow.photo_documents import PhotoDoc
from photoseek.gateway.heavy import in_thread
from photoseek.gateway.json_reading import read_json
from photoseek.gateway.middleware.rate_limit import spend
from photoseek.gateway.problems import Problem
from photoseek.gateway.route_policy import BLOBS, BLOBS_BEFORE
from photoseek.gateway.work import Asked, TooMuchError

SUMMARIES = {
    "/index": "Index photos in one commit",
    "/search": "Answer searches",
    "/photos": "Describe photos by id, or list them",
    BLOBS: "Thumbnails and originals",
    "/facets": "Count what photos have in common",
    "/known": "What the index knows of photos",
    "/delete": "Forget photos",
    "/maintain": "Compact the index",
    "/status": "The model and the index",
}

Endpoints = Mapping[str, tuple[type[BaseDoc], type[BaseDoc]]]
"""The document that each endpoint takes, and the one it gives."""


class Header(BaseModel):
    """What Jina's clients send beside documents. Nothing but the id is used."""

    request_id: str | None = Field(None, max_length=200)
    target_executor: str | None = Field(None, max_length=200)


def endpoints_router(stream_docs: Any, endpoints: Endpoints) -> APIRouter:
    """A route for each endpoint; `stream_docs` is a streamer's."""
    router = APIRouter(tags=["jina"], route_class=_Route)
    for path, (takes, gives) in endpoints.items():
        name = path[1:].title()
        asked = _body(f"Jina{name}Request", takes)
        told = _body(f"Jina{name}Answer", gives)
        answer = _answer(path, stream_docs, asked, told, takes, gives)
        router.add_api_route(
            path,
            _shown(answer, asked),
            methods=["POST"],
            response_model=told,
            summary=SUMMARIES.get(path, f"Endpoint {path}"),
            operation_id=f"jina{name}",
            include_in_schema=path != BLOBS_BEFORE,
        )
    return router


def within_bounds(stream_docs: Any) -> Any:
    """The same way through a Flow, on which nothing goes that asks for too much.

    Raises:
        Problem: it asks for too much at once, or its client for too much in a minute.
    """

    async def stream(docs: Any, exec_endpoint: str, **arguments: Any) -> AsyncIterator[Any]:
        asked = [bounds.asked_of(doc) for doc in docs]
        try:
            bounds.check(exec_endpoint, asked)
        except TooMuchError as error:
            raise Problem(413, str(error)) from error
        await spend(bounds.units(exec_endpoint, asked))
        async for response in stream_docs(docs=docs, exec_endpoint=exec_endpoint, **arguments):
            yield response

    return stream


class _Route(APIRoute):
    """A route whose function is handed the request itself, whatever it says that it takes.

    From what it says, the documentation is made.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Any]:
        handler: Callable[[Request], Any] = vars(self.endpoint)["answer"]
        return handler


def _body(name: str, doc: type[BaseDoc]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        "data": (list[doc] | doc, ...),  # type: ignore[valid-type]
        "parameters": (dict[str, Any] | None, None),
        "header": (Header | None, None),
    }
    return create_model(name, **fields)


def _shown(answer: Callable[[Request], Any], asked: type[BaseModel]) -> Any:
    async def endpoint(body: Any) -> None: ...

    endpoint.__annotations__["body"] = asked
    vars(endpoint)["answer"] = answer
    return endpoint


def _answer(
    path: str,
    stream_docs: Any,
    asked: type[BaseModel],
    told: type[BaseModel],
    takes: type[BaseDoc],
    gives: type[BaseDoc],
) -> Callable[[Request], Any]:
    def read(raw: bytes) -> tuple[Any, str | None]:
        body = read_json(raw, unread="data" if takes is PhotoDoc else "")
        try:
            _check_length(path, body)
            checked: Any = asked.model_validate(body)
        except TooMuchError as error:
            raise Problem(413, str(error)) from error
        except ValidationError as error:
            errors = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
            raise RequestValidationError(errors, body=body) from error
        docs = checked.data if isinstance(checked.data, list) else [checked.data]
        return DocList[takes](docs), checked.header and checked.header.request_id

    def write(response: Any) -> bytes:
        header = Header(request_id=response.header.request_id)
        answer = told.model_construct(data=list(response.docs), parameters={}, header=header)
        return answer.model_dump_json().encode()

    async def answer(request: Request) -> Response:
        raw = await request.body()
        docs, request_id = await in_thread(len(raw), read, raw)
        async for response in stream_docs(
            docs=docs,
            exec_endpoint=path,
            request_id=request_id,
            return_type=DocList[gives],
        ):
            size = response.proto_wo_data.ByteSize()  # the documents are unread bytes of it
            return Response(await in_thread(size, write, response), media_type="application/json")
        raise Problem(503, "The Flow gave no answer. Try again.")

    return answer


def _check_length(path: str, body: Any) -> None:
    """Refuse too many documents before each is looked at."""
    data = body.get("data") if isinstance(body, Mapping) else None
    if isinstance(data, Sequence) and not isinstance(data, str):
        bounds.check(path, [Asked()] * len(data))
