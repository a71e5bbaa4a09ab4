"""What an indexing run asks for: many photos at once, and the state of the index."""

from base64 import b64encode
from dataclasses import asdict
from math import ceil

from fastapi import APIRouter, Response

from photoseek.gateway import heavy
from photoseek.gateway.dependencies import TheService
from photoseek.gateway.json_reading import LargeBodyRoute
from photoseek.gateway.middleware.rate_limit import spend
from photoseek.gateway.problems import Problem
from photoseek.gateway.routes import batch
from photoseek.gateway.routes.index_models import (
    Batch,
    Deleted,
    Deletion,
    FingerprintsModel,
    FingerprintsWanted,
    IndexModel,
    Known,
    KnownModel,
    ManyIds,
    OutcomeModel,
    Outcomes,
)
from photoseek.gateway.work import MAX_PHOTOS, Asked, TooMuchError, check_number, units_to_index
from photoseek.helpers.fingerprints import FingerprintPage
from photoseek.records import KnownPhoto, Outcome

KNOWN_BYTES = 150
"""About how many bytes of JSON it takes to say what is known of one photo."""

BYTES_PER_UNIT = 160_000
"""Of fingerprints, 16 for each, that take as long as a plain search."""

router = APIRouter(prefix="/api/index", tags=["index"], route_class=LargeBodyRoute)
bodiless = APIRouter(prefix="/api/index", tags=["index"])


@router.post("/photos", summary="Index a batch of photos in one commit", operation_id="indexPhotos")
async def index(body: Batch, service: TheService) -> Outcomes:
    """Photos whose bytes the index has already keep their vectors. One that cannot be used is
    skipped with the reason, and leaves the others alone.
    """
    number = len(body.photos)
    try:
        check_number("/api/index/photos", number, MAX_PHOTOS, "photos", f"{number}")
    except TooMuchError as error:
        raise Problem(413, str(error)) from error
    await spend(units_to_index(number))
    entries = await heavy.in_thread(batch.ABOUT * number, batch.read_photos, body.photos)
    good = [entry for entry in entries if not entry.error]
    outcomes = iter(
        await service.index_batch(
            [entry.photo for entry in good],
            [entry.known_hash for entry in good],
            [entry.keep for entry in good],
        )
    )
    return Outcomes(
        outcomes=[_outcome(entry, None if entry.error else next(outcomes)) for entry in entries]
    )


@router.post(
    "/known",
    response_model=Known,
    summary="What the index knows of photos",
    operation_id="knownPhotos",
)
async def known(body: ManyIds, service: TheService) -> Response:
    """Enough to tell which of them have to be indexed. Those that it does not know are left out."""
    await spend(Asked(ids=len(body.ids)).units)
    found = await service.known(body.ids)
    return await heavy.answer(KNOWN_BYTES * len(found), lambda: _known(found))


@router.post(
    "/fingerprints",
    response_model=FingerprintsModel,
    summary="Fingerprints of all photos, in pages",
    operation_id="getFingerprints",
)
async def fingerprints(body: FingerprintsWanted, service: TheService) -> Response:
    """By these it is told at once which photos of many are unchanged."""
    page = await service.fingerprints(body.most, body.keep, body.after)
    await spend(ceil(len(page.data) / BYTES_PER_UNIT) if page else 1)
    size = len(page.data) if page else 0
    return await heavy.answer(size, lambda: _fingerprints(page))


@router.post("/delete", summary="Forget many photos", operation_id="deletePhotos")
async def delete(body: Deletion, service: TheService) -> Deleted:
    """The files of photos that were handed in stay where they are."""
    await spend(Asked(ids=len(body.ids)).units)
    return Deleted(deleted=await service.delete(body.ids, vanished=body.vanished))


@bodiless.post(
    "/maintain", status_code=204, summary="Compact the index", operation_id="maintainIndex"
)
async def maintain(service: TheService) -> None:
    """After many changes this makes searches faster."""
    await service.maintain()


@bodiless.get("", summary="The model and the index", operation_id="getIndex")
async def status(service: TheService) -> IndexModel:
    """It answers also where the index is gone, and says so."""
    found = await service.status()
    return IndexModel(**{name: getattr(found, name) for name in IndexModel.model_fields})


def _outcome(entry: batch.Entry, outcome: Outcome | None) -> OutcomeModel:
    outcome = outcome or Outcome(entry.photo.uri, "skipped", entry.error)
    return OutcomeModel(id=entry.photo.id, **asdict(outcome))


def _fingerprints(page: FingerprintPage | None) -> FingerprintsModel:
    if page is None:
        return FingerprintsModel(fingerprints=None, next_after="")
    text = b64encode(page.data).decode()
    return FingerprintsModel(fingerprints=text, next_after=page.next_after)


def _known(found: dict[str, KnownPhoto]) -> Known:
    return Known(photos={photo_id: KnownModel(**asdict(each)) for photo_id, each in found.items()})
