"""Everything around the routes of the API, put together in one place and in one order."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from photoseek.gateway.access import Access, KeyCheck, session_router
from photoseek.gateway.api_docs import serve_docs
from photoseek.gateway.health import health_router
from photoseek.gateway.metrics import Measured, Metrics, metrics_router
from photoseek.gateway.middleware.body_limit import BodyLimit, OneLength
from photoseek.gateway.middleware.methods import HeadRequests
from photoseek.gateway.middleware.not_modified import NotModified
from photoseek.gateway.middleware.origins import OwnNames, OwnPages, own_names
from photoseek.gateway.middleware.proxies import TrustedProxies
from photoseek.gateway.middleware.rate_limit import Limiter, RateLimit
from photoseek.gateway.middleware.security_headers import SecurityHeaders, security_headers
from photoseek.gateway.page import serve_page
from photoseek.gateway.problems import UnexpectedErrors, answer_with_problems
from photoseek.settings import Settings

COMPRESSION = {
    "minimum_size": 2_000,
    "compresslevel": 4,  # a quarter of a millisecond for twenty hits
    "exclude_content_types": (
        *DEFAULT_EXCLUDED_CONTENT_TYPES,
        "image/*",
    ),  # originals stay as they are
}


def surround(
    app: FastAPI,
    settings: Settings,
    *,
    access: Access,
    limiter: Limiter | None,
    metrics: Metrics,
    problem: Callable[[], Awaitable[str]],
    count_photos: Callable[[], Awaitable[int | None]],
) -> None:
    """Give an application with its routes all that stands around them.

    `access` and `limiter`, if there is a limit, are the same for HTTP and gRPC. `problem` tells
    what keeps the parts or the index from answering, or ""; `count_photos` what the index holds,
    or None when it does not answer.
    """
    routers: tuple[APIRouter, ...] = (
        session_router(access),
        health_router(problem),
        metrics_router(metrics, count_photos),
    )
    for router in routers:
        app.include_router(router)
    logging.getLogger("uvicorn.access").addFilter(_without_query)
    serve_docs(app)
    serve_page(app)
    answer_with_problems(app)
    for middleware, arguments in reversed(_layers(settings, access, limiter, metrics)):
        app.add_middleware(middleware, **arguments)


def _without_query(line: logging.LogRecord) -> bool:
    """Leave out of a line what people search for, and keys that somebody puts into a URL."""
    if isinstance(line.args, tuple):
        line.args = tuple(
            each.partition("?")[0] if isinstance(each, str) and each.startswith("/") else each
            for each in line.args
        )
    return True


def _layers(
    settings: Settings, access: Access, limiter: Limiter | None, metrics: Metrics
) -> list[tuple[Any, dict[str, Any]]]:
    """The middlewares from the outermost to the one beside the routes.

    What is refused or fails is counted and has its headers; a page that may use the API can read
    why; whoever guesses keys is slowed down; and a body is read only when all else is well.
    """
    origins = settings.allowed_origins or ()
    layers: list[tuple[Any, dict[str, Any]]] = [
        (SecurityHeaders, {"headers": security_headers(embeddable=bool(origins))}),
        (Measured, {"metrics": metrics}),
        (HeadRequests, {}),
        (UnexpectedErrors, {}),
        (OneLength, {}),
        (GZipMiddleware, COMPRESSION),
        (NotModified, {}),
        (TrustedProxies, {"proxies": settings.trusted_proxies or ()}),
        (OwnNames, {"names": own_names(settings)}),
    ]
    if origins:
        cors = {
            "allow_origins": origins,
            "allow_methods": ["GET", "HEAD", "POST", "DELETE"],
            "allow_headers": ["Authorization", "X-API-Key", "Content-Type"],
            "expose_headers": ["Retry-After"],
        }
        layers.append((CORSMiddleware, cors))
    layers.append((OwnPages, {"allowed_origins": origins}))
    if limiter is not None:
        layers.append((RateLimit, {"limiter": limiter}))
    max_bytes = int(settings.max_request_megabytes * 1e6)
    return [
        *layers,
        (KeyCheck, {"access": access}),
        (BodyLimit, {"max_bytes": max_bytes}),
    ]
