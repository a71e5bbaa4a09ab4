"""What all photos of the index are, together."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from photoseek import __version__
from photoseek.errors import MissingStoreError
from photoseek.gateway import heavy
from photoseek.gateway.answer_bytes import size_of
from photoseek.gateway.choices import Counting
from photoseek.gateway.dependencies import SharedParts
from photoseek.gateway.middleware.rate_limit import spend
from photoseek.gateway.routes.filter_parameters import where_of
from photoseek.gateway.routes.models import FacetsModel, Stats
from photoseek.gateway.routes.request_models import FacetsParameters
from photoseek.gateway.routes.to_models import facets_model

router = APIRouter(tags=["index"])


@router.get(
    "/api/facets",
    response_model=FacetsModel,
    summary="How many photos have which tags, licences, colours ...",
    operation_id="getFacets",
)
async def facets(asked: Annotated[FacetsParameters, Query()], shared: SharedParts) -> Response:
    """Counts of the photos that pass the filters, most photos first."""
    where = where_of(asked)
    counting = Counting.choices(where) if asked.counted == "choices" else Counting(where)
    await spend(counting.work.units)
    found = await counting.facets(shared.answers.facets)
    return await heavy.answer(size_of(found), lambda: facets_model(found))


@router.get("/api/stats", summary="How many photos, and with which model", operation_id="getStats")
async def stats(request: Request, shared: SharedParts) -> Stats:
    """An error where the index is gone; `/api/index` answers then, too."""
    status = await shared.service.status()
    if status.problem:
        raise MissingStoreError(status.problem)
    names = (
        "photos",
        "model",
        "dimensions",
        "precision",
        "device",
        "location",
        "ann",
        "reads_text",
    )
    return Stats(
        **{name: getattr(status, name) for name in names},
        version=__version__,
        upload=shared.settings.takes_uploads,
        clicks=shared.clicks is not None,
        folders=not shared.machine.refusal(request),
        key_needed=shared.access.needed,
    )
