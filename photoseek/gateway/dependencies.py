"""What the routes share, and how they get it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request

from photoseek.gateway.access import Access, Guards
from photoseek.gateway.answers import Answers
from photoseek.gateway.folder_runs import FolderRuns
from photoseek.gateway.handing_in import HandingIn
from photoseek.gateway.health import Readiness
from photoseek.gateway.kept_pictures import KeptPictures
from photoseek.gateway.large_thumbnails import LargeThumbnails
from photoseek.gateway.metrics import Metrics
from photoseek.gateway.middleware.this_machine import ThisMachine
from photoseek.gateway.model_name import ModelName
from photoseek.gateway.originals import Originals
from photoseek.gateway.service import Service
from photoseek.indexing.clicks import Clicks
from photoseek.indexing.uploads import Uploads
from photoseek.photos import ImageLimits
from photoseek.settings import GatewaySettings
from photoseek.sharing import SharedState
from photoseek.store import BlobStore, open_thumbnails


@dataclass(frozen=True, slots=True)
class Shared:
    """What the routes of one application share."""

    service: Service
    answers: Answers
    settings: GatewaySettings
    access: Access
    state: SharedState
    metrics: Metrics
    readiness: Readiness
    handing_in: HandingIn
    originals: Originals
    large_thumbnails: LargeThumbnails
    model_name: ModelName
    thumbnails: BlobStore
    pictures: KeptPictures
    """Thumbnails by the content hashes of their photos."""
    machine: ThisMachine
    folder_runs: FolderRuns
    clicks: Clicks | None
    looking: set[Future[Any]] = field(default_factory=set)
    """Looks at folders of this machine that are under way."""

    @classmethod
    def of(cls, service: Service, settings: GatewaySettings, guards: Guards) -> Shared:
        """All of it.

        Raises:
            StorageError: PHOTOSEEK_UPLOADS is no usable place.
        """
        limits = ImageLimits(settings.max_megabytes, settings.max_megapixels)
        takes, place = settings.takes_uploads, settings.uploads
        metrics = Metrics(guards.state)
        originals = Originals(service, settings)
        return cls(
            service=service,
            answers=Answers(service, guards.state, settings, metrics),
            settings=settings,
            access=guards.access,
            state=guards.state,
            metrics=metrics,
            readiness=Readiness(service.problem),
            handing_in=HandingIn(
                service, Uploads(place, limits, settings.index) if takes else None
            ),
            originals=originals,
            large_thumbnails=LargeThumbnails(originals, limits),
            model_name=ModelName(service.status),
            thumbnails=open_thumbnails(settings.index, settings),
            pictures=KeptPictures(),
            machine=ThisMachine(settings),
            folder_runs=FolderRuns(service, settings),
            clicks=Clicks(settings.index, settings.state) if settings.clicks else None,
        )


# Coroutines: FastAPI runs plain functions in a thread, which takes longer than these do.


async def get_shared(request: Request) -> Shared:
    """What the routes of this application share."""
    shared: Shared = request.app.state.shared
    return shared


SharedParts = Annotated[Shared, Depends(get_shared)]


async def get_service(shared: SharedParts) -> Service:
    """The product behind the routes."""
    return shared.service


TheService = Annotated[Service, Depends(get_service)]
