"""One photo: what is known of it, its pixels, handing it in, and forgetting it."""

import json
from contextlib import suppress
from typing import Annotated, Literal, cast

from anyio import to_thread
from fastapi import APIRouter, Form, HTTPException, Response, UploadFile
from fastapi.responses import FileResponse, RedirectResponse

from executors.documents import (
    CountDoc,
    IdsDoc,
    KeptDoc,
    OutcomeDoc,
    PhotoDoc,
    PhotosDoc,
    WantedDoc,
)
from executors.gateway.problems import Problem
from executors.gateway.routes.answers import Stored, photo_model
from executors.gateway.routes.flow import INDEXER, FlowCalls, wire
from executors.gateway.routes.models import PhotoModel
from executors.gateway.routes.originals import downloaded_from, local_file, picture_type
from photoseek.errors import PhotoError, SourceError, StorageError
from photoseek.records import content_hash
from photoseek.settings import Settings
from photoseek.store import Contents, open_thumbnails
from photoseek.uploads import Uploads

NEVER_KEPT = {"Cache-Control": "no-store"}
FOR_EVER = "private, max-age=31536000, immutable"
Text = Annotated[str, Form(max_length=10_000)]


def photos_router(flow: FlowCalls, uploads: Uploads | None, settings: Settings) -> APIRouter:
    """The routes of single photos; without `uploads` none can be handed in."""
    router = APIRouter(prefix="/api/photos", tags=["photos"])
    thumbnails = open_thumbnails(settings.index)

    @router.get("/{photo_id:path}/thumbnail", summary="A small picture of it, as JPEG")
    async def thumbnail(photo_id: str, v: str = "") -> Response:
        data = await to_thread.run_sync(_at_hand, thumbnails, v) if v else None
        if data is None:
            asked = wire(KeptDoc, photo=photo_id)
            answer = await flow.call("/kept", asked, KeptDoc, only=INDEXER)
            if answer.data is None:
                raise HTTPException(404, answer.error)
            data = bytes(answer.data)
        age = FOR_EVER if v else "no-cache"
        return Response(data, media_type="image/jpeg", headers={"Cache-Control": age})

    @router.get("/{photo_id:path}/original", summary="The photo itself, or the way to it")
    async def original(photo_id: str, download: bool = False) -> Response:
        photo = await _photo(flow, photo_id)
        if not download:
            return await _original(flow, photo, "inline")
        try:
            place = await to_thread.run_sync(downloaded_from, photo, settings)
        except SourceError as error:
            raise HTTPException(502, f"{error} Until then: {photo['source_url']}") from error
        if place != photo["uri"]:
            return RedirectResponse(place, headers=NEVER_KEPT)
        return await _original(flow, photo, "attachment")

    @router.get("/{photo_id:path}", summary="What is known of a photo")
    async def photo(photo_id: str) -> PhotoModel:
        return photo_model(await _photo(flow, photo_id))

    @router.delete("/{photo_id:path}", status_code=204, summary="Forget a photo")
    async def delete(photo_id: str) -> None:
        known = await _photo(flow, photo_id)
        count = await flow.call("/delete", wire(IdsDoc, ids=[photo_id]), CountDoc, only=INDEXER)
        if not count.count:
            raise _unknown(photo_id)
        if uploads is not None:
            await to_thread.run_sync(uploads.remove, known["uri"])

    @router.post("", status_code=201, summary="Hand in a photo; it can be found at once")
    async def upload(
        file: UploadFile,
        caption: Text = "",
        tags: Text = "",
        photographer: Text = "",
        licence: Text = "",
        source_url: Text = "",
    ) -> PhotoModel:
        if uploads is None:
            raise HTTPException(403, "Photos cannot be handed in here: PHOTOSEEK_UPLOADS is off.")
        data = await file.read()
        known = wire(WantedDoc, where=[f"content_hash = {content_hash(data)}"], top_k=1)
        found = await flow.call("/photos", known, PhotosDoc, only=INDEXER)
        for known_photo in json.loads(found.photos):
            raise Problem(409, "This photo is in the index already.", id=known_photo["id"])
        saved = await to_thread.run_sync(uploads.save, data)
        doc = wire(
            PhotoDoc,
            id=saved.id,
            uri=saved.uri,
            caption=caption,
            tags=[tag.strip() for tag in tags.split(",") if tag.strip()],
            photographer=photographer,
            licence=licence,
            source_url=source_url,
        )
        outcome = await flow.call("/index", doc, OutcomeDoc)
        if outcome.error:
            await to_thread.run_sync(uploads.remove, saved.uri)
            raise PhotoError(outcome.error)
        return photo_model(await _photo(flow, saved.id))

    return router


def _at_hand(thumbnails: Contents, content_hash: str) -> bytes | None:
    """A thumbnail from where the index lives, which need not be within this process's reach."""
    with suppress(StorageError):
        return thumbnails.get(content_hash)
    return None


async def _photo(flow: FlowCalls, photo_id: str) -> Stored:
    answer = await flow.call("/photos", wire(WantedDoc, ids=[photo_id]), PhotosDoc, only=INDEXER)
    for photo in json.loads(answer.photos):
        return cast(Stored, photo)
    raise _unknown(photo_id)


def _unknown(photo_id: str) -> HTTPException:
    return HTTPException(404, f"No photo in the index has the id {photo_id!r}.")


async def _original(
    flow: FlowCalls, photo: Stored, disposition: Literal["inline", "attachment"]
) -> Response:
    if photo["link"]:
        return RedirectResponse(photo["link"], headers=NEVER_KEPT)
    path = await to_thread.run_sync(local_file, photo["uri"])
    if path is not None:
        return FileResponse(
            path,
            media_type=picture_type(path.name),
            filename=path.name,
            content_disposition_type=disposition,
        )
    kept = await flow.call(
        "/kept", wire(KeptDoc, photo=photo["id"], what="original"), KeptDoc, only=INDEXER
    )
    if kept.data is None:
        raise HTTPException(404, f"The photo {photo['uri']} is not there any more, or not here.")
    name = photo["uri"].rpartition("/")[2]
    headers = {"Content-Disposition": disposition}
    return Response(bytes(kept.data), media_type=picture_type(name), headers=headers)
