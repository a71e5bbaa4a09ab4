"""Searching: by what a URL says, by JSON, by an uploaded picture, and by a photo of the index."""

import time
from collections.abc import Sequence
from typing import Annotated

from docarray import DocList
from fastapi import APIRouter, Query, UploadFile

from executors.documents import PartDoc, PhotosDoc, QueryDoc, ResultDoc, WantedDoc
from executors.gateway.metrics import observe
from executors.gateway.routes.answers import browsed, hit_model, understood
from executors.gateway.routes.filters import where_of
from executors.gateway.routes.flow import INDEXER, FlowCalls
from executors.gateway.routes.models import (
    Filters,
    ListParameters,
    Ranked,
    SearchAnswer,
    SearchBody,
    SearchParameters,
    Timing,
    Understood,
)
from executors.json_bytes import JsonBytes
from photoseek.errors import QueryError
from photoseek.query import parse_query


def search_router(flow: FlowCalls) -> APIRouter:
    """The routes that find photos."""
    router = APIRouter(tags=["search"])

    @router.get("/api/search", summary="Search by a text, or by several weighted parts")
    async def search(asked: Annotated[SearchParameters, Query()]) -> SearchAnswer:
        return await _search(flow, _parts(asked.q), asked, asked)

    @router.post("/api/search", summary="Search by weighted texts, pictures and photos")
    async def search_in_json(asked: SearchBody) -> SearchAnswer:
        if isinstance(asked.query, str):
            return await _search(flow, _parts(asked.query), asked.filter, asked)
        parts = [
            PartDoc(
                text=part.text,
                image=part.image,
                like=part.id,
                vector=part.vector,
                weight=part.weight,
            )
            for part in asked.query
        ]
        return await _search(flow, parts, asked.filter, asked)

    @router.post("/api/search/image", summary="Search by a picture that is sent along")
    async def search_by_picture(
        file: UploadFile, asked: Annotated[SearchParameters, Query()]
    ) -> SearchAnswer:
        picture = PartDoc(image=JsonBytes(await file.read()))
        return await _search(flow, [picture, *_parts(asked.q)], asked, asked)

    @router.get("/api/photos/{photo_id:path}/similar", summary="Photos like one of the index")
    async def similar(photo_id: str, asked: Annotated[ListParameters, Query()]) -> SearchAnswer:
        ranked = Ranked(limit=asked.limit, offset=asked.offset)
        return await _search(flow, [PartDoc(like=photo_id)], asked, ranked)

    return router


def _parts(text: str) -> list[PartDoc]:
    parts = parse_query(text)
    if any(part.kind == "image" for part in parts):
        raise QueryError(
            "A query in a URL cannot hold the path of a picture. Send the picture to "
            "/api/search/image, or as base64 in JSON to /api/search."
        )
    names = {"text": "text", "id": "like", "vector": "vector"}
    return [PartDoc(**{names[part.kind]: part.value}, weight=part.weight) for part in parts]


async def _search(
    flow: FlowCalls, parts: Sequence[PartDoc], filters: Filters, ranked: Ranked
) -> SearchAnswer:
    start = time.perf_counter()
    where = where_of(filters)
    if not parts:
        return await _browse(flow, where, ranked, start)
    asked = QueryDoc(
        parts=DocList[PartDoc](parts),
        top_k=ranked.limit,
        offset=ranked.offset,
        where=where,
        hybrid=ranked.mode == "hybrid",
        folded=ranked.dedupe,
    )
    answer = await flow.call("/search", asked, ResultDoc)
    if answer.error:
        raise QueryError(answer.error)
    hits = [hit_model(hit) for hit in answer.hits]
    seconds = {
        "encode": answer.encode_seconds,
        "search": answer.search_seconds,
        "total": time.perf_counter() - start,
    }
    for stage, took in seconds.items():
        observe(stage, took)
    return SearchAnswer(
        query=understood(list(parts), answer),
        mode=ranked.mode,
        total=answer.total,
        confidence=answer.confidence or None,
        next_offset=ranked.offset + len(hits) if answer.more else None,
        timing=Timing(**{f"{stage}_ms": _ms(took) for stage, took in seconds.items()}),
        hits=hits,
    )


async def _browse(
    flow: FlowCalls, where: list[str], ranked: Ranked, start: float
) -> SearchAnswer:
    asked = WantedDoc(where=where, top_k=ranked.limit, offset=ranked.offset)
    answer = await flow.call("/photos", asked, PhotosDoc, only=INDEXER)
    if answer.error:
        raise QueryError(answer.error)
    hits = browsed(answer, ranked.offset)
    end = ranked.offset + len(hits)
    took = _ms(time.perf_counter() - start)
    return SearchAnswer(
        query=Understood(text="", parts=[]),
        mode="browse",
        total=answer.total,
        confidence=None,
        next_offset=end if end < answer.total and hits else None,
        timing=Timing(encode_ms=0, search_ms=took, total_ms=took),
        hits=hits,
    )


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 2)
