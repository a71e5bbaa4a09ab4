"""Between the documents of the wire and the records of photoseek."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from docarray import DocList

from photoseek.flow.documents import (
    EncodedPartDoc,
    EncodedQueryDoc,
    HitDoc,
    PartDoc,
    QueryDoc,
    ResultDoc,
    StatusDoc,
    StoredDoc,
)
from photoseek.flow.json_bytes import JsonBytes
from photoseek.flow.photo_documents import (
    DESCRIPTION,
    ContentDoc,
    EncodedDoc,
    PhotoDoc,
    TraitsDoc,
    described,
)
from photoseek.indexing.results import UnchangedPhoto
from photoseek.records import (
    EncodedPhoto,
    Found,
    Hit,
    ModelIdentity,
    Photo,
    PictureText,
    Skip,
    StoredPhoto,
    Traits,
)
from photoseek.search.answer import Search
from photoseek.search.grammar import QueryPart
from photoseek.search.query_encoder import EncodedPart, EncodedQuery
from photoseek.store import filters_of, record_json
from photoseek.store.record_json import stored_json, traits_json
from photoseek.store.sorting import sort_of
from photoseek.store.text_json import text_json, text_of


def encoded_doc(
    doc: PhotoDoc, outcome: EncodedPhoto | UnchangedPhoto | Skip, model: ModelIdentity
) -> EncodedDoc:
    """The document that goes on to the indexer."""
    names = (*DESCRIPTION, "tags", "metadata", "known_hash", "keep")
    fields: dict[str, Any] = {name: getattr(doc, name) for name in names} | _model_fields(model)
    if isinstance(outcome, Skip):
        # Set afterwards: a document with an error is cleared of all else as it is read.
        encoded = EncodedDoc(**fields)
        encoded.error = outcome.reason
        return encoded
    fields["content_hash"] = outcome.content_hash
    if isinstance(outcome, EncodedPhoto):
        fields |= _content_fields(outcome) | {"original": JsonBytes(outcome.original)}
    elif outcome.told is not None:
        fields |= {"told": True} | _traits_fields(outcome.told)
    return EncodedDoc(**fields)


def usable(docs: Sequence[PhotoDoc]) -> list[PhotoDoc]:
    """The documents without an error of their own."""
    return [doc for doc in docs if not doc.error]


def encoded_photo(doc: EncodedDoc) -> EncodedPhoto:
    """What the store takes, out of a document that has a vector."""
    content = content_of(doc, described(doc))
    return replace(content, keep=doc.keep, original=bytes(doc.original or b""))


def content_doc(stored: EncodedPhoto) -> ContentDoc:
    """What an encoder is told that has a photo with the same bytes."""
    return ContentDoc(**_content_fields(stored))


def content_of(doc: ContentDoc, photo: Photo) -> EncodedPhoto:
    """That photo with what was made of its bytes, out of a document that has a vector."""
    assert doc.embedding is not None
    assert doc.thumbnail is not None
    return EncodedPhoto(
        photo=photo,
        content_hash=doc.content_hash,
        width=doc.width,
        height=doc.height,
        vector=doc.embedding,
        thumbnail=bytes(doc.thumbnail),
        traits=traits_of(doc),
        text=text_of(json.loads(doc.text or "null")),
    )


def unchanged_photo(doc: EncodedDoc) -> UnchangedPhoto:
    """What the store is told of a photo that it has a vector of."""
    told = traits_of(doc) if doc.told else None
    return UnchangedPhoto(described(doc), doc.content_hash, told)


def stored_fields(stored: StoredPhoto) -> dict[str, Any]:
    """What the documents of a stored photo say."""
    fields = stored_json(stored)
    del fields["version"]
    return fields


def result_doc(asked: EncodedQueryDoc, found: Found, texts: str = "") -> ResultDoc:
    """The answer to a search for the wire; `texts` as in `ResultDoc`."""
    hits = [
        {
            **stored_fields(hit.stored),
            "rank": hit.rank,
            "score": hit.score,
            "lines_found": hit.lines_found,
            "duplicates": list(map(stored_fields, hit.duplicates)),
        }
        for hit in found.hits
    ]
    return ResultDoc(
        id=asked.id,
        hits=DocList[HitDoc]([] if asked.packed else map(_hit_doc, found.hits)),
        packed=json.dumps(hits) if asked.packed else "",
        total=found.total,
        more=found.next_offset is not None,
        confidence=found.confidence or "",
        vectors=asked.vectors,
        encode_seconds=asked.seconds,
        search_seconds=found.search_seconds,
        can_sort=asked.can_sort,
        texts=texts,
        version=found.version,
    )


def query_parts(doc: QueryDoc) -> list[QueryPart]:
    """The parts of a query; its short form stands for one part.

    Raises:
        QueryError: a part is not exactly one thing.
    """
    short = PartDoc(text=doc.text, image=doc.image, like=doc.like)
    is_short = any(given is not None for given in (doc.text, doc.image, doc.like))
    return [
        QueryPart.of(
            text=part.text,
            image=None if part.image is None else bytes(part.image),
            id=part.like,
            vector=part.vector,
            weight=part.weight,
        )
        for part in ([short] if is_short else []) + list(doc.parts)
    ]


def encoded_query_doc(doc: QueryDoc, query: EncodedQuery) -> EncodedQueryDoc:
    """The document that goes on to the indexer."""
    names = ("id", "top_k", "offset", "where", "hybrid", "dedupe", "sort", "packed")
    encoded = EncodedQueryDoc(**{name: getattr(doc, name) for name in names}, can_sort=True)
    encoded.words, encoded.vectors = query.words, list(query.tokens)
    encoded.parts = DocList[EncodedPartDoc](
        EncodedPartDoc(
            like=part.value if isinstance(part.value, str) else "",
            embedding=None if isinstance(part.value, str) else part.value,
            shown=part.is_picture,
            weight=part.weight,
        )
        for part in query.parts
    )
    if not doc.only_vectors:
        encoded.meaningless = query.meaningless
    if query.model is not None:
        put_model(encoded, query.model)
        encoded.tokenizer = query.model.tokenizer
    return encoded


def search_of(doc: EncodedQueryDoc) -> Search:
    """What is asked of the index.

    Raises:
        QueryError: a filter makes no sense.
    """
    parts = tuple(
        EncodedPart(
            part.like if part.embedding is None else part.embedding, part.weight, part.shown
        )
        for part in doc.parts
    )
    query = EncodedQuery(parts, doc.words, model_of(doc), doc.meaningless)
    where = filters_of(doc.where)
    sort = sort_of(doc.sort)
    return Search(query, doc.top_k, doc.offset, where, doc.hybrid, doc.dedupe, sort)


def _hit_doc(hit: Hit) -> HitDoc:
    duplicates = DocList[StoredDoc](StoredDoc(**_shown_fields(copy)) for copy in hit.duplicates)
    fields = _shown_fields(hit.stored) | {"lines_found": list(hit.lines_found)}
    return HitDoc(**fields, rank=hit.rank, score=hit.score, duplicates=duplicates)


def _shown_fields(stored: StoredPhoto) -> dict[str, Any]:
    """What a program is told that knows documents alone: what is known of it, whoever says so."""
    fields = stored_fields(replace(stored, photo=stored.described))
    fields.pop("sidecar", None)
    return fields | {"written": json.dumps(fields["written"]), "text": _text(stored.text)}


def _content_fields(encoded: EncodedPhoto) -> dict[str, Any]:
    """What a `ContentDoc` says; all at once, as each one that is set later checks all of them."""
    return {
        "content_hash": encoded.content_hash,
        "width": encoded.width,
        "height": encoded.height,
        "embedding": encoded.vector,
        "thumbnail": JsonBytes(encoded.thumbnail),
        "text": _text(encoded.text),
    } | _traits_fields(encoded.traits)


def _traits_fields(traits: Traits) -> dict[str, Any]:
    fields = traits_json(traits)
    return fields | {"written": json.dumps(fields["written"])}


def _text(text: PictureText | None) -> str:
    return json.dumps(text_json(text)) if text else ""


def traits_of(doc: TraitsDoc) -> Traits:
    """What a document says of a photo's file."""
    fields = dict(doc)
    return record_json.traits_of(fields | {"written": json.loads(fields["written"] or "{}")})


def model_of(doc: EncodedDoc | EncodedQueryDoc | StatusDoc) -> ModelIdentity | None:
    """Which model the encoder used, if it used one."""
    if not doc.model:
        return None
    tokenizer = doc.tokenizer if isinstance(doc, EncodedQueryDoc) else ""
    return ModelIdentity(doc.model, doc.fingerprint, doc.dimensions, tokenizer)


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
