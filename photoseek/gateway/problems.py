"""Errors over HTTP as problem documents (RFC 9457), whoever found them."""

import json
import logging
from collections.abc import Collection, Mapping
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photoseek.errors import (
    DuplicatePhotoError,
    ModelMismatchError,
    PartDownError,
    PhotoError,
    PhotoseekError,
    QueryError,
    ServiceError,
    SilentStoreError,
    SlowAnswerError,
    SourceError,
    StorageError,
    StoreError,
    StoreWriteError,
)
from photoseek.gateway.plain_pages import plain_page, way_home
from photoseek.gateway.route_policy import allowed_methods
from photoseek.gateway.validation_errors import NO_FILE, broken_limits, sentence

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 100
"""Wrong members of a request that are looked at; each is compared with all others."""

UNAVAILABLE = "A part of the service is down. Try again in a moment."
TOO_LONG = "The answer took longer than the gateway waits. Try again."
NOT_IN_TIME = "A part of the service, or what it stores its index on, does not answer in time."
NO_INDEX = "The index is gone or cannot be used. A search says more, as does the indexer's log."
CHANGE_TOO_LONG = (
    "The change takes longer than the gateway waits. It may still be made: look whether it was "
    "before you try again."
)
UNEXPECTED = "Something went wrong inside photoseek. Its log says what."

NOT_HERE = """<h1>photoseek</h1>
<p>Nothing is at {path}.</p>
<p><a href="{home}">To the photos</a></p>"""

STATUS: dict[type[PhotoseekError], int] = {
    QueryError: 422,
    PhotoError: 422,
    DuplicatePhotoError: 409,
    ModelMismatchError: 409,
    SourceError: 502,
    StorageError: 507,
    StoreWriteError: 507,
    StoreError: 503,
    SilentStoreError: 504,
    PartDownError: 503,
    SlowAnswerError: 504,
    ServiceError: 500,
}
"""HTTP status of the errors that are told in their own words; the nearest kind counts."""


def status_of(error: PhotoseekError) -> int:
    """The HTTP status that stands for an error."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def what_ails(error: PhotoseekError) -> str:
    """What to tell anybody of an error that keeps the service from being ready, without places."""
    if isinstance(error, PartDownError):
        return UNAVAILABLE
    return {503: NO_INDEX, 504: NOT_IN_TIME}.get(status_of(error), UNEXPECTED)


def no_answer_in(seconds: float) -> str:
    """What to say where a search, or something else that is only read, takes too long."""
    return (
        f"There is no answer within {seconds:g} seconds. Try again in a moment, or have "
        "PHOTOSEEK_SEARCH_SECONDS raised."
    )


class Problem(HTTPException):
    """An error to answer with: a status, one or two sentences, and what else a program wants.

    `members` become members of the document beside the standard ones, such as `id`.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(status, detail, headers)
        self.members = members


def problem_response(
    status: int,
    detail: str,
    *,
    instance: str,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> Response:
    """A problem document; `instance` is the path of the request that failed."""
    document = dict(members or {}) | {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": quote(instance),
    }
    content = json.dumps(document)  # ASCII: what was given may be no valid Unicode
    return Response(content, status, headers, media_type=MEDIA_TYPE)


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with a problem, from a middleware."""
    response = problem_response(
        problem.status_code,
        problem.detail,
        instance=scope["path"],
        headers=problem.headers,
        members=problem.members,
    )
    await response(scope, receive, send)


def answer_with_problems(app: FastAPI, members: Collection[str] = ()) -> None:
    """Let every error of an application's routes, and unknown routes, become a problem.

    `members` are the names of what requests may hold, one of which may be meant by another name.
    """
    app.state.members = members
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind in STATUS:
        app.add_exception_handler(kind, _told)


class UnexpectedErrors:
    """ASGI middleware that answers 500, tells nothing, and logs the error.

    Starlette's own stands outside of all middlewares, whose headers its answer would lack, and
    passes the error on, at which the server hangs up on the client's next request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and answer when that fails."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            if scope["type"] != "http" or started:
                raise
            _log.exception("%s %s failed", scope["method"], scope["path"])
            await refuse(Problem(500, UNEXPECTED), scope, receive, send)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status, path = error.status_code, request.url.path
    detail = str(error.detail)
    if status == 405:  # the router looks no further than to the first route with that path
        headers = {"Allow": allowed_methods(request)}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
        error = Problem(405, detail, headers=headers)
    if detail == HTTPStatus(status).phrase:  # Starlette's router, which says no more than that
        detail = {
            404: f"Nothing is at {path}. /docs shows what there is.",
            405: f"{path} does not take {request.method}. /docs shows what it takes.",
        }.get(status, detail)
    if detail == "There was an error parsing the body":  # FastAPI, over JSON that is too deep
        detail = "The body cannot be read: it is no JSON in UTF-8, or lists in it are too deep."
    is_form = request.headers.get("content-type", "").lower().startswith("multipart/")
    if status == 400 and is_form and not isinstance(error, Problem):  # Starlette, over a form
        detail = f"The form cannot be read: {detail} {NO_FILE}."
    members = error.members if isinstance(error, Problem) else {}
    if status == 404 and _is_of_person(request):
        home = way_home(request.scope["raw_path"])
        body = NOT_HERE.format(path=escape(path), home=home)
        return HTMLResponse(plain_page(body, home), status)
    if status in (204, 304):
        return Response(status_code=status, headers=error.headers)
    return problem_response(status, detail, instance=path, headers=error.headers, members=members)


def _is_of_person(request: Request) -> bool:
    """Whether somebody typed the address, who cannot do much with JSON."""
    accepts = request.headers.get("accept", "")
    return accepts.startswith("text/html") and not request.url.path.startswith("/api/")


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, PhotoseekError)
    members = {"id": error.photo_id} if isinstance(error, DuplicatePhotoError) else {}
    path = request.url.path
    return problem_response(status_of(error), str(error), instance=path, members=members)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    limits = broken_limits(error.errors()[:MAX_ERRORS], error.body, request.app.state.members)
    members = {"errors": [{"path": limit.path, "message": limit.message} for limit in limits]}
    detail = sentence(limits)
    return problem_response(422, detail, instance=request.url.path, members=members)
