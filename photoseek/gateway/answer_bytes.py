"""Answers as bytes, to be kept: JSON, from which nothing but records can be read."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from photoseek.records import Facets, Found, Hit, StoredPhoto
from photoseek.store.record_json import stored_json, stored_of_json

_APART = ("hits", "tokens", "tokenizer")  # the last is part of what an answer is kept under
_PLAIN = tuple(field.name for field in fields(Found) if field.name not in _APART)

_PHOTO_BYTES = 1_000
_VALUE_BYTES = 30


def size_of(answer: Found | Facets) -> int:
    """About how many bytes an answer becomes: many are better written in a thread."""
    if isinstance(answer, Found):
        return _PHOTO_BYTES * sum(1 + len(hit.duplicates) for hit in answer.hits)
    return _VALUE_BYTES * sum(map(len, answer.counts.values()))


def written(answer: Found | Facets) -> bytes:
    """An answer as bytes."""
    if isinstance(answer, Facets):
        return json.dumps({"total": answer.total, "counts": dict(answer.counts)}).encode()
    plain = {name: getattr(answer, name) for name in _PLAIN}
    hits = list(map(_hit_json, answer.hits))
    return json.dumps(plain | {"hits": hits, "tokens": answer.tokens}).encode()


def found_of(data: bytes) -> Found:
    """The answer to a search; what took time then takes none now."""
    given = json.loads(data)
    hits = tuple(map(_hit_of, given.pop("hits")))
    tokens = tuple(given.pop("tokens"))
    return Found(hits, **given | {"tokens": tokens, "encode_seconds": 0.0})


def facets_of(data: bytes) -> Facets:
    """The answer to a question for facets."""
    given = json.loads(data)
    counts = {name: tuple(map(tuple, pairs)) for name, pairs in given["counts"].items()}
    return Facets(given["total"], counts)


def _hit_json(hit: Hit) -> dict[str, Any]:
    copies = list(map(_stored_json, hit.duplicates))
    more = {"duplicates": copies, "lines_found": hit.lines_found}
    found = {"rank": hit.rank, "score": hit.score, "stored": _stored_json(hit.stored)}
    return found | {name: value for name, value in more.items() if value}


def _hit_of(given: dict[str, Any]) -> Hit:
    copies = tuple(map(stored_of_json, given.get("duplicates", ())))
    lines = tuple(given.get("lines_found", ()))
    return Hit(given["rank"], given["score"], stored_of_json(given["stored"]), copies, lines)


def _stored_json(stored: StoredPhoto) -> dict[str, Any]:
    return stored_json(stored) | {"keep": stored.keep}
