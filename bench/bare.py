"""What an engine's own client takes for the search that a store asks of it, and nothing else.

It looks at as many neighbours as the store does. The answer has ids and scores. What the store
takes beyond that is its own: the photos' records, their order where scores are equal, and the
checks of what is asked.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx

from bench.store import TOP_K
from photoseek.records import Vector
from photoseek.store.elastic.engine_address import address_of
from photoseek.store.elastic.engine_filters import ALL
from photoseek.store.elastic.engine_http import EngineHttp, client_with
from photoseek.store.elastic.engine_index import engine_at
from photoseek.store.engine_access import ANYONE
from photoseek.store.milvus.milvus_queries import EF

Ask = Callable[[Vector], object]


def bare_client(place: str) -> Ask | None:
    """A search by the client of what keeps an index; None where a store is no engine's."""
    if place.startswith(("elastic+", "opensearch+")):
        return _elastic(place)
    if place.startswith("milvus"):
        return _milvus(place)
    return None


def _elastic(place: str) -> Ask:
    address = address_of(place)
    engine = engine_at(EngineHttp(address, client_with(ANYONE)))
    client = httpx.Client(trust_env=False)
    url = f"{address.hosts[0]}/{address.name}/_search"

    def ask(query: Vector) -> object:
        asked = engine.nearest(query.tolist(), TOP_K, ALL) | {"size": TOP_K, "_source": False}
        return client.post(url, json=asked, timeout=60).raise_for_status().json()

    return ask


def _milvus(place: str) -> Ask:
    from pymilvus import MilvusClient

    from photoseek.store.milvus.milvus_address import address_of

    address = address_of(place)
    client = MilvusClient(uri=address.uri)

    def ask(query: Vector) -> object:
        return client.search(
            address.collection,
            data=[query.tolist()],
            anns_field="vector",
            limit=TOP_K,
            search_params={"params": {"ef": EF}},
            consistency_level="Session",
        )

    return ask
