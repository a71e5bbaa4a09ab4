"""One photo: what is known of it, its pixels, handing it in, and forgetting it."""

import json
from dataclasses import asdict
from functools import partial
from typing import Annotated, cast

from anyio import to_thread
from fastapi import APIRouter, Form, HTTPException, Response, UploadFile
from fastapi.responses import RedirectResponse

from photoseek.errors import PhotoError, SourceError
from photoseek.fetch import PhotoReader
from photoseek.files.names import Opened, disposition, own_name, picture_type
from photoseek.flow.calls import INDEXER, FlowCalls, wire
from photoseek.flow.documents import (
    CountDoc,
    DeleteDoc,
    KeptDoc,
    PhotoDoc,
    PhotosDoc,
    WantedDoc,
)
from photoseek.gateway.problems import Problem
from photoseek.gateway.routes.answers import Stored, photo_model
from photoseek.gateway.routes.handing_in import HandingIn
from photoseek.gateway.routes.models import PhotoModel
from photoseek.gateway.routes.originals import (
    KeptOriginals,
    LocalOriginal,
    at_hand,
    downloaded_from,
    not_here,
    open_local,
)
from photoseek.helpers.deadlines import within
from photoseek.indexing.uploads import Uploads
from photoseek.records import Photo, content_hash
from photoseek.settings import Settings
from photoseek.store import open_thumbnails

NEVER_KEPT = {"Cache-Control": "no-store"}
FOR_EVER = "private, max-age=31536000, immutable"
Text = Annotated[str, Form(max_length=10_000)]


def photos_router(
    flow: FlowCalls, reader: PhotoReader, uploads: Uploads | None, settings: Settings
) -> APIRouter:
    """The routes of single photos; without `uploads` none can be handed in."""
    router = APIRouter(prefix="/api/photos", tags=["photos"])
    thumbnails = open_thumbnails(settings.index)
    kept = KeptOriginals(flow, settings)
    handing_in = HandingIn(flow, uploads) if uploads is not None else None

    @router.get("/{photo_id:path}/thumbnail", summary="A small picture of it, as JPEG")
    async def thumbnail(photo_id: str, v: str = "") -> Response:
        data = None
        if v:
            with within(flow.search_seconds):
                data = await to_thread.run_sync(at_hand, thumbnails, v)
        if data is None:
            asked = wire(KeptDoc, photo=photo_id)
            answer = await flow.call("/kept", asked, KeptDoc, only=INDEXER)
            if answer.data is None:
                raise HTTPException(404, answer.error)
            data = bytes(answer.data)
        headers = {
            "Cache-Control": FOR_EVER if v else "no-cache",
            "ETag": f'"{content_hash(data)}"',
        }
        return Response(data, media_type="image/jpeg", headers=headers)

    @router.get("/{photo_id:path}/original", summary="The photo itself, or the way to it")
    async def original(photo_id: str, download: bool = False) -> Response:
        opened: Opened = "attachment" if download else "inline"
        photo = await _photo(flow, photo_id, opened)
        if not download:
            return await _original(reader, kept, photo, opened)
        try:
            place = await to_thread.run_sync(downloaded_from, photo, settings)
        except SourceError as error:
            raise HTTPException(502, f"{error} Until then: {photo['source_url']}") from error
        if place != photo["uri"]:
            return RedirectResponse(place, headers=NEVER_KEPT)
        return await _original(reader, kept, photo, opened)

    @router.get("/{photo_id:path}", summary="What is known of a photo")
    async def photo(photo_id: str) -> PhotoModel:
        return photo_model(await _photo(flow, photo_id))

    @router.delete("/{photo_id:path}", status_code=204, summary="Forget a photo")
    async def delete(photo_id: str) -> None:
        known = await _photo(flow, photo_id)
        if handing_in is not None:
            count = await handing_in.delete(photo_id, known["uri"], known["content_hash"])
        else:
            asked = wire(DeleteDoc, ids=[photo_id])
            count = (await flow.call("/delete", asked, CountDoc, only=INDEXER)).count
        if not count:
            raise _unknown(photo_id)

    @router.post("", status_code=201, summary="Hand in a photo; it can be found at once")
    async def upload(
        file: UploadFile,
        caption: Text = "",
        tags: Text = "",
        photographer: Text = "",
        licence: Text = "",
        source_url: Text = "",
    ) -> PhotoModel:
        if uploads is None or handing_in is None:
            raise HTTPException(403, "Photos cannot be handed in here: PHOTOSEEK_UPLOADS is off.")
        data = await file.read()
        content = content_hash(data)
        known = wire(WantedDoc, where=[f"content_hash = {content}"], top_k=1)
        found = await flow.call("/photos", known, PhotosDoc, only=INDEXER)
        for known_photo in json.loads(found.photos):
            raise Problem(409, "This photo is in the index already.", id=known_photo["id"])
        description = Photo(
            id="",
            uri="",
            caption=caption,
            tags=tuple(tag.strip() for tag in tags.split(",") if tag.strip()),
            photographer=photographer,
            licence=licence,
            source_url=source_url,
        )
        save = partial(uploads.save, data, description)
        saved = await handing_in.add(content, save, lambda saved: wire(PhotoDoc, **asdict(saved)))
        return photo_model(await _photo(flow, saved.id))

    return router


async def _photo(flow: FlowCalls, photo_id: str, opened: Opened | None = None) -> Stored:
    wanted = wire(WantedDoc, ids=[photo_id], opened=opened)
    answer = await flow.call("/photos", wanted, PhotosDoc, only=INDEXER)
    for photo in json.loads(answer.photos):
        return cast(Stored, photo)
    raise _unknown(photo_id)


def _unknown(photo_id: str) -> HTTPException:
    return HTTPException(404, f"No photo in the index has the id {photo_id!r}.")


async def _original(
    reader: PhotoReader, kept: KeptOriginals, photo: Stored, opened: Opened
) -> Response:
    """What the index keeps outlives the server of the photo, so it goes before a redirect there."""
    name = own_name(photo["uri"])
    media_type, headers = picture_type(name), {"Content-Disposition": disposition(opened, name)}
    problem = None
    if not photo["link"]:
        try:
            file = await to_thread.run_sync(open_local, reader, photo)
        except PhotoError as error:
            problem = error
        else:
            if file is not None:
                return LocalOriginal(file, media_type=media_type, headers=headers)
    try:
        data = await kept.get(photo)
    except Problem:
        if not photo["link"]:
            raise
        data = None
    if data is not None:
        headers["ETag"] = f'"{photo["content_hash"]}"'
        return Response(data, media_type=media_type, headers=headers)
    if photo["link"]:
        return RedirectResponse(photo["link"], headers=NEVER_KEPT)
    raise not_here(photo, problem)
