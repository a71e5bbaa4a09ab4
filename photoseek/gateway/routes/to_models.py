"""From the records of photoseek to the JSON of the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from photoseek.gateway.routes.models import (
    TRAITS,
    Count,
    FacetsModel,
    HitModel,
    Links,
    OwnFacet,
    PhotoModel,
    PhotoPart,
    PicturePart,
    TextPart,
    Understood,
    UnderstoodPart,
    WrittenModel,
)
from photoseek.photos.decoding import THUMBNAIL_SIDE
from photoseek.records import Counts, Facets, Found, Hit, StoredPhoto, Written
from photoseek.search.grammar import QueryPart
from photoseek.sources.stock import service_of
from photoseek.store.fields import FACETS, METADATA, metadata_field
from photoseek.store.record_json import told_since, traits_json, written_json
from photoseek.store.text_json import text_json


def photo_model(stored: StoredPhoto) -> PhotoModel:
    """A photo with all that people may want to know of it."""
    return PhotoModel(**_members(stored))


def hit_model(hit: Hit, *, is_ranked: bool = True) -> HitModel:
    """One photo that was found; in a plain list it has a place and no score."""
    return HitModel(
        **_members(hit.stored),
        rank=hit.rank,
        score=hit.score if is_ranked else None,
        lines_found=list(hit.lines_found),
        duplicates=list(map(photo_model, hit.duplicates)),
    )


def size_of(hits: Sequence[Hit]) -> int:
    """About how many bytes of JSON hits become: many are better made in a thread."""
    return sum(_size(photo) for hit in hits for photo in (hit.stored, *hit.duplicates))


def understood(parts: Sequence[QueryPart], found: Found) -> Understood:
    """The query, with the embeddings of its pictures in the place of their bytes."""
    tokens = found.tokens or ("",) * len(parts)
    models = [_part(part, token) for part, token in zip(parts, tokens, strict=True)]
    return Understood(text=found.query, parts=models)


def facets_model(facets: Facets) -> FacetsModel:
    """Counts by value."""
    counts = {field.facet: _counts(facets.counts.get(field.facet, ())) for field in FACETS}
    own = [
        OwnFacet(field=name, title=metadata_field(name).label, values=_counts(values))
        for name, values in facets.counts.items()
        if name.startswith(METADATA)
    ]
    return FacetsModel(total=facets.total, metadata=own, **counts)


def _counts(counts: Counts) -> list[Count]:
    return [Count(value=value, count=count) for value, count in counts]


def _part(part: QueryPart, token: str) -> UnderstoodPart:
    if part.kind == "text":
        return TextPart(kind="text", text=str(part.value), weight=part.weight)
    if part.kind == "id":
        return PhotoPart(kind="id", id=str(part.value), weight=part.weight)
    return PicturePart(kind="vector", vector=token or str(part.value), weight=part.weight)


def _members(stored: StoredPhoto) -> dict[str, Any]:
    photo, traits = stored.described, traits_json(stored.traits)
    path = f"/api/photos/{quote(photo.id, safe='')}"
    links = Links(
        self=path,
        thumbnail=f"{path}/thumbnail?v={stored.content_hash}",
        thumbnail_large=f"{path}/thumbnail?size=large&v={stored.content_hash}"
        if _has_larger(stored)
        else "",
        original=f"{path}/original",
        direct=stored.link,
    )
    return {
        "id": photo.id,
        "caption": photo.caption,
        "tags": list(photo.tags),
        "photographer": photo.photographer,
        "licence": photo.licence,
        "attribution": stored.attribution,
        "source_url": photo.source_url,
        "folder": photo.folder,
        "uri": photo.uri,
        "width": stored.width,
        "height": stored.height,
        "orientation": stored.orientation,
        **{name: traits[name] for name in TRAITS},
        "written": _written(stored.traits.written),
        "content_hash": stored.content_hash,
        "metadata": dict(photo.metadata),
        "indexed_at": told_since(stored),
        "text": text_json(stored.text),
        "links": links,
    }


def _has_larger(stored: StoredPhoto) -> bool:
    """Whether there may be a larger thumbnail than the small one, by what is known."""
    service = service_of(stored.photo.id)
    is_shown_elsewhere = service is not None and service.shows_its_own
    return not is_shown_elsewhere and max(stored.width, stored.height) > THUMBNAIL_SIDE


def _written(written: Written | None) -> WrittenModel | None:
    return None if written is None else WrittenModel(**asdict(written))


def _size(stored: StoredPhoto) -> int:
    photo, written = stored.described, written_json(stored.traits.written)
    texts = (
        photo.id,
        photo.uri,
        photo.folder,
        photo.source_url,
        photo.caption,
        *photo.tags,
        stored.link,
        *map(str, written.values()),
    )
    pairs = photo.metadata.items()
    texts += tuple(line.text for line in stored.text.lines) if stored.text else ()
    return 600 + sum(map(len, texts)) + sum(len(name) + len(value) for name, value in pairs)
