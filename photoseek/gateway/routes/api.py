"""All routes under /api, in the order in which paths are matched."""

from fastapi import APIRouter

from photoseek.gateway.routes import (
    changes,
    folders,
    opinions,
    overview,
    photos,
    searches,
    thumbnails,
    zip_download,
)

router = APIRouter()
# Ids may hold slashes, so that /api/photos/{id} matches everything that stands behind it.
for part in (thumbnails, searches, zip_download, photos, opinions, overview, changes, folders):
    router.include_router(part.router)
router.include_router(changes.bodiless)
