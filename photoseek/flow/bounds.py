"""How much one request to the Flow's own endpoints may ask for, and how much work it is."""

from collections.abc import Sequence
from typing import Any

from docarray import BaseDoc

from photoseek.description_limits import MAX_TOP_K
from photoseek.flow.documents import BlobDoc, FilterDoc, QueryDoc, WantedDoc
from photoseek.gateway.route_policy import BLOBS, BLOBS_BEFORE
from photoseek.gateway.work import (
    MAX_HITS,
    MAX_PHOTOS,
    OFFSET_PER_HIT,
    Asked,
    check_number,
    check_sums,
    hits_asked,
    units_to_index,
)

MAX_BLOBS = 100

MAX_DOCS = {
    "/index": (MAX_PHOTOS, "photos"),
    "/search": (256, "queries, or parts of queries,"),
    "/facets": (10, "sets of photos"),
    BLOBS: (MAX_BLOBS, "thumbnails, or one original,"),
    BLOBS_BEFORE: (MAX_BLOBS, "thumbnails, or one original,"),
}
ELSEWHERE = (100, "documents")

DEFAULT_TOP_K = 10


def check(endpoint: str, asked: Sequence[Asked]) -> None:
    """Raise TooMuchError where a request asks for too much."""
    most, what = MAX_DOCS.get(endpoint, ELSEWHERE)
    number = sum(each.weight for each in asked)
    check_number(endpoint, number, most, what, f"{len(asked)} documents")
    check_sums(asked)


def units(endpoint: str, asked: Sequence[Asked]) -> int:
    """How much the request takes of its client's allowance: a plain search takes 1."""
    if endpoint == "/index":
        return units_to_index(len(asked))
    return max(1, sum(each.units for each in asked))


def asked_of(doc: BaseDoc) -> Asked:
    """What a document asks for that was read already."""
    if isinstance(doc, QueryDoc):
        hits = hits_asked(doc.top_k, doc.offset)
        return Asked(max(len(doc.parts), 1), hits, filters=sum(map(len, doc.where)))
    if isinstance(doc, WantedDoc):
        hits = len(doc.ids) or hits_asked(doc.top_k, doc.offset)
        return Asked(hits=hits, filters=sum(map(len, doc.where)))
    if isinstance(doc, FilterDoc):
        return Asked(filters=sum(map(len, doc.where)))
    if isinstance(doc, BlobDoc):
        return _blob(doc.what)
    return Asked(ids=len(getattr(doc, "ids", ())))


def asked_of_message(endpoint: str, doc: Any) -> Asked:
    """What a `docarray.DocProto` asks for, which nobody has checked yet.

    Where a number is none, the most is taken; the executor will refuse it anyway.
    """
    hits = hits_asked(_number(doc, "top_k", DEFAULT_TOP_K), _number(doc, "offset", 0))
    ids, filters = _length(doc, "ids"), _characters(doc, "where")
    if endpoint == "/search":
        return Asked(max(_length(doc, "parts"), 1), hits, filters=filters)
    if endpoint == "/photos":
        return Asked(hits=ids or hits, filters=filters)
    if endpoint == "/facets":
        return Asked(filters=filters)
    if endpoint in (BLOBS, BLOBS_BEFORE):
        return _blob(doc.data["what"].text if "what" in doc.data else "")
    return Asked(ids=ids)


def _blob(what: str) -> Asked:
    return Asked(weight=MAX_BLOBS if what == "original" else 1)


def _number(doc: Any, name: str, default: int) -> int:
    if name not in doc.data:
        return default
    node = doc.data[name]
    kind = node.WhichOneof("content")
    value = getattr(node, kind) if kind in ("integer", "float") else MAX_TOP_K
    return int(value) if 0 <= value <= OFFSET_PER_HIT * MAX_HITS else MAX_TOP_K


def _length(doc: Any, name: str) -> int:
    return sum(map(len, _lists(doc, name)))


def _characters(doc: Any, name: str) -> int:
    return sum(len(node.text) for nodes in _lists(doc, name)[:-1] for node in nodes)


def _lists(doc: Any, name: str) -> tuple[Any, ...]:
    """What stands in a list, whatever kind of list it is; documents last."""
    if name not in doc.data:
        return ((),)
    node = doc.data[name]
    return node.list.data, node.set.data, node.tuple.data, node.doc_array.docs
