"""How much one request to the Flow may ask for, and how much work it is.

Checked before anything is read further: what is asked for in a few kilobytes can be minutes of
work for the indexer, and an answer of many megabytes.
"""

from collections.abc import Sequence
from math import ceil
from typing import Any, NamedTuple

from docarray import BaseDoc

from photoseek.description_limits import MAX_IDS, MAX_TOP_K
from photoseek.flow.documents import FilterDoc, KeptDoc, QueryDoc, WantedDoc

MAX_HITS = 2_000
"""Photos that the answer to one request may describe."""

MAX_DOCS = {
    "/index": (512, "photos"),
    "/search": (256, "queries, or parts of queries,"),
    "/facets": (10, "sets of photos"),
    "/kept": (100, "thumbnails, or one original,"),
}
ELSEWHERE = (100, "documents")

MAX_FILTERS = 200_000
"""Characters that the filters of one request may have; a search in a URL can have 130,000."""

PHOTOS_PER_UNIT = 32
HITS_PER_UNIT = 100
IDS_PER_UNIT = 1_000
FILTERS_PER_UNIT = 1_000
OFFSET_PER_HIT = 100
"""Photos that are passed over cost about a hundredth of those that are described."""

DEFAULT_TOP_K = 10


class TooMuchError(Exception):
    """One request asks for too much; the message says so in words."""


class Asked(NamedTuple):
    """What one document asks for. `weight` is its share of the documents of a request, `filters`
    the characters that its filters have.
    """

    weight: int = 1
    hits: int = 0
    ids: int = 0
    filters: int = 0


def check(endpoint: str, asked: Sequence[Asked]) -> None:
    """Raise TooMuchError where a request asks for too much."""
    most, what = MAX_DOCS.get(endpoint, ELSEWHERE)
    if sum(each.weight for each in asked) > most:
        raise TooMuchError(
            f"{endpoint} takes at most {most} {what} in one request; this one has "
            f"{len(asked)} documents. Send them in several requests."
        )
    if (hits := sum(each.hits for each in asked)) > MAX_HITS:
        raise TooMuchError(
            f"One request may ask for {MAX_HITS} photos, all documents together and with one for "
            f"every {OFFSET_PER_HIT} that `offset` passes over; this one asks for {hits}. "
            "Lower top_k, or send several requests."
        )
    if (ids := sum(each.ids for each in asked)) > MAX_IDS:
        raise TooMuchError(
            f"One request may hold {MAX_IDS} ids, all documents together; this one has {ids}. "
            "Send several requests."
        )
    if (filters := sum(each.filters for each in asked)) > MAX_FILTERS:
        raise TooMuchError(
            f"The filters of one request may have {MAX_FILTERS} characters, all documents "
            f"together; these have {filters}. Send several requests."
        )


def units(endpoint: str, asked: Sequence[Asked]) -> int:
    """How much the request takes of its client's allowance: a plain search takes 1."""
    if endpoint == "/index":
        return max(1, ceil(len(asked) / PHOTOS_PER_UNIT))
    return max(1, sum(map(_units, asked)))


def asked_of(doc: BaseDoc) -> Asked:
    """What a document asks for that was read already."""
    if isinstance(doc, QueryDoc):
        hits = _hits(doc.top_k, doc.offset)
        return Asked(max(len(doc.parts), 1), hits, filters=sum(map(len, doc.where)))
    if isinstance(doc, WantedDoc):
        hits = len(doc.ids) or _hits(doc.top_k, doc.offset)
        return Asked(hits=hits, filters=sum(map(len, doc.where)))
    if isinstance(doc, FilterDoc):
        return Asked(filters=sum(map(len, doc.where)))
    if isinstance(doc, KeptDoc):
        return _kept(doc.what)
    return Asked(ids=len(getattr(doc, "ids", ())))


def asked_of_message(endpoint: str, doc: Any) -> Asked:
    """What a `docarray.DocProto` asks for, which nobody has checked yet.

    Where a number is none, the most is taken; the executor will refuse it anyway.
    """
    hits = _hits(_number(doc, "top_k", DEFAULT_TOP_K), _number(doc, "offset", 0))
    ids, filters = _length(doc, "ids"), _characters(doc, "where")
    if endpoint == "/search":
        return Asked(max(_length(doc, "parts"), 1), hits, filters=filters)
    if endpoint == "/photos":
        return Asked(hits=ids or hits, filters=filters)
    if endpoint == "/facets":
        return Asked(filters=filters)
    if endpoint == "/kept":
        return _kept(doc.data["what"].text if "what" in doc.data else "")
    return Asked(ids=ids)


def _units(asked: Asked) -> int:
    return max(
        asked.weight,
        ceil(asked.hits / HITS_PER_UNIT),
        ceil(asked.ids / IDS_PER_UNIT),
        ceil(asked.filters / FILTERS_PER_UNIT),
    )


def _hits(top_k: int, offset: int) -> int:
    return top_k + offset // OFFSET_PER_HIT


def _kept(what: str) -> Asked:
    return Asked(weight=MAX_DOCS["/kept"][0] if what == "original" else 1)


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
