"""All routes under /api, in the order in which paths are matched."""

from typing import Any

from fastapi import APIRouter

from photoseek.fetch import PhotoReader
from photoseek.flow.calls import FlowCalls
from photoseek.gateway.routes.photo import photos_router
from photoseek.gateway.routes.searches import Observe, search_router
from photoseek.gateway.routes.service import library_router
from photoseek.gateway.routes.zip_download import archive_router
from photoseek.indexing.uploads import Uploads
from photoseek.photos import ImageLimits
from photoseek.settings import Settings


def api_router(streamer: Any, settings: Settings, observe: Observe) -> APIRouter:
    """The API over a Flow. Raises StorageError where PHOTOSEEK_UPLOADS is no usable place."""
    flow = FlowCalls(streamer, settings)
    limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
    uploads = Uploads(settings.uploads, limits, settings.index) if settings.takes_uploads else None
    reader = PhotoReader(
        max_megabytes=settings.max_megabytes,
        allow_private_addresses=settings.allow_private_addresses,
        roots=settings.readable_roots,
        timeout_seconds=settings.fetch_seconds,
    )
    router = APIRouter()
    # Ids may hold slashes, so that /api/photos/{id} matches everything that stands behind it.
    for routes in (
        search_router(flow, observe),
        archive_router(flow, reader, settings),
        photos_router(flow, reader, uploads, settings),
        library_router(flow, settings),
    ):
        router.include_router(routes)
    return router
