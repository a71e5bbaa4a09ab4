"""From the documents of the Flow to the JSON of the API."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from photoseek.attribution import attribution
from photoseek.flow.documents import FacetsDoc, PartDoc, ResultDoc
from photoseek.gateway.routes.models import (
    Count,
    FacetsModel,
    HitModel,
    Links,
    PhotoModel,
    Understood,
)
from photoseek.records import orientation
from photoseek.search.grammar import QueryPart, write_query

_AS_STORED = (
    *("id", "caption", "tags", "photographer", "licence", "source_url", "uri", "width", "height"),
    *("colour", "colours", "taken", "content_hash", "metadata"),
)

Stored = Mapping[str, Any]
"""What the index tells of a photo: the fields of `StoredDoc`."""


def photo_model(stored: Stored) -> PhotoModel:
    """A photo with all that people may want to know of it."""
    return PhotoModel(**_fields(stored))


def hit_models(answer: ResultDoc) -> list[HitModel]:
    """The photos that were found."""
    return [hit_model(hit) for hit in json.loads(answer.packed or "[]")]


def hit_model(hit: Stored) -> HitModel:
    """One photo that was found."""
    duplicates = [photo_model(copy) for copy in hit["duplicates"]]
    return HitModel(**_fields(hit), rank=hit["rank"], score=hit["score"], duplicates=duplicates)


def listed(photos: Sequence[Stored], offset: int) -> list[HitModel]:
    """A plain list of photos, which have places but no scores."""
    return [
        HitModel(**_fields(stored), rank=rank, score=None, duplicates=[])
        for rank, stored in enumerate(photos, start=offset + 1)
    ]


def understood(parts: Sequence[PartDoc], answer: ResultDoc) -> Understood:
    """The query, with the embeddings of its pictures in the place of their bytes."""
    read: list[QueryPart] = []
    for part, vector in zip(parts, answer.vectors, strict=True):
        if part.text is not None:
            read.append(QueryPart("text", part.text, part.weight))
        elif part.like is not None:
            read.append(QueryPart("id", part.like, part.weight))
        else:
            read.append(QueryPart("vector", vector or part.vector or "", part.weight))
    models = [{"kind": part.kind, part.kind: part.value, "weight": part.weight} for part in read]
    return Understood.model_validate({"text": write_query(read), "parts": models})


def facets_model(answer: FacetsDoc) -> FacetsModel:
    """Counts by value."""
    counts = {
        facet.name: [
            Count(value=value, count=count)
            for value, count in zip(facet.values, facet.counts, strict=True)
        ]
        for facet in answer.facets
    }
    return FacetsModel(total=answer.total, **counts)


def _fields(stored: Stored) -> dict[str, Any]:
    path = f"/api/photos/{quote(stored['id'], safe='')}"
    links = Links(
        self=path,
        thumbnail=f"{path}/thumbnail?v={stored['content_hash']}",
        original=f"{path}/original",
        direct=stored["link"],
    )
    return {
        **{name: stored[name] for name in _AS_STORED},
        "attribution": attribution(stored["photographer"], stored["licence"], stored["source_url"]),
        "orientation": orientation(stored["width"], stored["height"]),
        "links": links,
    }
