"""Many documents written at once, piece by piece, and again where the engine had no room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import Any

from photoseek.helpers.deadlines import held
from photoseek.helpers.retry import Attempts, Pauses
from photoseek.store.elastic.engine_errors import EngineError
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.elastic.index_documents import dumps

Operation = tuple[str, ...]
"""The lines of one operation: what to do, and the document for it unless that is a deletion."""

_MOST_BYTES = 8_000_000
_MOST_LINES = 1_000
_PAUSES = Pauses(first=0.2, longest=10.0, spread=0.5)
_ATTEMPTS = 12
_CONFLICT, _MISSING = 409, 404
_NO_INDEX = "index_not_found_exception"


def indexing(document_id: str, document: str) -> Operation:
    """An operation that puts a document in the place of another one, or of none."""
    return dumps({"index": {"_id": document_id}}), document


def updating(found: Any, fields: dict[str, Any]) -> Operation:
    """An operation that changes fields of a document, unless somebody wrote it since."""
    about = {
        "_id": found["_id"],
        "if_seq_no": found["_seq_no"],
        "if_primary_term": found["_primary_term"],
    }
    return dumps({"update": about}), dumps({"doc": fields})


def deleting(document_id: str) -> Operation:
    """An operation that removes a document."""
    return (dumps({"delete": {"_id": document_id}}),)


class Bulk:
    """Writes to one alias, which must be there: a bare name would make an index of any form."""

    def __init__(self, http: EngineHttp, alias: str, index: str) -> None:
        """`index` is what the alias stands for, now and later."""
        self._http = http
        self._alias = alias
        self._index = index
        self._written = 1  # what others wrote before is to be seen as well
        self._seen = 0
        self._refreshing = Lock()

    def write(self, operations: Iterable[Operation]) -> list[str]:
        """The ids of documents that others have changed or removed meanwhile.

        The rest is written, on every copy that is there, when this returns.

        Raises:
            EngineError: some cannot be written; others may be. To write all again is right.
        """
        overtaken: list[str] = []
        try:
            for some in _pieces(operations):
                overtaken += self._write(some)
        finally:
            self._written += 1
        return overtaken

    def see(self) -> None:
        """Let the next search see what was written here: a refresh, where anything was.

        A write that is made meanwhile may be seen by the next one only.
        """
        if self._seen != self._written:
            with held(self._refreshing):
                if self._seen != (written := self._written):
                    self.refresh()
                    self._seen = written

    def refresh(self) -> None:
        """Let the next search see what anybody has written."""
        self._http.ask("POST", f"/{self._index}/_refresh")

    def _write(self, operations: Sequence[Operation]) -> list[str]:
        attempts = Attempts(_ATTEMPTS, _PAUSES)
        overtaken: list[str] = []
        while operations:
            lines = (line for operation in operations for line in operation)
            params = {"require_alias": "true"}
            answer = self._http.lines(f"/{self._alias}/_bulk", lines, params)
            again: list[Operation] = []
            refused: EngineError | None = None
            for operation, item in zip(operations, answer["items"], strict=True):
                [(action, result)] = item.items()
                status = result["status"]
                if status in (429, 503):
                    again.append(operation)
                    refused = _refused(result)
                elif result.get("error", {}).get("type") == _NO_INDEX:
                    raise _refused(result)
                elif status in (_CONFLICT, _MISSING) and action != "index":
                    overtaken += [result["_id"]] if action == "update" else []
                elif status >= 400:
                    raise _refused(result)
            if refused:
                attempts.failed(refused)
            operations = again
        return overtaken


def _pieces(operations: Iterable[Operation]) -> Iterator[list[Operation]]:
    piece: list[Operation] = []
    size = 0
    for operation in operations:
        length = sum(map(len, operation))
        if piece and (size + length > _MOST_BYTES or len(piece) == _MOST_LINES):
            yield piece
            piece, size = [], 0
        piece.append(operation)
        size += length
    if piece:
        yield piece


def _refused(result: Any) -> EngineError:
    about = result.get("error", {})
    said = f"{about.get('type')}: {about.get('reason')}"
    cause = about.get("caused_by", {})
    said += f" ({cause.get('reason')})" if cause else ""
    return EngineError(said[:500], status=result["status"])
