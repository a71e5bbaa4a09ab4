"""One photo: what is known of it, its pixels, handing it in, and forgetting it."""

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, HTTPException, Response, UploadFile
from fastapi.responses import RedirectResponse

from photoseek.errors import (
    DuplicatePhotoError,
    PhotoError,
    ServiceError,
    SourceError,
    StoreError,
)
from photoseek.files.names import Opened, disposition, own_name, picture_type
from photoseek.gateway.dependencies import SharedParts, TheService
from photoseek.gateway.form_reading import no_other_fields
from photoseek.gateway.originals import LocalOriginal, Originals, not_here
from photoseek.gateway.problems import Problem
from photoseek.gateway.ranges import BytesInParts
from photoseek.gateway.routes.models import PhotoModel
from photoseek.gateway.routes.to_models import photo_model
from photoseek.gateway.service import Service
from photoseek.photos import START, content_type
from photoseek.records import Condition, Photo, StoredPhoto, content_hash

NEVER_KEPT = {"Cache-Control": "no-store"}
Text = Annotated[str, Form(max_length=10_000)]
FIELDS = ("caption", "tags", "tag", "photographer", "licence", "source_url")

router = APIRouter(prefix="/api/photos", tags=["photos"])


@router.get(
    "/{photo_id:path}/original",
    summary="The photo itself, or the way to it",
    response_class=Response,
    responses={
        200: {"content": {"image/*": {}}},
        206: {"description": "The part that Range asks for"},
        307: {"description": "Where it lies"},
    },
    operation_id="getOriginal",
)
async def original(photo_id: str, shared: SharedParts, download: bool = False) -> Response:
    """Its bytes from this machine or the index, or a redirect to where it lies."""
    opened: Opened = "attachment" if download else "inline"
    photo = await known_photo(shared.service, photo_id, opened)
    if download:
        try:
            place = await to_thread.run_sync(shared.originals.downloaded_from, photo)
        except SourceError as error:
            raise Problem(502, f"{error} Until then: {photo.photo.source_url}") from error
        if place != photo.photo.uri:
            return RedirectResponse(place, headers=NEVER_KEPT)
    return await _original(shared.originals, photo, opened)


@router.get("/{photo_id:path}", summary="What is known of a photo", operation_id="getPhoto")
async def photo(photo_id: str, service: TheService) -> PhotoModel:
    """All but its vector."""
    return photo_model(await known_photo(service, photo_id))


@router.delete(
    "/{photo_id:path}", status_code=204, summary="Forget a photo", operation_id="deletePhoto"
)
async def delete(photo_id: str, shared: SharedParts) -> None:
    """Later indexing runs leave it out. The file of a photo that was handed in goes as well."""
    known = await known_photo(shared.service, photo_id)
    if not await shared.handing_in.delete(photo_id, known.photo.uri, known.content_hash):
        raise _unknown(photo_id)


@router.post(
    "",
    status_code=201,
    summary="Hand in a photo; it can be found at once",
    operation_id="addPhoto",
    dependencies=[Depends(no_other_fields(*FIELDS))],
)
async def upload(
    shared: SharedParts,
    file: UploadFile,
    caption: Text = "",
    tags: Text = "",
    tag: Annotated[tuple[str, ...], Form(max_length=1_000)] = (),
    photographer: Text = "",
    licence: Text = "",
    source_url: Text = "",
) -> PhotoModel:
    """Tags are separated by commas in `tags`, and a `tag` is one as it stands. 409, with its id,
    for a photo that is in the index already.
    """
    uploads = shared.handing_in.uploads
    if uploads is None:
        raise HTTPException(403, "Photos cannot be handed in here: PHOTOSEEK_UPLOADS is off.")
    data = await file.read()
    content = content_hash(data)
    same = Condition("content_hash", "=", content)
    found = await shared.service.search((), top_k=1, where=[same])
    for hit in found.hits:
        raise DuplicatePhotoError("This photo is in the index already.", hit.stored.photo.id)
    description = Photo(
        id="",
        uri="",
        caption=caption,
        tags=tuple(each.strip() for each in (*tag, *tags.split(",")) if each.strip()),
        photographer=photographer,
        licence=licence,
        source_url=source_url,
    )
    saved = await shared.handing_in.add(content, partial(uploads.save, data, description))
    return photo_model(await known_photo(shared.service, saved.id))


async def known_photo(service: Service, photo_id: str, opened: Opened | None = None) -> StoredPhoto:
    """What is known of a photo.

    Raises:
        HTTPException: 404, as there is none.
    """
    for photo in await service.photos([photo_id], opened=opened):
        return photo
    raise _unknown(photo_id)


def _unknown(photo_id: str) -> HTTPException:
    return HTTPException(404, f"No photo in the index has the id {photo_id!r}.")


async def _original(originals: Originals, photo: StoredPhoto, opened: Opened) -> Response:
    """What the index keeps outlives the server of the photo, so it goes before a redirect there."""
    name = own_name(photo.photo.uri)
    by_name, headers = picture_type(name), {"Content-Disposition": disposition(opened, name)}
    problem = None
    if not photo.link:
        try:
            file = await to_thread.run_sync(originals.open_local, photo)
        except PhotoError as error:
            problem = error
        else:
            if file is not None:
                return LocalOriginal(file, by_name=by_name, headers=headers)
    try:
        data = await originals.kept(photo)
    except (StoreError, ServiceError):
        if not photo.link:
            raise
        data = None
    if data is not None:
        headers["ETag"] = f'"{photo.content_hash}"'
        return BytesInParts(data, media_type=content_type(data[:START], by_name), headers=headers)
    if photo.link:
        return RedirectResponse(photo.link, headers=NEVER_KEPT)
    raise not_here(photo, problem)
