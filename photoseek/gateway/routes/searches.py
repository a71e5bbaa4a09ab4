"""Searching: by what a URL says, by JSON, by an uploaded picture, and by a photo of the index."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response, UploadFile

from photoseek.errors import QueryError
from photoseek.gateway import answer_bytes, heavy
from photoseek.gateway.choices import Counting, with_facets
from photoseek.gateway.dependencies import Shared, SharedParts
from photoseek.gateway.form_reading import with_fields
from photoseek.gateway.metrics import Metrics, Stage
from photoseek.gateway.middleware.rate_limit import spend
from photoseek.gateway.middleware.turns import in_turn
from photoseek.gateway.problems import Problem
from photoseek.gateway.routes.filter_parameters import where_of
from photoseek.gateway.routes.models import (
    EmbeddingsAnswer,
    SearchAnswer,
    SearchAnswers,
    Timing,
)
from photoseek.gateway.routes.request_models import (
    Counted,
    EmbeddingsBody,
    Ranked,
    SearchBody,
    SearchesBody,
    SearchParameters,
    SearchWithFacets,
    SimilarParameters,
)
from photoseek.gateway.routes.to_models import facets_model, hit_model, size_of, understood
from photoseek.gateway.work import Asked, TooMuchError, check_sums, hits_asked
from photoseek.records import Filter, Found
from photoseek.search.grammar import QueryPart, parse_query
from photoseek.search.hints import filter_hint, meant_by, query_hint
from photoseek.search.inputs import of_search
from photoseek.search.model_hints import may_be_misread, model_hint
from photoseek.store.filters import length_of
from photoseek.store.sorting import sort_of

AT_ONCE = 8
"""Searches of one batch that are answered at the same time: other clients search as well."""

NUMBER_BYTES = 20
"""About what a number of a vector has in JSON."""

router = APIRouter(tags=["search"])


@router.get(
    "/api/search",
    response_model=SearchAnswer,
    summary="Search by a text, or by several weighted parts",
    operation_id="search",
)
async def search(asked: Annotated[SearchParameters, Query()], shared: SharedParts) -> Response:
    """Without `q`, the newest photos, or all of them in the order of `sort`."""
    return await _answer(shared, _Asked(_parts(asked.q), where_of(asked), asked))


@router.post(
    "/api/search",
    response_model=SearchAnswer,
    summary="Search by weighted texts, pictures and photos",
    operation_id="searchByParts",
)
async def search_in_json(asked: SearchWithFacets, shared: SharedParts) -> Response:
    """Pictures are sent as base64. `facets` spares a request for `/api/facets`."""
    return await _answer(shared, _Asked.of(asked).counting(asked.facets))


@router.post(
    "/api/search/image",
    response_model=SearchAnswer,
    summary="Search by a picture that is sent along",
    operation_id="searchByPicture",
)
async def search_by_picture(
    request: Request,
    file: UploadFile,
    asked: Annotated[SearchParameters, Query()],
    shared: SharedParts,
) -> Response:
    """`q` may add further parts to the picture. All parameters may be fields of the form, too."""
    asked = await with_fields(request, asked)
    picture = QueryPart("image", await file.read())
    return await _answer(shared, _Asked([picture, *_parts(asked.q)], where_of(asked), asked))


@router.post(
    "/api/search/batch",
    response_model=SearchAnswers,
    summary="Several searches at once",
    operation_id="searchAll",
)
async def search_all(asked: SearchesBody, shared: SharedParts) -> Response:
    """All of them are answered, or none: an error names the search that it is about."""
    searches = [_read(*each) for each in enumerate(asked.searches)]
    try:
        check_sums([each.work for each in searches])
    except TooMuchError as error:
        raise Problem(413, str(error)) from error
    await spend(sum(each.work.units for each in searches))
    turns = asyncio.Semaphore(AT_ONCE)

    async def answer(place: int, each: _Asked) -> Callable[[], SearchAnswer]:
        async with turns:
            try:
                size, build = await _found(shared, each)
            except QueryError as error:
                raise of_search(place, error) from error
            sizes.append(size)
            return build

    sizes: list[int] = []
    built = await asyncio.gather(*(answer(*each) for each in enumerate(searches)))
    return await heavy.answer(
        sum(sizes), lambda: SearchAnswers(answers=[build() for build in built])
    )


@router.post(
    "/api/embeddings",
    response_model=EmbeddingsAnswer,
    summary="Vectors of texts and pictures",
    operation_id="embed",
)
async def embed(asked: EmbeddingsBody, shared: SharedParts) -> Response:
    """Those that searches are made with, and those of the photos of this index."""
    await spend(Asked(weight=len(asked.inputs)).units)
    parts = [each.read() for each in asked.inputs]
    made = await in_turn(shared.settings.search_seconds, lambda: shared.service.embed(parts))

    def build() -> EmbeddingsAnswer:
        return EmbeddingsAnswer(
            model=made.model.name,
            fingerprint=made.model.fingerprint,
            tokenizer=made.model.tokenizer,
            dimensions=made.model.dimensions,
            embeddings=made.vectors.tolist(),
        )

    return await heavy.answer(NUMBER_BYTES * made.vectors.size, build)


@router.get(
    "/api/photos/{photo_id:path}/similar",
    response_model=SearchAnswer,
    summary="Photos like one of the index",
    operation_id="similarPhotos",
)
async def similar(
    photo_id: str, asked: Annotated[SimilarParameters, Query()], shared: SharedParts
) -> Response:
    """The photo itself is not among them."""
    ranked = Ranked(top_k=asked.top_k, offset=asked.offset, mode="meaning", dedupe=asked.dedupe)
    return await _answer(shared, _Asked([QueryPart("id", photo_id)], where_of(asked), ranked))


def _parts(text: str) -> list[QueryPart]:
    parts = parse_query(text)
    if any(part.kind == "image" for part in parts):
        raise QueryError(
            "A query to a gateway cannot hold the path of a picture. Send the picture to "
            "/api/search/image, or as base64 in JSON to /api/search."
        )
    return parts


@dataclass(frozen=True, slots=True)
class _Asked:
    """One search, read."""

    parts: Sequence[QueryPart]
    where: Sequence[Filter]
    ranked: Ranked
    counts: Counting | None = None

    @classmethod
    def of(cls, body: SearchBody) -> Self:
        query = body.query
        parts = _parts(query) if isinstance(query, str) else [part.read() for part in query]
        return cls(parts, where_of(body.filter), body)

    def counting(self, counted: Counted | None) -> Self:
        """The same, with counts."""
        if not counted:
            return self
        made = Counting.choices if counted == "choices" else Counting
        return replace(self, counts=made(self.where))

    @property
    def work(self) -> Asked:
        return Asked(
            weight=max(len(self.parts), 1),
            hits=hits_asked(self.ranked.top_k, self.ranked.offset),
            filters=length_of(self.where),
        )

    @property
    def units(self) -> int:
        return self.work.units + (self.counts.work.units if self.counts else 0)


def _read(place: int, body: SearchBody) -> _Asked:
    try:
        return _Asked.of(body)
    except QueryError as error:
        raise of_search(place, error) from error


async def _answer(shared: Shared, asked: _Asked) -> Response:
    await spend(asked.units)
    return await heavy.answer(*await _found(shared, asked))


async def _found(shared: Shared, asked: _Asked) -> tuple[int, Callable[[], SearchAnswer]]:
    """What was found: about how many bytes the answer has, and what writes it."""
    start = time.perf_counter()
    parts, where, ranked = asked.parts, asked.where, asked.ranked
    searching = shared.answers.search(
        parts,
        top_k=ranked.top_k,
        offset=ranked.offset,
        where=where,
        hybrid=ranked.mode == "hybrid",
        dedupe=ranked.dedupe,
        sort=sort_of(ranked.sort),
        after=ranked.after,
    )
    facets = None
    if asked.counts:
        found, facets = await with_facets(searching, asked.counts.facets(shared.answers.facets))
    else:
        found = await searching
    hint = query_hint(parts)
    if not hint and may_be_misread(parts):
        hint = model_hint(parts, await shared.model_name.get())
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
            next_after=found.next_after or None,
            hits=[hit_model(hit, is_ranked=bool(parts)) for hit in found.hits],
            timing=_timing(shared.metrics, found, start),
            facets=facets_model(facets) if facets else None,
        )

    return size_of(found.hits) + (answer_bytes.size_of(facets) if facets else 0), build


def _timing(metrics: Metrics, found: Found, start: float) -> Timing:
    seconds: dict[Stage, float] = {
        "encode": found.encode_seconds,
        "search": found.search_seconds,
        "total": time.perf_counter() - start,
    }
    for stage, took in seconds.items():
        metrics.observe(stage, took)
    return Timing(**{f"{stage}_ms": round(1000 * took, 2) for stage, took in seconds.items()})
