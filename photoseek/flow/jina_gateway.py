"""The gateway of the Flow: our application, and Jina's endpoints over HTTP and gRPC."""

from functools import cache, partial
from typing import Any

from docarray import BaseDoc, DocList
from jina.excepts import InternalNetworkError
from jina.serve.executors import __dry_run_endpoint__
from jina.serve.runtimes.gateway.gateway import BaseGateway
from jina.serve.runtimes.servers.composite import CompositeBaseServer
from jina.serve.runtimes.servers.grpc import GRPCServer
from jina.serve.runtimes.servers.http import HTTPServer

from photoseek.flow import compat
from photoseek.flow.documents import (
    BlobDoc,
    CountDoc,
    DeleteDoc,
    FacetsDoc,
    FilterDoc,
    IdsDoc,
    KnownDoc,
    PhotosDoc,
    QueryDoc,
    ResultDoc,
    StatusDoc,
    WantedDoc,
)
from photoseek.flow.endpoints import endpoints_router, within_bounds
from photoseek.flow.flow_service import FlowService
from photoseek.flow.grpc_access import KeyInterceptor
from photoseek.flow.grpc_requests import RequestCheck
from photoseek.flow.jina_errors import with_clear_errors
from photoseek.flow.photo_documents import OutcomeDoc, PhotoDoc
from photoseek.flow.request_sending import send
from photoseek.flow.secret_check import sending
from photoseek.flow.startup import begin, report_errors
from photoseek.gateway.access import Guards
from photoseek.gateway.app import create_app
from photoseek.gateway.connections import Connections, allow_many_files
from photoseek.gateway.parsers import quickest_protocol
from photoseek.gateway.route_policy import BLOBS, BLOBS_BEFORE
from photoseek.guarding import check_guarded
from photoseek.settings import load_settings

ENDPOINTS = {
    "/index": (PhotoDoc, OutcomeDoc),
    "/search": (QueryDoc, ResultDoc),
    "/photos": (WantedDoc, PhotosDoc),
    BLOBS: (BlobDoc, BlobDoc),
    BLOBS_BEFORE: (BlobDoc, BlobDoc),
    "/facets": (FilterDoc, FacetsDoc),
    "/known": (IdsDoc, KnownDoc),
    "/delete": (DeleteDoc, CountDoc),
    "/maintain": (BaseDoc, BaseDoc),
    "/status": (BaseDoc, StatusDoc),
}
"""Our own documents for each endpoint; Jina rebuilds them from JSON schema and loses limits."""


class PhotoHTTPServer(HTTPServer):
    """Jina's HTTP server with our application in the place of Jina's."""

    async def setup_server(self) -> None:
        """Listen at once; Jina waits until every executor has told what it takes and gives."""
        connections = Connections(load_settings().trusted_proxies or ())
        protocol = partial(quickest_protocol(), connections=connections)
        self.uvicorn_kwargs.update(http=protocol)
        with compat.known_endpoints(self.streamer, ENDPOINTS):
            await super().setup_server()

    @property
    def app(self) -> Any:
        """The application of the gateway, with the Flow's own endpoints beside its routes."""
        settings = load_settings()
        stream_docs = with_clear_errors(self.streamer)
        service = FlowService(stream_docs, settings, self._parts_are_up, guards().state)
        app = create_app(service, settings, guards())
        app.include_router(endpoints_router(within_bounds(stream_docs), ENDPOINTS))
        return app

    async def _parts_are_up(self) -> bool:
        """Whether every executor answers; Jina's own checks stay green without them.

        Jina's own dry run writes an error into the log for each part that is still loading.
        """
        nothing = DocList[BaseDoc]([BaseDoc()])
        try:
            await send(self.streamer, nothing, __dry_run_endpoint__, return_type=DocList[BaseDoc])
        except InternalNetworkError:
            return False
        return True


class PhotoGRPCServer(GRPCServer):
    """Jina's gRPC server behind the gateway's limits and its key."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        checks = [RequestCheck(ENDPOINTS, guards().limiter), KeyInterceptor(guards().access)]
        tracing: list[Any] = self.grpc_tracing_server_interceptors or []
        self.grpc_tracing_server_interceptors: list[Any] = [*tracing, *checks]


@cache
def guards() -> Guards:
    """What counts for HTTP and gRPC together."""
    return Guards.of(load_settings())


class PhotoGateway(CompositeBaseServer, BaseGateway):
    """gRPC and HTTP in one process, drained before it stops."""

    def __init__(self, **kwargs: Any) -> None:
        begin("gateway")
        super().__init__(**kwargs)
        with report_errors():
            guards()
            # Jina itself listens wherever its own arguments say.
            check_guarded(load_settings().model_copy(update={"host": self.runtime_args.host}))
        self.servers = [_server(arguments) for arguments in self._server_kwargs]

    def aio_tracing_client_interceptors(self) -> list[Any]:
        """What Jina gives the channels to the executors: it sends them the secret of the parts."""
        interceptors = list(super().aio_tracing_client_interceptors() or ())
        secret = load_settings().parts_secret
        return [*interceptors, *(sending(secret.get_secret_value()) if secret else ())]

    async def setup_server(self) -> None:
        """HTTP answers at once, be it with 503; gRPC listens when every executor has been seen."""
        allow_many_files()
        compat.silence_absent_parts()
        for server in sorted(self.servers, key=lambda server: isinstance(server, GRPCServer)):
            server.is_cancel = self.is_cancel  # or a stop would wait for the executors, too
            await server.setup_server()

    async def shutdown(self) -> None:
        """Finish the requests in flight on both servers, then stop."""
        await compat.drain_all(self.servers, self.streamer)
        await super().shutdown()


def _server(arguments: dict[str, Any]) -> Any:
    protocol = arguments["runtime_args"]["protocol"]
    name = str(getattr(protocol, "name", protocol)).upper()
    return PhotoGRPCServer(**arguments) if name == "GRPC" else PhotoHTTPServer(**arguments)
