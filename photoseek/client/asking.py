"""What a gateway is asked, and what its answers mean, whoever sends them: in threads or awaited.

Each function is a generator that gives requests, is sent their answers, and returns what was asked
for. `Connection.run` and `AsyncConnection.run` go through one to its end.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

import httpx
import numpy as np

from photoseek.client import from_json as answers
from photoseek.description_limits import MAX_OFFSET, MAX_TOP_K
from photoseek.errors import PhotoError, QueryError
from photoseek.records import (
    Embeddings,
    Facets,
    Found,
    ModelIdentity,
    Sort,
    StoredPhoto,
)
from photoseek.search.grammar import QueryPart
from photoseek.search.inputs import MAX_INPUTS
from photoseek.store import Where, filters_of
from photoseek.store.filters import filter_to_json
from photoseek.store.sorting import sort_text
from photoseek.store.validation import check_page

T = TypeVar("T")

AT_ONCE = 16
"""Searches of one request: a batch of more goes in several."""

MOST_OF_A_SEARCH = MAX_OFFSET + MAX_TOP_K
"""Photos that a gateway gives of one search, page by page."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a gateway; `arguments` are as httpx takes them."""

    method: str
    path: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """The order of hits or of a list, and the photo after which a list goes on."""

    sort: Sort | None = None
    after: str = ""

    def json(self) -> dict[str, Any]:
        """What a request has of it: nothing where it says nothing, for gateways of before."""
        given = {"sort": sort_text(self.sort), "after": self.after}
        return {name: value for name, value in given.items() if value}


Asking: TypeAlias = Generator[Request, httpx.Response, T]


def search(
    parts: Sequence[QueryPart],
    top_k: int,
    offset: int,
    where: Where,
    order: Order,
    *,
    hybrid: bool,
    dedupe: bool,
) -> Asking[Found]:
    """A search, in as many pages as a gateway gives it in.

    Raises:
        QueryError: that is more than it gives.
    """
    check_page(top_k, offset)
    if top_k > MOST_OF_A_SEARCH:
        raise QueryError(
            f"top_k (--top-k) is {top_k:,}; a gateway gives at most {MOST_OF_A_SEARCH:,} photos of "
            "a search. All of an index is written by the task export."
        )
    limit, more = min(top_k, MAX_TOP_K), {"hybrid": hybrid, "dedupe": dedupe}
    asked = _search_json(parts, limit, where, Order(order.sort), **more)
    first = {"offset": offset} | order.json()
    answer = (yield post("/api/search", asked | first)).json()
    found = answers.found(answer)
    while found.next_offset is not None and len(found.hits) < top_k:
        page = {
            "query": _understood(answer),  # where a picture is a vector by now
            "limit": min(top_k - len(found.hits), MAX_TOP_K),
            **({"after": found.next_after} if found.next_after else {"offset": found.next_offset}),
        }
        next_ = answers.found((yield post("/api/search", asked | page)).json())
        hits, after = found.hits + next_.hits, next_.next_after
        found = replace(found, hits=hits, next_offset=next_.next_offset, next_after=after)
        if not next_.hits:
            break
    return found


