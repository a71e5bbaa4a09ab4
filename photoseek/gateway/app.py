"""The application: the routes of the API, and all that stands around them, in one order."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from photoseek.gateway.access import Guards, KeyCheck
from photoseek.gateway.api_docs import serve_docs
from photoseek.gateway.dependencies import Shared
from photoseek.gateway.metrics import Measured
from photoseek.gateway.middleware.allowed_hosts import AllowedHosts, allowed_hosts
from photoseek.gateway.middleware.body_limit import BodyLimit, OneLength
from photoseek.gateway.middleware.csrf import CsrfCheck
from photoseek.gateway.middleware.methods import HeadRequests
from photoseek.gateway.middleware.not_modified import NotModified
from photoseek.gateway.middleware.proxies import TrustedProxies
from photoseek.gateway.middleware.rate_limit import RateLimit
from photoseek.gateway.middleware.security_headers import SecurityHeaders, security_headers
from photoseek.gateway.middleware.this_machine import ThisMachineOnly
from photoseek.gateway.middleware.turns import Turns
from photoseek.gateway.page import serve_page
from photoseek.gateway.problems import UnexpectedErrors, answer_with_problems
from photoseek.gateway.routes import api, operations, session
from photoseek.gateway.routes.request_models import MEMBERS
from photoseek.gateway.service import Service
from photoseek.settings import GatewaySettings

COMPRESSION = {
    "minimum_size": 2_000,
    "compresslevel": 4,  # a quarter of a millisecond for twenty hits
    "exclude_content_types": (
        *DEFAULT_EXCLUDED_CONTENT_TYPES,
        "image/*",
    ),  # originals stay as they are
}


def create_app(
    service: Service, settings: GatewaySettings, guards: Guards | None = None
) -> FastAPI:
    """The application over a service.

    `guards` are given where they count for another protocol as well.

    Raises:
        StorageError: PHOTOSEEK_UPLOADS is no usable place.
        MissingPackageError: the package for Redis is not installed.
        SettingsError: the certificates for Redis cannot be used.
    """
    guards = guards or Guards.of(settings)
    # Not by `include_router`, which reads every signature again: a tenth of a second.
    routers = (api.router, session.router, operations.router)
    routes = [route for router in routers for route in router.routes]
    app = FastAPI(docs_url=None, redoc_url=None, lifespan=_closing, routes=routes)
    app.state.shared = shared = Shared.of(service, settings, guards)
    logging.getLogger("uvicorn.access").addFilter(_without_query)
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # the client is told
    serve_docs(app)
    serve_page(app)
    answer_with_problems(app, MEMBERS)
    for middleware, arguments in reversed(_layers(settings, guards, shared)):
        app.add_middleware(middleware, **arguments)
    return app


@asynccontextmanager
async def _closing(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.shared.folder_runs.close()
    app.state.shared.originals.close()
    await app.state.shared.state.close()


def _without_query(line: logging.LogRecord) -> bool:
    """Leave out of a line what people search for, and keys that somebody puts into a URL."""
    if isinstance(line.args, tuple):
        line.args = tuple(
            each.partition("?")[0] if isinstance(each, str) and each.startswith("/") else each
            for each in line.args
        )
    return True


def _layers(
    settings: GatewaySettings, guards: Guards, shared: Shared
) -> list[tuple[Any, dict[str, Any]]]:
    """The middlewares from the outermost to the one beside the routes.

    What is refused or fails is counted and has its headers; a page that may use the API can read
    why; whoever guesses keys is slowed down; and a body is read only when all else is well.
    """
    origins = settings.allowed_origins or ()
    layers: list[tuple[Any, dict[str, Any]]] = [
        (SecurityHeaders, {"headers": security_headers(embeddable=bool(origins))}),
        (Measured, {"metrics": shared.metrics}),
        (HeadRequests, {}),
        (UnexpectedErrors, {}),
        (OneLength, {}),
        (GZipMiddleware, COMPRESSION),
        (NotModified, {}),
        (TrustedProxies, {"proxies": settings.trusted_proxies or ()}),
        (AllowedHosts, {"names": allowed_hosts(settings)}),
    ]
    if origins:
        cors = {
            "allow_origins": origins,
            "allow_methods": ["GET", "HEAD", "POST", "DELETE"],
            "allow_headers": ["Authorization", "X-API-Key", "Content-Type"],
            "expose_headers": ["Retry-After"],
        }
        layers.append((CORSMiddleware, cors))
    layers.append((CsrfCheck, {"allowed_origins": origins}))
    if guards.limiter is not None:
        layers.append((RateLimit, {"limiter": guards.limiter}))
    max_bytes = int(settings.max_request_megabytes * 1e6)
    return [
        *layers,
        (ThisMachineOnly, {"machine": shared.machine}),
        (KeyCheck, {"access": guards.access}),
        (Turns, {}),
        (BodyLimit, {"max_bytes": max_bytes}),
    ]
