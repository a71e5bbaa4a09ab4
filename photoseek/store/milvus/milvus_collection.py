"""One collection of a Milvus server: its rows, and when what was deleted is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from photoseek.store.milvus.milvus_rows import SHOWN
from photoseek.store.milvus.milvus_server import SESSION, STRONG, MilvusServer


class MilvusCollection:
    """A collection by its real name. Every method raises `MilvusError`."""

    def __init__(self, server: MilvusServer, name: str) -> None:
        self.server = server
        self.name = name
        self._deletions_seen = 0

    def delete(self, keys: list[str]) -> None:
        """Delete the rows with these keys."""
        self.server.deletions += 1
        self.server.writes("delete", self.name, ids=keys)
        self.server.deletions += 1

    def rows(
        self, expression: str, columns: Sequence[str], consistency: str = SESSION
    ) -> list[dict[str, Any]]:
        """The rows for which an expression holds, in no order."""
        found = self._reads_own_writes(
            "query",
            self.name,
            filter=expression,
            output_fields=list(columns),
            consistency_level=consistency,
        )
        return list(found)

    def count(self, expression: str) -> int:
        """For how many rows an expression holds."""
        return int(self.rows(expression, ["count(*)"])[0]["count(*)"])

    def see_all(self) -> None:
        """Wait until all is seen that anybody has written so far."""
        count = {"filter": "", "output_fields": ["count(*)"], "consistency_level": STRONG}
        self.server.reads("query", self.name, **count)

    def nearest(
        self, column: str, query: Any, limit: int, expression: str, params: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """The rows that are nearest to a vector or a text, best first, each with its `distance`."""
        found = self._reads_own_writes(
            "search",
            self.name,
            data=[query],
            anns_field=column,
            filter=expression,
            limit=limit,
            search_params={"params": params},
            output_fields=list(SHOWN),
            consistency_level=SESSION,
        )
        return list(found[0])

    def _reads_own_writes(self, method: str, *given: Any, **named: Any) -> Any:
        """What `reads` gives, with what others had written when this process began, and deletions.

        Servers say at what time they wrote rows, which Session then waits for, but some say 0 of
        deletions. So the first that is read after one is read with Strong, as is the very first.
        """
        deletions = self.server.deletions
        is_due = named["consistency_level"] == SESSION or not self._deletions_seen
        if is_due and deletions != self._deletions_seen:
            found = self.server.reads(method, *given, **named | {"consistency_level": STRONG})
            self._deletions_seen = deletions
            return found
        return self.server.reads(method, *given, **named)
