"""What the library is made of."""

from typing import Annotated

from docarray import BaseDoc
from fastapi import APIRouter, Query

from photoseek import __version__
from photoseek.errors import QueryError
from photoseek.flow.calls import INDEXER, FlowCalls, wire
from photoseek.flow.documents import FacetsDoc, FilterDoc, StatusDoc
from photoseek.gateway.access import Access
from photoseek.gateway.problems import Problem
from photoseek.gateway.routes.answers import facets_model
from photoseek.gateway.routes.models import FacetsModel, Filters, Stats
from photoseek.gateway.routes.where import where_of
from photoseek.settings import Settings


def library_router(flow: FlowCalls, settings: Settings) -> APIRouter:
    """The routes that tell about all photos together."""
    router = APIRouter(tags=["library"])

    @router.get("/api/facets", summary="How many photos have which tags, licences, colours ...")
    async def facets(filters: Annotated[Filters, Query()]) -> FacetsModel:
        asked = wire(FilterDoc, where=where_of(filters))
        answer = await flow.call("/facets", asked, FacetsDoc, only=INDEXER)
        if answer.error:
            raise QueryError(answer.error)
        return facets_model(answer)

    @router.get("/api/stats", summary="How many photos, and with which model")
    async def stats() -> Stats:
        status = await flow.call("/status", BaseDoc(), StatusDoc)
        if status.problem:
            raise Problem(503, status.problem)
        shared = ("photos", "model", "dimensions", "precision", "device", "location", "ann")
        return Stats(
            **{name: getattr(status, name) for name in shared},
            version=__version__,
            upload=settings.takes_uploads,
            key_needed=Access.of(settings).needed,
        )

    return router
