"""The indexes that one name of an engine has had: NAME-000001, NAME-000002, ..."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import override

from photoseek.store.blob_place import BlobPlace
from photoseek.store.elastic import engine_index
from photoseek.store.elastic.engine_http import EngineHttp
from photoseek.store.numbered import NumberedIndexes

_ANY_STATE = {"expand_wildcards": "all"}


class EngineGenerations(NumberedIndexes):
    """What can stand for one name. Methods raise `EngineError` where the engine does not tell."""

    def __init__(self, http: EngineHttp, place: BlobPlace) -> None:
        name = http.address.name
        super().__init__(http.address.location, name, f"{name}-", place)
        self._http = http

    @override
    def stands_for(self) -> str:
        return engine_index.stands_for(self._http, self._http.address)

    @override
    def location_of(self, index: str) -> str:
        return f"{self._http.address.server}/{index}"

    @override
    def _listed(self) -> Iterable[str]:
        """Those that begin like one of ours and hold our note: others are left alone."""
        pattern = f"{self._http.address.name}-*"
        found = self._http.ask("GET", f"/{pattern}/_mapping", params=_ANY_STATE, missing=True) or {}
        return [index for index, about in found.items() if engine_index.noted(about)]
