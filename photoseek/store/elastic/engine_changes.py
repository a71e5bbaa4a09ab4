"""Changing what is known of photos whose documents others may change at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from photoseek.records import StoredPhoto
from photoseek.store.elastic import index_documents
from photoseek.store.elastic.engine_bulk import Bulk, Operation, updating
from photoseek.store.elastic.engine_errors import EngineError
from photoseek.store.elastic.engine_queries import EngineQueries

_ROUNDS = 20


def write_changes(
    bulk: Bulk,
    queries: EngineQueries,
    ids: Iterable[str],
    change: Callable[[StoredPhoto], StoredPhoto | None],
    fields: Sequence[str],
) -> int:
    """Write what `change` makes of the photos with these ids; None leaves one as it is.

    `fields` are the further ones with keywords. Gives how many were written.

    Raises:
        EngineError: others change the same photos again and again.
    """
    waiting = dict.fromkeys(ids)
    done = 0
    for _ in range(_ROUNDS):
        changes: dict[str, Operation] = {}
        for photo_id, found in queries.documents(waiting, index_documents.SHOWN):
            new = change(index_documents.photo_of_document(found["_source"]))
            if new is not None:
                described = index_documents.described(new, fields)
                changes[photo_id] = updating(found, described)
        overtaken = set(bulk.write(changes.values()))
        again = [each for each in changes if index_documents.document_id(each) in overtaken]
        done += len(changes) - len(again)
        waiting = dict.fromkeys(again)
        if not waiting:
            return done
    raise EngineError("others change the same photos again and again")
