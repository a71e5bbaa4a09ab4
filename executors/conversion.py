"""Between the documents of the wire and the records of photoseek."""

from executors.documents import (
    EncodedDoc,
    EncodedQueryDoc,
    HitDoc,
    PhotoDoc,
    StatusDoc,
    TraitsDoc,
)
from executors.json_bytes import JsonBytes
from photoseek.encoding import UnchangedPhoto
from photoseek.records import EncodedPhoto, Hit, ModelIdentity, Photo, Skip, Traits

DESCRIPTION = (
    "id",
    "uri",
    "version",
    "caption",
    "photographer",
    "licence",
    "source_url",
    "metadata",
)


def photo_of(doc: PhotoDoc) -> Photo:
    """The photo that a document describes."""
    fields = {name: getattr(doc, name) for name in DESCRIPTION}
    return Photo(**fields, tags=tuple(doc.tags))


def encoded_doc(
    doc: PhotoDoc, outcome: EncodedPhoto | UnchangedPhoto | Skip, model: ModelIdentity
) -> EncodedDoc:
    """The document that goes on to the indexer."""
    fields = {name: getattr(doc, name) for name in (*DESCRIPTION, "tags", "known_hash", "keep")}
    encoded = EncodedDoc(**fields, **_model_fields(model))
    if isinstance(outcome, Skip):
        encoded.error = outcome.reason
        return encoded
    encoded.content_hash = outcome.content_hash
    if isinstance(outcome, EncodedPhoto):
        encoded.width, encoded.height = outcome.width, outcome.height
        encoded.embedding = outcome.vector
        encoded.thumbnail = JsonBytes(outcome.thumbnail)
        encoded.original = JsonBytes(outcome.original)
        for name, value in _traits_fields(outcome.traits).items():
            setattr(encoded, name, value)
    return encoded


def encoded_photo(doc: EncodedDoc) -> EncodedPhoto:
    """What the store takes, out of a document that has a vector."""
    assert doc.embedding is not None
    assert doc.thumbnail is not None
    return EncodedPhoto(
        photo=photo_of(doc),
        content_hash=doc.content_hash,
        width=doc.width,
        height=doc.height,
        vector=doc.embedding,
        thumbnail=bytes(doc.thumbnail),
        keep=doc.keep,
        original=bytes(doc.original or b""),
        traits=traits_of(doc),
    )


def hit_doc(hit: Hit, link: str) -> HitDoc:
    """One hit for the wire, with a link that a browser can open, or ""."""
    photo, stored = hit.stored.photo, hit.stored
    return HitDoc(
        id=photo.id,
        rank=hit.rank,
        score=hit.score,
        uri=photo.uri,
        link=link,
        caption=photo.caption,
        tags=list(photo.tags),
        photographer=photo.photographer,
        licence=photo.licence,
        source_url=photo.source_url,
        metadata=dict(photo.metadata),
        width=stored.width,
        height=stored.height,
        content_hash=stored.content_hash,
        **_traits_fields(stored.traits),
    )


def traits_of(doc: TraitsDoc) -> Traits:
    """What a document says of a photo's file."""
    return Traits(doc.colour, tuple(doc.colours), doc.looks, doc.taken)


def model_of(doc: EncodedDoc | EncodedQueryDoc | StatusDoc) -> ModelIdentity | None:
    """Which model the encoder used, if it used one."""
    if not doc.model:
        return None
    return ModelIdentity(doc.model, doc.fingerprint, doc.dimensions)


def put_model(doc: EncodedQueryDoc | StatusDoc, model: ModelIdentity) -> None:
    """Write down on a document which model the encoder has."""
    for name, value in _model_fields(model).items():
        setattr(doc, name, value)


def _model_fields(model: ModelIdentity) -> dict[str, str | int]:
    return {
        "model": model.name,
        "fingerprint": model.fingerprint,
        "dimensions": model.dimensions,
    }


def _traits_fields(traits: Traits) -> dict[str, str | list[str]]:
    return {
        "colour": traits.colour,
        "colours": list(traits.colours),
        "looks": traits.looks,
        "taken": traits.taken,
    }
