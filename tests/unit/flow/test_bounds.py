"""How much one request may ask for, as documents and as messages, and what it counts for."""

from __future__ import annotations

from typing import Any

import pytest

from photoseek.flow import compat

compat.apply()

from docarray import BaseDoc, DocList  # noqa: E402

from photoseek.flow import bounds  # noqa: E402
from photoseek.flow.documents import (  # noqa: E402
    BlobDoc,
    FilterDoc,
    IdsDoc,
    PartDoc,
    QueryDoc,
    WantedDoc,
)
from photoseek.flow.photo_documents import PhotoDoc  # noqa: E402
from photoseek.gateway.work import Asked, TooMuchError  # noqa: E402

PHOTO = PhotoDoc(id="a", uri="/a.jpg")
SEARCH = QueryDoc(text="car")
IDS = [f"{number}" for number in range(10_000)]
IN_PARTS = QueryDoc(parts=DocList[PartDoc]([PartDoc(text="car")] * 10))


def both(endpoint: str, docs: list[Any]) -> list[Asked]:
    """What documents ask for, which is the same as what their messages do."""
    asked = [bounds.asked_of(doc) for doc in docs]
    assert asked == [bounds.asked_of_message(endpoint, doc.to_protobuf()) for doc in docs]
    return asked


@pytest.mark.parametrize(
    ("endpoint", "docs", "units"),
    [
        ("/search", [SEARCH], 1),
        ("/search", [QueryDoc(text="car", top_k=1)] * 256, 256),
        ("/search", [QueryDoc(text="car", top_k=1_000)] * 2, 20),
        ("/search", [QueryDoc(text="car", top_k=1_000, offset=100_000)], 20),
        ("/search", [IN_PARTS], 10),
        ("/photos", [WantedDoc(ids=IDS[:1_000])] * 2, 20),
        ("/photos", [WantedDoc(top_k=1_000)], 10),
        ("/index", [PHOTO] * 32, 1),
        ("/index", [PHOTO] * 512, 16),
        ("/known", [IdsDoc(ids=IDS[:1_000])], 1),
        ("/known", [IdsDoc(ids=IDS)], 10),
        ("/delete", [IdsDoc(ids=[])] * 100, 100),
        ("/facets", [FilterDoc()] * 10, 10),
        ("/facets", [FilterDoc(where=["x" * 5_000])], 5),
        ("/search", [QueryDoc(text="car", where=["x" * 5_000] * 2)], 10),
        ("/blobs", [BlobDoc(photo="a")] * 100, 100),
        ("/blobs", [BlobDoc(photo="a", what="original")], 100),
        ("/kept", [BlobDoc(photo="a", what="original")], 100),
        ("/status", [BaseDoc()], 1),
        ("/maintain", [], 1),
    ],
)
def test_what_is_answered_and_what_it_counts_for(endpoint: str, docs: Any, units: int) -> None:
    asked = both(endpoint, docs)
    bounds.check(endpoint, asked)
    assert bounds.units(endpoint, asked) == units


@pytest.mark.parametrize(
    ("endpoint", "docs", "reason"),
    [
        ("/search", [SEARCH] * 257, "/search takes at most 256 queries.*has 257 documents"),
        ("/search", [IN_PARTS] * 26, "at most 256 queries, or parts of queries"),
        ("/search", [QueryDoc(text="car", top_k=1_000)] * 3, "2000 photos.*asks for 3000"),
        ("/search", [QueryDoc(text="car", offset=100_000)] * 3, "asks for 3030"),
        ("/photos", [WantedDoc(ids=IDS[:1_000])] * 3, "asks for 3000"),
        ("/photos", [WantedDoc(top_k=1_000)] * 3, "asks for 3000"),
        ("/index", [PHOTO] * 513, "/index takes at most 512 photos"),
        ("/known", [IdsDoc(ids=IDS), IdsDoc(ids=["a"])], "10000 ids.*has 10001"),
        ("/delete", [IdsDoc(ids=IDS), IdsDoc(ids=["a"])], "10000 ids.*has 10001"),
        ("/facets", [FilterDoc(where=["x" * 50_001] * 4)], "200000 characters.*have 200004"),
        ("/photos", [WantedDoc(where=["x" * 100_001])] * 2, "200000 characters.*have 200002"),
        ("/search", [QueryDoc(text="a", where=["x" * 200_001])], "200000 characters"),
        ("/facets", [FilterDoc()] * 11, "/facets takes at most 10 sets"),
        ("/blobs", [BlobDoc(photo="a", what="original")] * 2, "100 thumbnails, or one original"),
        ("/kept", [BlobDoc(photo="a", what="original")] * 2, "100 thumbnails, or one original"),
        ("/status", [BaseDoc()] * 101, "/status takes at most 100 documents"),
    ],
)
def test_what_is_too_much(endpoint: str, docs: Any, reason: str) -> None:
    with pytest.raises(TooMuchError, match=reason):
        bounds.check(endpoint, both(endpoint, docs))


@pytest.mark.parametrize("node", [{"text": "1000"}, {"float": float("nan")}, {"integer": -1}])
def test_a_number_that_is_none_counts_as_the_most(node: dict[str, Any]) -> None:
    message = SEARCH.to_protobuf()
    message.data["top_k"].Clear()
    for kind, value in node.items():
        setattr(message.data["top_k"], kind, value)
    assert bounds.asked_of_message("/search", message).hits == 1_000
