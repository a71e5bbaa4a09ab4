"""What a request to the gateway does, by its method and path, and what a path takes."""

from fastapi import Request
from starlette.routing import BaseRoute, Match

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

BLOBS, BLOBS_BEFORE = "/blobs", "/kept"
"""The Flow's endpoint for thumbnails and originals, and its name up to 0.3.0: while an upgrade
lasts, a gateway and an indexer of two versions work together."""

FINGERPRINTS = "/fingerprints"
"""The indexer's endpoint for what is unchanged, which the gateway passes nothing on to."""

READING_ENDPOINTS = frozenset(
    {"/search", "/known", "/status", "/photos", BLOBS, BLOBS_BEFORE, "/facets"}
)
"""Endpoints of the Flow that change nothing, over HTTP and gRPC."""

READING_ROUTES = frozenset(
    {
        "/api/search",
        "/api/embeddings",
        "/api/search/batch",
        "/api/search/image",
        "/api/photos/zip",
        "/api/index/known",
        "/api/index/fingerprints",
        "/api/session",
    }
)
"""Routes that are posted to and change nothing."""

SEARCHING_ROUTES = frozenset({"/api/search", "/api/facets"})
"""Routes that keep the model and the index busy when they are got."""

SEARCHES = SEARCHING_ROUTES | {
    *("/api/search/image", "/api/search/batch", "/api/embeddings", "/search", "/facets")
}
"""Routes whose whole work is for an answer, which nobody needs once its client is gone."""

THIS_MACHINE = "/api/local"
"""What is below it is for the person at the gateway's own machine."""


def is_of_this_machine(path: str) -> bool:
    """True for what shows folders of the gateway's machine, or indexes one."""
    return path == THIS_MACHINE or path.startswith(f"{THIS_MACHINE}/")


def changes_index(method: str, path: str) -> bool:
    """True for all but what is known to change nothing."""
    return method not in SAFE and path not in READING_ENDPOINTS | READING_ROUTES


def is_private(method: str, path: str) -> bool:
    """True for what tells of the photos: all but the page, the documentation and health."""
    if path == "/api/session" or method == "OPTIONS":
        return False
    return method not in SAFE or path.startswith("/api/") or path == "/metrics"


def is_costly(method: str, path: str) -> bool:
    """True for searches and changes, false for pictures, files and what is quickly told."""
    return method not in SAFE or path in SEARCHING_ROUTES or path.endswith("/similar")


def only_searches(method: str, path: str) -> bool:
    """True for what can be broken off when its client is gone: nothing else would miss it."""
    return method != "DELETE" and (path in SEARCHES or path.endswith("/similar"))


def allowed_methods(request: Request) -> str:
    """What the path of a request takes, by all routes that lead there, as `Allow` says it."""
    allowed = {"OPTIONS"}
    routes: list[BaseRoute] = request.app.routes
    for route in routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            allowed |= set(getattr(route, "methods", None) or ())
    if "GET" in allowed:
        allowed.add("HEAD")
    return ", ".join(sorted(allowed))
