"""Small pictures of photos, which a page asks for by the dozen."""

from __future__ import annotations

import re
from typing import Literal

from anyio import to_thread
from fastapi import APIRouter, HTTPException, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from photoseek.errors import PhotoError, QueryError
from photoseek.gateway.dependencies import Shared, SharedParts
from photoseek.gateway.kept_pictures import Picture
from photoseek.gateway.originals import at_hand, not_here
from photoseek.gateway.problems import Problem
from photoseek.gateway.routes.photos import known_photo
from photoseek.helpers.deadlines import within
from photoseek.records import is_content_hash

FOR_EVER = "private, max-age=31536000, immutable"

_BY_CONTENT = re.compile(rb"(?:size=(small|large)&)?v=([0-9a-f]{32})")
"""The query of a link that an answer has given."""


class ThumbnailRoute(APIRoute):
    """The route of thumbnails. What is in memory is answered before FastAPI reads the parameters,
    which alone takes it as long as all that stands around the routes.
    """

    @override
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose path leads here."""
        picture = _kept(scope) if scope["method"] == "GET" else None
        if picture is None:
            await super().handle(scope, receive, send)
        else:
            await _answer(picture, FOR_EVER)(scope, receive, send)


router = APIRouter(prefix="/api/photos", tags=["photos"], route_class=ThumbnailRoute)


@router.get(
    "/{photo_id:path}/thumbnail",
    summary="A small picture of it, as JPEG",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
    operation_id="getThumbnail",
)
async def thumbnail(
    photo_id: str, shared: SharedParts, v: str = "", size: Literal["small", "large"] = "small"
) -> Response:
    """Its longest side has at most 320 pixels, and that of a large one 640: it is made of the
    original, where the gateway may read that, and else it is the small one. With its content_hash
    as `v` it may be kept for ever.
    """
    problem: Problem | None = None
    if size == "large":
        try:
            return _answer(await _large(shared, photo_id), _kept_for(v))
        except Problem as error:
            problem = error
    picture = await _small(shared, v) if v else None
    if picture is None:
        try:
            picture = Picture.of(await shared.service.thumbnail(photo_id))
        except QueryError as error:
            raise problem or HTTPException(404, str(error)) from error
        if is_content_hash(v):
            shared.pictures.put(_name(photo_id, v), picture)
    return _answer(picture, _kept_for("" if problem else v))


def _kept(scope: Scope) -> Picture | None:
    """The picture that a request asks for by its content, where it is in memory."""
    asked = _BY_CONTENT.fullmatch(scope["query_string"])
    if asked is None:
        return None
    shared: Shared = scope["app"].state.shared
    content = asked[2].decode()
    if asked[1] == b"large":
        return shared.large_thumbnails.kept(content)
    name = _name(scope["path_params"]["photo_id"], content)
    return shared.pictures.get(content) or shared.pictures.get(name)


def _name(photo_id: str, content: str) -> str:
    """Under which a thumbnail is kept that the index gave for a photo: whether the photo has that
    content, whoever asks says.
    """
    return f"{content} {photo_id}"


def _answer(picture: Picture, kept: str) -> Response:
    headers = {"Cache-Control": kept, "ETag": picture.tag}
    return Response(picture.data, media_type="image/jpeg", headers=headers)


def _kept_for(version: str) -> str:
    return FOR_EVER if version else "no-cache"


async def _large(shared: Shared, photo_id: str) -> Picture:
    photo = await known_photo(shared.service, photo_id)
    try:
        return await shared.large_thumbnails.picture(photo)
    except PhotoError as error:
        raise not_here(photo, error) from error


async def _small(shared: Shared, content: str) -> Picture | None:
    """The thumbnail that the index keeps under a content hash, where this process reaches it."""
    picture = shared.pictures.get(content)
    if picture is None:
        data = await to_thread.run_sync(_read, shared, content)
        if data is None:
            return None
        picture = Picture.of(data)
        shared.pictures.put(content, picture)
    return picture


def _read(shared: Shared, content: str) -> bytes | None:
    with within(shared.settings.search_seconds):
        return at_hand(shared.thumbnails, content)
