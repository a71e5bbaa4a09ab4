"""What was written to an index of an engine since some moment.

Each shard numbers its writes, and a document says the number of its last one. All copies of a shard
have what comes before its checkpoint; a refresh lets searches see it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from typing_extensions import override

from photoseek.store.elastic.engine_bulk import Bulk
from photoseek.store.elastic.engine_errors import EngineError, reading
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.elastic.engine_queries import EngineQueries
from photoseek.store.marks import Marks


class EngineMarks(Marks):
    """The numbers of the last writes to each shard."""

    def __init__(self, http: EngineHttp, bulk: Bulk, queries: EngineQueries, index: str) -> None:
        self._http = http
        self._bulk = bulk
        self._queries = queries
        self._index = index

    @override
    def now(self) -> str:
        with reading(self._http.address.location):
            try:
                shards = self._shards()
            except EngineError as error:
                if error.status != 403:
                    raise
                return ""  # the key may not ask for it
            self._bulk.refresh()
        return json.dumps({shard: list(about) for shard, about in shards.items()})

    @override
    def changed_since(self, mark: str) -> Iterator[list[str]] | None:
        before = json.loads(mark)
        with reading(self._http.address.location):
            now = self._shards()
            # A history is another one where an older copy had to take the place of a shard.
            if {key: each[0] for key, each in before.items()} != {
                key: each[0] for key, each in now.items()
            }:
                return None
            self._bulk.refresh()
        return self._ids({shard: int(each[1]) for shard, each in before.items()})

    def _ids(self, numbers: dict[str, int]) -> Iterator[list[str]]:
        with reading(self._http.address.location):
            for shard, number in numbers.items():
                later = {"range": {"_seq_no": {"gt": number}}}
                yield from self._queries.ids(later, f"_shards:{shard}")

    def _shards(self) -> dict[str, tuple[str, int]]:
        """Of each shard its history and its checkpoint."""
        path, params = f"/{self._index}/_stats/docs", {"level": "shards"}
        shards = self._http.ask("GET", path, params=params)["indices"][self._index]["shards"]
        return {shard: _told(copies) for shard, copies in shards.items()}


def _told(copies: list[Any]) -> tuple[str, int]:
    [primary] = [each for each in copies if each["routing"]["primary"]]
    history = str(primary["commit"]["user_data"]["history_uuid"])
    return history, int(primary["seq_no"]["global_checkpoint"])
