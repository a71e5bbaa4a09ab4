"""Answers of the index that are given once more, as long as nothing in the index has changed."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any, TypeVar

from photoseek import __version__
from photoseek.errors import PhotoseekError
from photoseek.gateway import answer_bytes
from photoseek.gateway.heavy import in_thread
from photoseek.gateway.joint_question import JointQuestion
from photoseek.gateway.metrics import Metrics
from photoseek.gateway.middleware.turns import in_turn
from photoseek.gateway.service import Service
from photoseek.helpers.uri import is_s3
from photoseek.records import Facets, Filter, Found, Sort
from photoseek.search.grammar import QueryPart
from photoseek.settings import LibrarySettings
from photoseek.sharing import SharedState
from photoseek.store.filters import filter_to_json
from photoseek.store.sorting import sort_text

T = TypeVar("T", Found, Facets)

KEEP_SECONDS = 600
"""How long an answer is kept."""

SIGNED_SECONDS = 60
"""How long one is kept that has links that end; a quarter of their time at most."""

MOST_BYTES = 1_000_000
"""Of an answer that is kept."""


class Answers:
    """Searches and counts of a service, which are made once for each version of the index.

    An answer is kept with the version that the index had before it was made. So it is of this
    version or of a later one, and it is given again only where the index still has this one: that
    is asked for when somebody asks the same again. Where the version is not known, nothing is
    kept, nor where nobody knows how texts were read, as two encoders may have two tokenizers. What
    a picture that is sent along finds is not kept either: its next pages are asked for by its
    vector.
    """

    def __init__(
        self, service: Service, state: SharedState, settings: LibrarySettings, metrics: Metrics
    ) -> None:
        self._service = service
        self._version = JointQuestion(self._asked_version)
        self._state = state
        self._metrics = metrics
        self._seconds_to_search = settings.search_seconds
        self._signed_seconds = min(SIGNED_SECONDS, settings.link_seconds // 4)
        # What makes the answers of two gateways differ: whose links, and by which program.
        self._of_gateway = (
            __version__,
            settings.model,
            settings.link_seconds,
            settings.readable_roots,
        )

    async def search(
        self,
        parts: Sequence[QueryPart],
        *,
        top_k: int,
        offset: int,
        where: Sequence[Filter],
        hybrid: bool,
        dedupe: bool,
        sort: Sort | None,
        after: str,
    ) -> Found:
        """What `Service.search` answers."""
        start = time.perf_counter()

        async def ask() -> Found:
            return await self._service.search(
                parts,
                top_k=top_k,
                offset=offset,
                where=where,
                hybrid=hybrid,
                dedupe=dedupe,
                sort=sort,
                after=after,
            )

        if any(isinstance(part.value, bytes) for part in parts):
            return await in_turn(self._seconds_to_search, ask)
        asked = [[part.kind, part.value, part.weight] for part in parts]
        order = [sort_text(sort), after]
        question = ["search", asked, top_k, offset, _written(where), hybrid, dedupe, *order]
        has_texts = any(part.kind == "text" for part in parts)
        found, is_kept = await self._once(question, ask, answer_bytes.found_of, has_texts=has_texts)
        return replace(found, search_seconds=time.perf_counter() - start) if is_kept else found

    async def facets(self, where: Sequence[Filter]) -> Facets:
        """What `Service.facets` answers."""

        async def ask() -> Facets:
            return await self._service.facets(where)

        facets, _ = await self._once(["facets", _written(where)], ask, answer_bytes.facets_of)
        return facets

    async def _once(
        self,
        question: list[Any],
        ask: Callable[[], Awaitable[T]],
        read: Callable[[bytes], T],
        *,
        has_texts: bool = False,
    ) -> tuple[T, bool]:
        """The answer to a question, and whether it was kept."""
        key = self._key(question, self._service.tokenizer() if has_texts else "")
        kept = await self._state.get(key) if key else None
        version, _, data = (kept or b"").partition(b"\n")
        is_found = kept is not None and version == (await self._version()).encode()
        self._metrics.looked_up("answer", is_found=is_found)
        if is_found:
            return await in_thread(len(data), read, data), True
        answer = await in_turn(self._seconds_to_search, ask)
        seconds = self._seconds(answer)
        if has_texts:  # the last to read texts may be another encoder than that of this answer
            key = self._key(question, answer.tokenizer if isinstance(answer, Found) else None)
        if key and answer.version and seconds:
            data = await in_thread(answer_bytes.size_of(answer), answer_bytes.written, answer)
            if len(data) <= MOST_BYTES:
                await self._state.put(key, answer.version.encode() + b"\n" + data, seconds)
        return answer, False

    def _key(self, question: list[Any], tokenizer: str | None) -> str | None:
        """What an answer is kept under; None where it has texts and nobody knows how they are read,
        as it would be that of another encoder.
        """
        if tokenizer is None:
            return None
        return _key([*self._of_gateway, *question, tokenizer])

    async def _asked_version(self) -> str:
        try:
            return await self._service.version()
        except PhotoseekError:  # whoever asks for more is told
            return ""

    def _seconds(self, answer: Found | Facets) -> int:
        if isinstance(answer, Found):
            if answer.is_of_before:  # the version was that of the index of now
                return 0
            photos = (photo for hit in answer.hits for photo in (hit.stored, *hit.duplicates))
            if any(is_s3(stored.photo.uri) for stored in photos):
                return self._signed_seconds
        return KEEP_SECONDS


def _written(where: Sequence[Filter]) -> list[dict[str, Any]]:
    return list(map(filter_to_json, where))


def _key(question: list[Any]) -> str:
    """JSON writes no two questions alike, whatever texts are in them."""
    return f"answer:{blake2b(json.dumps(question).encode(), digest_size=20).hexdigest()}"
