"""Searching: by what a URL says, by JSON, by an uploaded picture, and by a photo of the index."""

import time
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response, UploadFile

from photoseek.errors import QueryError
from photoseek.gateway import heavy
from photoseek.gateway.dependencies import Shared, SharedParts
from photoseek.gateway.metrics import Metrics, Stage
from photoseek.gateway.middleware.rate_limit import spend
from photoseek.gateway.routes.filter_models import Filters
from photoseek.gateway.routes.filter_parameters import where_of
from photoseek.gateway.routes.models import SearchAnswer, Timing
from photoseek.gateway.routes.request_models import (
    Ranked,
    SearchBody,
    SearchParameters,
    SimilarParameters,
)
from photoseek.gateway.routes.to_models import hit_model, size_of, understood
from photoseek.gateway.work import Asked, hits_asked
from photoseek.records import Filter, Found
from photoseek.search.grammar import QueryPart, parse_query
from photoseek.search.hints import filter_hint, meant_by, query_hint
from photoseek.store.filters import length_of

router = APIRouter(tags=["search"])


@router.get(
    "/api/search",
    response_model=SearchAnswer,
    summary="Search by a text, or by several weighted parts",
    operation_id="search",
)
async def search(
    asked: Annotated[SearchParameters, Query()], shared: SharedParts
) -> SearchAnswer | Response:
    """Without `q`, the newest photos."""
    return await _answer(shared, _parts(asked.q), asked, asked)


@router.post(
    "/api/search",
    response_model=SearchAnswer,
    summary="Search by weighted texts, pictures and photos",
    operation_id="searchByParts",
)
async def search_in_json(asked: SearchBody, shared: SharedParts) -> SearchAnswer | Response:
    """Pictures are sent as base64."""
    query = asked.query
    parts = _parts(query) if isinstance(query, str) else [part.read() for part in query]
    return await _answer(shared, parts, asked.filter, asked)


@router.post(
    "/api/search/image",
    response_model=SearchAnswer,
    summary="Search by a picture that is sent along",
    operation_id="searchByPicture",
)
async def search_by_picture(
    file: UploadFile, asked: Annotated[SearchParameters, Query()], shared: SharedParts
) -> SearchAnswer | Response:
    """`q` may add further parts to the picture."""
    picture = QueryPart("image", await file.read())
    return await _answer(shared, [picture, *_parts(asked.q)], asked, asked)


@router.get(
    "/api/photos/{photo_id:path}/similar",
    response_model=SearchAnswer,
    summary="Photos like one of the index",
    operation_id="similarPhotos",
)
async def similar(
    photo_id: str, asked: Annotated[SimilarParameters, Query()], shared: SharedParts
) -> SearchAnswer | Response:
    """The photo itself is not among them."""
    ranked = Ranked(limit=asked.limit, offset=asked.offset, mode="meaning", dedupe=asked.dedupe)
    return await _answer(shared, [QueryPart("id", photo_id)], asked, ranked)


def _parts(text: str) -> list[QueryPart]:
    parts = parse_query(text)
    if any(part.kind == "image" for part in parts):
        raise QueryError(
            "A query in a URL cannot hold the path of a picture. Send the picture to "
            "/api/search/image, or as base64 in JSON to /api/search."
        )
    return parts


async def _answer(
    shared: Shared, parts: Sequence[QueryPart], filters: Filters | Filter, ranked: Ranked
) -> SearchAnswer | Response:
    start = time.perf_counter()
    where = where_of(filters)
    await spend(_work(parts, where, ranked).units)
    found = await shared.answers.search(
        parts,
        top_k=ranked.limit,
        offset=ranked.offset,
        where=where,
        hybrid=ranked.mode == "hybrid",
        dedupe=ranked.dedupe,
    )

    hint = query_hint(parts)
    if where and not found.total:
        hint = filter_hint(where, await shared.answers.facets(()))

    def build() -> SearchAnswer:
        return SearchAnswer(
            query=understood(parts, found),
            hint=hint,
            suggestion=meant_by(parts),
            mode=ranked.mode if parts else "browse",
            total=found.total,
            confidence=found.confidence,
            next_offset=found.next_offset,
            hits=[hit_model(hit, is_ranked=bool(parts)) for hit in found.hits],
            timing=_timing(shared.metrics, found, start),
        )

    return await heavy.answer(size_of(found.hits), build)


def _work(parts: Sequence[QueryPart], where: Sequence[Filter], ranked: Ranked) -> Asked:
    return Asked(
        weight=max(len(parts), 1),
        hits=hits_asked(ranked.limit, ranked.offset),
        filters=length_of(where),
    )


def _timing(metrics: Metrics, found: Found, start: float) -> Timing:
    seconds: dict[Stage, float] = {
        "encode": found.encode_seconds,
        "search": found.search_seconds,
        "total": time.perf_counter() - start,
    }
    for stage, took in seconds.items():
        metrics.observe(stage, took)
    return Timing(**{f"{stage}_ms": round(1000 * took, 2) for stage, took in seconds.items()})
