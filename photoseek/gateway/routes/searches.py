"""Searching: by what a URL says, by JSON, by an uploaded picture, and by a photo of the index."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Annotated, cast

from docarray import DocList
from fastapi import APIRouter, Query, Response, UploadFile

from photoseek.errors import QueryError
from photoseek.flow.calls import INDEXER, FlowCalls, wire
from photoseek.flow.documents import PartDoc, PhotosDoc, QueryDoc, ResultDoc, WantedDoc
from photoseek.flow.json_bytes import JsonBytes
from photoseek.gateway import heavy
from photoseek.gateway.metrics import Stage
from photoseek.gateway.routes.answers import hit_models, listed, understood
from photoseek.gateway.routes.models import (
    Filters,
    ListParameters,
    Ranked,
    SearchAnswer,
    SearchBody,
    SearchParameters,
    Timing,
    Understood,
)
from photoseek.gateway.routes.where import where_of
from photoseek.records import Confidence
from photoseek.search.grammar import parse_query

Observe = Callable[[Stage, float], None]
"""Notes how many seconds a stage of a search took."""


def search_router(flow: FlowCalls, observe: Observe) -> APIRouter:
    """The routes that find photos."""
    router = APIRouter(tags=["search"])
    searches = _Searches(flow, observe)

    @router.get(
        "/api/search",
        response_model=SearchAnswer,
        summary="Search by a text, or by several weighted parts",
    )
    async def search(asked: Annotated[SearchParameters, Query()]) -> SearchAnswer | Response:
        return await searches.answer(_parts(asked.q), asked, asked)

    @router.post(
        "/api/search",
        response_model=SearchAnswer,
        summary="Search by weighted texts, pictures and photos",
    )
    async def search_in_json(asked: SearchBody) -> SearchAnswer | Response:
        if isinstance(asked.query, str):
            return await searches.answer(_parts(asked.query), asked.filter, asked)
        parts = [
            wire(
                PartDoc,
                text=part.text,
                image=part.image,
                like=part.id,
                vector=part.vector,
                weight=part.weight,
            )
            for part in asked.query
        ]
        return await searches.answer(parts, asked.filter, asked)

    @router.post(
        "/api/search/image",
        response_model=SearchAnswer,
        summary="Search by a picture that is sent along",
    )
    async def search_by_picture(
        file: UploadFile, asked: Annotated[SearchParameters, Query()]
    ) -> SearchAnswer | Response:
        picture = wire(PartDoc, image=JsonBytes(await file.read()))
        return await searches.answer([picture, *_parts(asked.q)], asked, asked)

    @router.get(
        "/api/photos/{photo_id:path}/similar",
        response_model=SearchAnswer,
        summary="Photos like one of the index",
    )
    async def similar(
        photo_id: str, asked: Annotated[ListParameters, Query()]
    ) -> SearchAnswer | Response:
        ranked = Ranked(limit=asked.limit, offset=asked.offset, mode="meaning", dedupe=False)
        return await searches.answer([wire(PartDoc, like=photo_id)], asked, ranked)

    return router


def _parts(text: str) -> list[PartDoc]:
    parts = parse_query(text)
    if any(part.kind == "image" for part in parts):
        raise QueryError(
            "A query in a URL cannot hold the path of a picture. Send the picture to "
            "/api/search/image, or as base64 in JSON to /api/search."
        )
    names = {"text": "text", "id": "like", "vector": "vector"}
    return [wire(PartDoc, **{names[part.kind]: part.value}, weight=part.weight) for part in parts]


class _Searches:
    def __init__(self, flow: FlowCalls, observe: Observe) -> None:
        self._flow = flow
        self._observe = observe

    async def answer(
        self, parts: Sequence[PartDoc], filters: Filters, ranked: Ranked
    ) -> SearchAnswer | Response:
        start = time.perf_counter()
        where = where_of(filters)
        if not parts:
            return await self._browse(where, ranked, start)
        asked = wire(
            QueryDoc,
            parts=DocList[PartDoc](parts),
            top_k=ranked.limit,
            offset=ranked.offset,
            where=where,
            hybrid=ranked.mode == "hybrid",
            dedupe=ranked.dedupe,
            packed=True,
        )
        found = await self._flow.call("/search", asked, ResultDoc)
        if found.error:
            raise QueryError(found.error)

        def build() -> SearchAnswer:
            hits = hit_models(found)
            return SearchAnswer(
                query=understood(parts, found),
                mode=ranked.mode,
                total=found.total,
                confidence=cast(Confidence | None, found.confidence or None),
                next_offset=ranked.offset + len(hits) if found.more else None,
                hits=hits,
                timing=self._timing(found.encode_seconds, found.search_seconds, start),
            )

        return await heavy.answer(len(found.packed), build)

    async def _browse(
        self, where: list[str], ranked: Ranked, start: float
    ) -> SearchAnswer | Response:
        asked = wire(WantedDoc, where=where, top_k=ranked.limit, offset=ranked.offset)
        found = await self._flow.call("/photos", asked, PhotosDoc, only=INDEXER)
        if found.error:
            raise QueryError(found.error)

        def build() -> SearchAnswer:
            hits = listed(json.loads(found.photos), ranked.offset)
            end = ranked.offset + len(hits)
            return SearchAnswer(
                query=Understood(text="", parts=[]),
                mode="browse",
                total=found.total,
                confidence=None,
                next_offset=end if hits and end < found.total else None,
                hits=hits,
                timing=self._timing(0, found.seconds, start),
            )

        return await heavy.answer(len(found.photos), build)

    def _timing(self, encode: float, search: float, start: float) -> Timing:
        total = time.perf_counter() - start
        seconds: dict[Stage, float] = {"encode": encode, "search": search, "total": total}
        for stage, took in seconds.items():
            self._observe(stage, took)
        return Timing(**{f"{stage}_ms": round(1000 * took, 2) for stage, took in seconds.items()})