def search_all(
    queries: Sequence[Sequence[QueryPart]],
    top_k: int,
    where: Where,
    order: Order,
    *,
    hybrid: bool,
    dedupe: bool,
) -> Asking[list[Found]]:
    """Several searches; the error of one says which it is."""
    check_page(top_k)
    found: list[Found] = []
    for some in chunks(queries, max(1, min(AT_ONCE, MAX_TOP_K // top_k))):
        searches = [
            _search_json(parts, min(top_k, MAX_TOP_K), where, order, hybrid=hybrid, dedupe=dedupe)
            for parts in some
        ]
        try:
            answer = (yield post("/api/search/batch", {"searches": searches})).json()
        except QueryError as error:
            raise _moved(error, len(found)) from error
        found += map(answers.found, answer["answers"])
    return found


def embed(parts: Sequence[QueryPart]) -> Asking[Embeddings]:
    """Vectors of texts and pictures.

    Raises:
        QueryError: there are none.
    """
    if not parts:
        raise QueryError("Give at least one text or picture.")
    rows: list[list[float]] = []
    answer: dict[str, Any] = {}
    tokenizer = ""
    for start in range(0, len(parts), MAX_INPUTS):
        inputs = [_value_json(part) for part in parts[start : start + MAX_INPUTS]]
        try:
            answer = (yield post("/api/embeddings", {"inputs": inputs})).json()
        except QueryError as error:
            raise _moved(error, start) from error
        rows += answer["embeddings"]
        tokenizer = tokenizer or answer.get("tokenizer", "")  # an older gateway tells none
    model = ModelIdentity(answer["model"], answer["fingerprint"], answer["dimensions"], tokenizer)
    return Embeddings(np.array(rows, np.float32), model)


def facets(where: Where) -> Asking[Facets]:
    """Counts of the photos that pass filters."""
    asked = {"params": {"where": _texts(where)}}
    return answers.facets((yield Request("GET", "/api/facets", asked)).json())


def add(picture: bytes, description: Mapping[str, Any]) -> Asking[StoredPhoto]:
    """A photo that is handed in.

    Raises:
        PhotoError: it is no photo that can be used.
    """
    sent = {"files": {"file": ("photo", picture)}, "data": description}
    try:
        answer = yield Request("POST", "/api/photos", sent)
    except QueryError as error:  # what is wrong with what was sent is wrong with the photo
        raise PhotoError(str(error)) from error
    return answers.stored(answer.json())


def photo(photo_id: str) -> Asking[StoredPhoto]:
    """One photo."""
    return answers.stored((yield Request("GET", _path(photo_id))).json())


def photos(ids: Sequence[str]) -> Asking[list[StoredPhoto]]:
    """Photos by id, in their order."""
    stored: dict[str, StoredPhoto] = {}
    for some in chunks(list(dict.fromkeys(ids)), MAX_TOP_K):
        where = f"id in {json.dumps(some)}"
        found = yield from search((), len(some), 0, where, Order(), hybrid=False, dedupe=False)
        stored |= {hit.stored.photo.id: hit.stored for hit in found.hits}
    return [stored[photo_id] for photo_id in ids if photo_id in stored]


def pixels(photo_id: str, what: str) -> Asking[bytes]:
    """The bytes of a thumbnail or an original."""
    return (yield Request("GET", f"{_path(photo_id)}/{what}")).content


def post(path: str, body: dict[str, Any]) -> Request:
    """A request with a body of JSON."""
    return Request("POST", path, {"json": body})


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Parts of the items, each of that size or the rest."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _texts(where: Where) -> list[str]:
    """Filters as an address holds them."""
    return [json.dumps(filter_to_json(each)) for each in filters_of(where)]


def _path(photo_id: str) -> str:
    return f"/api/photos/{quote(photo_id, safe='')}"


def _search_json(
    parts: Sequence[QueryPart],
    limit: int,
    where: Where,
    order: Order,
    *,
    hybrid: bool,
    dedupe: bool,
) -> dict[str, Any]:
    return {
        "query": [_value_json(part) | {"weight": part.weight} for part in parts],
        "filter": {"where": _texts(where)},
        "limit": limit,
        "mode": "hybrid" if hybrid else "meaning",
        "dedupe": dedupe,
        **order.json(),
    }


def _value_json(part: QueryPart) -> dict[str, Any]:
    value = part.value
    return {part.kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value}


def _moved(error: QueryError, start: int) -> QueryError:
    """The same error, its place counted from the first of all and not of this request."""
    return QueryError(
        re.sub(r"^(\w+)\[(\d+)\]", lambda at: f"{at[1]}[{int(at[2]) + start}]", str(error))
    )


def _understood(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {part["kind"]: part[part["kind"]], "weight": part["weight"]}
        for part in answer["query"]["parts"]
    ]
