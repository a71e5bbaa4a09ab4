"""Notes on an index that lie in the engine itself, so that all who use the index see them.

They are documents of a small index beside it, NAME-reindex. Each is written on the condition that
nobody else has written it since it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

from photoseek.errors import StorageError
from photoseek.files.named_files import BINARY, Change
from photoseek.store.elastic.engine_errors import EngineError
from photoseek.store.elastic.engine_http import EngineHttp

_UPDATES = 20
_CONFLICT = 409


class EngineNotes:
    """`photoseek.store.notes.Notes` of one name."""

    def __init__(self, http: EngineHttp, replicas: int) -> None:
        """`replicas` are those of the index with the notes, where it is made."""
        self._http = http
        self._replicas = replicas
        self._index = f"{http.address.name}-reindex"
        self.uri = f"{http.address.server}/{self._index}"

    def prepare(self) -> None:
        """Make the index where there is none."""
        settings = {
            "number_of_shards": 1,
            "number_of_replicas": self._replicas,
            "hidden": True,
        }
        form = {"settings": settings, "mappings": {"dynamic": False}}
        with self._explained():
            try:
                self._http.ask("PUT", f"/{self._index}", form)
            except EngineError as error:
                if "already_exists" not in str(error):
                    raise

    def read(self, name: str) -> bytes | None:
        """The bytes of a note, as it was last written."""
        return self._found(name)[0]

    def update(self, name: str, change: Change, content_type: str = BINARY) -> bytes:
        """Write what `change` makes of a note, on the condition that it is as it was read."""
        for _ in range(_UPDATES):
            before, condition = self._found(name)
            data = change(before)
            with self._explained():
                try:
                    text = {"text": data.decode()}
                    self._http.ask("PUT", self._path(name), text, params=condition)
                except EngineError as error:
                    if error.status != _CONFLICT:
                        raise
                else:
                    return data
        raise StorageError(f"Others change {self.uri} again and again. Try again later.")

    def remove(self, names: Iterable[str]) -> None:
        """Remove notes."""
        with self._explained():
            for name in names:
                self._http.ask("DELETE", self._path(name), missing=True)

    def _found(self, name: str) -> tuple[bytes | None, dict[str, str]]:
        """The bytes of a note, and on what condition it is still the same."""
        with self._explained():
            found = self._http.ask("GET", self._path(name), missing=True)
        if found is None:
            return None, {"op_type": "create"}
        number, term = str(found["_seq_no"]), str(found["_primary_term"])
        condition = {"if_seq_no": number, "if_primary_term": term}
        return str(found["_source"]["text"]).encode(), condition

    def _path(self, name: str) -> str:
        return f"/{self._index}/_doc/{quote(name, safe='')}"

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except EngineError as error:
            reason = error.unreachable or f"{self.uri} cannot be used: {error}."
            raise StorageError(reason) from error
