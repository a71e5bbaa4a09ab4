"""From the documents of the Flow to the JSON of the API."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from executors.documents import FacetsDoc, HitDoc, PartDoc, PhotosDoc, ResultDoc, StoredDoc
from executors.gateway.routes.models import (
    Count,
    FacetsModel,
    HitModel,
    Links,
    PartModel,
    PhotoModel,
    Understood,
)
from photoseek.attribution import attribution
from photoseek.query import QueryPart, write_query
from photoseek.records import orientation


def photo_model(doc: StoredDoc) -> PhotoModel:
    """A photo with all that people may want to know of it."""
    return PhotoModel(**_fields(doc))


def hit_model(doc: HitDoc) -> HitModel:
    """A photo that was found."""
    duplicates = [photo_model(copy) for copy in doc.duplicates]
    return HitModel(**_fields(doc), rank=doc.rank, score=doc.score, duplicates=duplicates)


def browsed(answer: PhotosDoc, offset: int) -> list[HitModel]:
    """A plain list of photos, which have places but no scores."""
    return [
        HitModel(**_fields(doc), rank=rank, score=None, duplicates=[])
        for rank, doc in enumerate(answer.photos, start=offset + 1)
    ]


def understood(parts: Sequence[PartDoc], answer: ResultDoc) -> Understood:
    """The query, with the embeddings of its pictures in the place of their bytes."""
    models: list[PartModel] = []
    for part, vector in zip(parts, answer.vectors, strict=True):
        vector = vector or part.vector or ""
        if part.text is not None:
            models.append(PartModel(kind="text", text=part.text, weight=part.weight))
        elif part.like is not None:
            models.append(PartModel(kind="id", id=part.like, weight=part.weight))
        else:
            models.append(PartModel(kind="vector", vector=vector, weight=part.weight))
    written = [
        QueryPart(model.kind, model.text or model.id or model.vector or "", model.weight)
        for model in models
    ]
    return Understood(text=write_query(written), parts=models)


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


def _fields(doc: StoredDoc) -> dict[str, Any]:
    path = f"/api/photos/{quote(doc.id, safe='')}"
    links = Links(
        self=path,
        thumbnail=f"{path}/thumbnail?v={doc.content_hash}",
        original=f"{path}/original",
        direct=doc.link,
    )
    return {
        "id": doc.id,
        "caption": doc.caption,
        "tags": doc.tags,
        "photographer": doc.photographer,
        "licence": doc.licence,
        "attribution": attribution(doc.photographer, doc.licence, doc.source_url),
        "source_url": doc.source_url,
        "uri": doc.uri,
        "width": doc.width,
        "height": doc.height,
        "orientation": orientation(doc.width, doc.height),
        "colour": doc.colour,
        "colours": doc.colours,
        "taken": doc.taken,
        "content_hash": doc.content_hash,
        "metadata": doc.metadata,
        "links": links,
    }
