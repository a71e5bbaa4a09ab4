"""The gateway: gRPC for Jina's clients, Jina's HTTP, and a health check that means it."""

from typing import Any

from docarray import BaseDoc
from fastapi import HTTPException
from jina.excepts import InternalNetworkError
from jina.serve.runtimes.gateway.gateway import BaseGateway
from jina.serve.runtimes.servers.composite import CompositeBaseServer
from jina.serve.runtimes.servers.grpc import GRPCServer
from jina.serve.runtimes.servers.http import HTTPServer

from executors import compat
from executors.documents import (
    CountDoc,
    FacetsDoc,
    FilterDoc,
    IdsDoc,
    KeptDoc,
    KnownDoc,
    OutcomeDoc,
    PhotoDoc,
    PhotosDoc,
    QueryDoc,
    ResultDoc,
    StatusDoc,
    WantedDoc,
)
from executors.gateway.errors import UNAVAILABLE, network_error, raise_for_status
from executors.gateway.limits import BodyLimit
from photoseek import __version__
from photoseek.settings import load_settings

ENDPOINTS = {
    "/index": (PhotoDoc, OutcomeDoc),
    "/search": (QueryDoc, ResultDoc),
    "/photos": (WantedDoc, PhotosDoc),
    "/kept": (KeptDoc, KeptDoc),
    "/facets": (FilterDoc, FacetsDoc),
    "/known": (IdsDoc, KnownDoc),
    "/delete": (IdsDoc, CountDoc),
    "/maintain": (BaseDoc, BaseDoc),
    "/status": (StatusDoc, StatusDoc),
}
"""Our own documents for each endpoint; Jina rebuilds them from JSON schema and loses limits."""


class PhotoHTTPServer(HTTPServer):
    """Jina's HTTP server with real document classes, clear errors and a body limit."""

    @property
    def app(self) -> Any:
        """The FastAPI application, made anew each time that Jina asks."""
        streamer = self.streamer
        for endpoint, (takes, gives) in ENDPOINTS.items():
            streamer._endpoints_models_map[endpoint].update(input=takes, output=gives)
        streamer.stream_docs = _with_clear_errors(streamer.stream_docs)
        app = super().app
        app.title, app.version = "photoseek", __version__
        app.router.routes = [r for r in app.router.routes if getattr(r, "path", "") != "/dry_run"]
        app.add_api_route("/readyz", self._ready, methods=["GET"], summary="Every part is up")
        limit = int(load_settings().max_request_megabytes * 1e6)
        app.add_middleware(BodyLimit, max_bytes=limit)
        return app

    async def _ready(self) -> dict[str, str]:
        """200 when every executor answers, else 503; Jina's own checks stay green without them."""
        status = await self._request_handler.dry_run(None, None)
        if status.code != status.SUCCESS:
            raise HTTPException(503, UNAVAILABLE)
        return {"status": "ready"}


def _with_clear_errors(stream_docs: Any) -> Any:
    """Jina's routes answer executor errors with a bare 500, and crash when an executor is gone.

    They also cut a request into pieces of 100 documents and answer with the first piece only.
    """

    async def stream(docs: Any, **arguments: Any) -> Any:
        arguments["request_size"] = max(len(docs), 1)
        try:
            async for response in stream_docs(docs=docs, **arguments):
                if arguments.get("return_results"):
                    raise_for_status(response)
                yield response
        except InternalNetworkError as error:
            raise network_error(error) from error

    return stream


class PhotoGateway(CompositeBaseServer, BaseGateway):
    """gRPC and HTTP in one process, drained before it stops."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.servers = [_server(arguments) for arguments in self._server_kwargs]

    async def shutdown(self) -> None:
        """Finish the requests in flight on both servers, then stop."""
        await compat.drain_all(self.servers, self.streamer)
        await super().shutdown()


def _server(arguments: dict[str, Any]) -> Any:
    protocol = arguments["runtime_args"]["protocol"]
    name = str(getattr(protocol, "name", protocol)).upper()
    return GRPCServer(**arguments) if name == "GRPC" else PhotoHTTPServer(**arguments)


compat.apply()  # Jina imports this module first in a process of its own
