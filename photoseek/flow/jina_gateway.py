"""The gateway: gRPC for Jina's clients, Jina's HTTP, and what stands around both."""

import asyncio
from functools import cache, partial
from typing import Any, cast

from docarray import BaseDoc, DocList
from jina.excepts import InternalNetworkError
from jina.serve.runtimes.gateway.gateway import BaseGateway
from jina.serve.runtimes.servers.composite import CompositeBaseServer
from jina.serve.runtimes.servers.grpc import GRPCServer
from jina.serve.runtimes.servers.http import HTTPServer

from photoseek.flow import bounds, compat
from photoseek.flow.calls import INDEXER
from photoseek.flow.documents import (
    CountDoc,
    DeleteDoc,
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
from photoseek.flow.endpoints import endpoints_router
from photoseek.flow.grpc_access import KeyInterceptor
from photoseek.flow.grpc_requests import RequestCheck
from photoseek.flow.jina_errors import answer_own_errors, network_error, raise_for_status
from photoseek.flow.secret_check import sending
from photoseek.flow.startup import begin_gateway, report_errors
from photoseek.gateway.access import Access
from photoseek.gateway.app import surround
from photoseek.gateway.connections import Connections, PatientProtocol, allow_many_files
from photoseek.gateway.health import ANSWER_SECONDS
from photoseek.gateway.metrics import Metrics
from photoseek.gateway.middleware.rate_limit import Limiter, spend
from photoseek.gateway.problems import NO_INDEX, NOT_IN_TIME, UNAVAILABLE, UNEXPECTED, Problem
from photoseek.gateway.routes.api import api_router
from photoseek.guarding import check_guarded
from photoseek.settings import load_settings

ENDPOINTS = {
    "/index": (PhotoDoc, OutcomeDoc),
    "/search": (QueryDoc, ResultDoc),
    "/photos": (WantedDoc, PhotosDoc),
    "/kept": (KeptDoc, KeptDoc),
    "/facets": (FilterDoc, FacetsDoc),
    "/known": (IdsDoc, KnownDoc),
    "/delete": (DeleteDoc, CountDoc),
    "/maintain": (BaseDoc, BaseDoc),
    "/status": (BaseDoc, StatusDoc),
}
"""Our own documents for each endpoint; Jina rebuilds them from JSON schema and loses limits."""

OF_JINA = {"/dry_run", "/docs", "/docs/oauth2-redirect", "/redoc"}
"""Routes of Jina and FastAPI that ours replace."""


class PhotoHTTPServer(HTTPServer):
    """Jina's HTTP server with real document classes, clear errors, and all of `surround`."""

    async def setup_server(self) -> None:
        """Listen at once; Jina waits until every executor has told what it takes and gives."""
        connections = Connections(load_settings().trusted_proxies or ())
        protocol = partial(PatientProtocol, connections=connections)
        self.uvicorn_kwargs.update(http=protocol)
        with compat.known_endpoints(self.streamer, ENDPOINTS):
            await super().setup_server()

    @property
    def app(self) -> Any:
        """The FastAPI application, made anew each time that Jina asks."""
        streamer = self.streamer
        streamer.stream_docs = _with_clear_errors(streamer.stream_docs, streamer.topology_graph)
        app = super().app
        replaced = OF_JINA | ENDPOINTS.keys()
        app.router.routes = [r for r in app.router.routes if getattr(r, "path", "") not in replaced]
        app.include_router(endpoints_router(streamer.stream_docs, ENDPOINTS))
        settings, metrics = load_settings(), Metrics()
        access, limiter = guards()
        app.include_router(api_router(streamer, settings, metrics.observe))
        answer_own_errors(app)
        surround(
            app,
            settings,
            access=access,
            limiter=limiter,
            metrics=metrics,
            problem=self._problem,
            count_photos=self._count_photos,
        )
        return app

    async def _problem(self) -> str:
        """What keeps the service from being ready; Jina's own checks stay green without executors.

        Anybody may ask, so it names no places.
        """
        parts = await self._request_handler.dry_run(None, None)
        if parts.code != parts.SUCCESS:
            return UNAVAILABLE
        try:
            status = await self._status()
        except Problem as problem:
            kinds = {503: NO_INDEX, 504: NOT_IN_TIME}
            return kinds.get(problem.status_code, UNEXPECTED)
        return NO_INDEX if status.problem else ""

    async def _count_photos(self) -> int | None:
        """How many there are; None as long as the service is not ready."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return None if await self._problem() else int((await self._status()).photos)
        except (Problem, TimeoutError):
            return None

    async def _status(self) -> StatusDoc:
        answers = self.streamer.stream_docs(
            docs=DocList[StatusDoc]([StatusDoc()]),
            exec_endpoint="/status",
            return_type=DocList[StatusDoc],
            return_results=True,
            only=INDEXER,
        )
        [status] = [doc async for answer in answers for doc in answer.docs]
        return cast(StatusDoc, status)


class PhotoGRPCServer(GRPCServer):
    """Jina's gRPC server behind the gateway's limits and its key."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        access, limiter = guards()
        checks = [RequestCheck(ENDPOINTS, limiter), KeyInterceptor(access)]
        tracing: list[Any] = self.grpc_tracing_server_interceptors or []
        self.grpc_tracing_server_interceptors: list[Any] = [*tracing, *checks]


@cache
def guards() -> tuple[Access, Limiter | None]:
    """What counts for HTTP and gRPC together: the key and its guesses, and each client's work."""
    settings = load_settings()
    return Access.of(settings), Limiter.of(settings)


def _with_clear_errors(stream_docs: Any, graph: Any) -> Any:
    """Jina's routes answer executor errors with a bare 500, and crash when an executor is gone.

    They also cut a request into pieces of 100 documents and answer with the first piece only, and
    let a client choose the executors that it goes through, which fit together in one way. `only`
    is for our own routes. Until every executor has been seen, requests could go astray. Nothing
    that asks for too much goes on from here.
    """

    async def stream(docs: Any, only: str | None = None, **arguments: Any) -> Any:
        if not graph._all_endpoints:
            raise Problem(503, UNAVAILABLE)
        _check_work(str(arguments.get("exec_endpoint")), docs)
        arguments.update(request_size=max(len(docs), 1), target_executor=only)
        try:
            async for response in stream_docs(docs=docs, **arguments):
                if arguments.get("return_results"):
                    raise_for_status(response)
                yield response
        except InternalNetworkError as error:
            raise network_error(error) from error

    return stream


def _check_work(endpoint: str, docs: Any) -> None:
    """Refuse what is too much at once or too much in a minute. Raises Problem."""
    if endpoint in ENDPOINTS:
        asked = [bounds.asked_of(doc) for doc in docs]
        try:
            bounds.check(endpoint, asked)
        except bounds.TooMuchError as error:
            raise Problem(413, str(error)) from error
        spend(bounds.units(endpoint, asked))


class PhotoGateway(CompositeBaseServer, BaseGateway):
    """gRPC and HTTP in one process, drained before it stops."""

    def __init__(self, **kwargs: Any) -> None:
        begin_gateway()
        super().__init__(**kwargs)
        with report_errors():  # Jina itself listens wherever its own arguments say
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
