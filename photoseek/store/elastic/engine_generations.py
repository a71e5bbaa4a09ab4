"""The indexes that one name of an engine has had: NAME-000001, NAME-000002, ..."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import override

from photoseek.store.elastic import engine_holds, engine_index
from photoseek.store.elastic.engine_errors import EngineError
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.elastic.engine_notes import EngineNotes
from photoseek.store.numbered import NumberedIndexes
from photoseek.store.standing import Look

_ANY_STATE = {"expand_wildcards": "all"}
_FORBIDDEN = 403


class EngineGenerations(NumberedIndexes):
    """What can stand for one name. Methods raise `EngineError` where the engine does not tell."""

    def __init__(self, http: EngineHttp, notes: EngineNotes) -> None:
        name = http.address.name
        super().__init__(http.address.location, name, f"{name}-", notes)
        self._http = http

    @override
    def stands_for(self) -> str:
        return engine_index.stands_for(self._http, self._http.address)[0]

    @override
    def location_of(self, index: str) -> str:
        return f"{self._http.address.server}/{index}"

    @override
    def hold(self, until: float, instead_of: float | None = None) -> bool:
        return engine_holds.hold(self._http, self.current(), until, instead_of)

    @override
    def look(self, index: str) -> Look:
        there, aliases = engine_index.stands_for(self._http, self._http.address)
        return Look(there == index, engine_holds.held_until(there, aliases))

    @override
    def lift(self, until: float) -> bool:
        try:
            self.hold(0.0, until)
        except EngineError as error:
            if error.status != _FORBIDDEN:
                raise
            return False
        return True

    @override
    def switch_held(self, index: str, until: float) -> bool:
        before = self.current()
        self.note_before(before)
        if engine_holds.switched(self._http, self._name, before, index, until):
            return True
        return self.stands_for() == index  # the answer to an earlier request was lost

    @override
    def fence(self, index: str) -> str:
        """Who has opened the index writes to an alias of it that is there no more."""
        engine_index.renew_alias_of_writers(self._http, index)
        return index

    @override
    def _listed(self) -> Iterable[str]:
        """Those that begin like one of ours and hold our note: others are left alone."""
        pattern = f"{self._http.address.name}-*"
        found = self._http.ask("GET", f"/{pattern}/_mapping", params=_ANY_STATE, missing=True) or {}
        return [index for index, about in found.items() if engine_index.noted(about)]
