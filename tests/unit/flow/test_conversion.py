"""What is known of a photo survives the way through the Flow."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import numpy as np

from photoseek.client.from_json import hit_of
from photoseek.flow.conversion import (
    encoded_doc,
    encoded_photo,
    encoded_query_doc,
    search_of,
    stored_fields,
)
from photoseek.flow.documents import EncodedQueryDoc, QueryDoc
from photoseek.flow.from_documents import hits_of
from photoseek.flow.photo_documents import EncodedDoc, PhotoDoc
from photoseek.gateway.routes.to_models import hit_model
from photoseek.records import (
    EncodedPhoto,
    Hit,
    ModelIdentity,
    Photo,
    PictureText,
    StoredPhoto,
    TextLine,
    Traits,
)
from photoseek.search.query_encoder import EncodedPart, EncodedQuery

MODEL = ModelIdentity("test", "0" * 16, 3)
TRAITS = Traits("#cd282d", ("red", "grey"), "00ff00ff00ff00ff", "2024-05-01T12:30:00")
PHOTO = Photo("p", "/photos/p.jpg", "1", "a car", ("car", "red"), "Ada", "MIT", "", {"a": "b"})
ENCODED = EncodedPhoto(
    photo=PHOTO,
    content_hash="0" * 32,
    width=60,
    height=40,
    vector=np.array([0.6, 0.8, 0], np.float32),
    thumbnail=b"\xff\xd8\xff\xd9",
    traits=TRAITS,
)


TEXT = PictureText(
    "reader 1",
    (TextLine("SUMMER SALE 出口", 0.98, ((0.1, 0.2), (0.5, 0.2), (0.5, 0.3), (0.1, 0.3))),),
    is_rough=True,
)


def doc_of(encoded: EncodedPhoto) -> EncodedDoc:
    fields = {"id": PHOTO.id, "uri": PHOTO.uri, "version": "1", "caption": PHOTO.caption}
    more = {"tags": ["car", "red"], "photographer": "Ada", "licence": "MIT", "metadata": {"a": "b"}}
    return encoded_doc(PhotoDoc(**fields, **more), encoded, MODEL)


def test_an_encoded_photo_goes_to_the_indexer_whole() -> None:
    read = replace(ENCODED, text=TEXT), replace(ENCODED, text=PictureText("reader 1"))
    for encoded in (ENCODED, replace(ENCODED, traits=Traits()), *read):
        doc = doc_of(encoded)
        photo = encoded_photo(EncodedDoc.from_protobuf(doc.to_protobuf()))
        np.testing.assert_array_equal(photo.vector, encoded.vector)
        others = [field.name for field in fields(photo) if field.name != "vector"]
        assert [getattr(photo, n) for n in others] == [getattr(encoded, n) for n in others]


def test_a_query_goes_to_the_indexer_with_what_its_confidence_takes() -> None:
    meaningless = np.array([[0.6, 0.8, 0], [0, 0, 1]], np.float32)
    part = EncodedPart(np.array([0, 1, 0], np.float32))
    query = EncodedQuery((part,), "car", MODEL, meaningless)

    def arrived(asked: QueryDoc) -> EncodedQuery:
        sent = encoded_query_doc(asked, query).to_protobuf()
        return search_of(EncodedQueryDoc.from_protobuf(sent)).query

    assert arrived(QueryDoc(text="car")).model == MODEL
    np.testing.assert_array_equal(arrived(QueryDoc(text="car")).meaningless, meaningless)
    assert arrived(QueryDoc(text="car", only_vectors=True)).meaningless is None


def test_a_hit_goes_to_the_client_whole() -> None:
    for traits, text in ((TRAITS, None), (Traits(), TEXT)):
        link = "https://example.com/p"
        stored = StoredPhoto(PHOTO, "0" * 32, 60, 40, traits, link=link, text=text)
        hit = Hit(1, 0.5, stored, lines_found=("SUMMER SALE",) if text else ())
        fields = stored_fields(hit.stored)
        sent = {**fields, "rank": hit.rank, "score": hit.score, "duplicates": [fields]}
        sent["lines_found"] = hit.lines_found
        [told_hit] = hits_of(json.dumps([sent]))
        arrived = hit_of(json.loads(hit_model(told_hit).model_dump_json()))
        # What only the index needs stays there.
        told = replace(stored, photo=replace(PHOTO, version=""), traits=replace(traits, phash=""))
        assert arrived == replace(hit, stored=told, duplicates=(told,))
        assert arrived.link == arrived.duplicates[0].link == link
