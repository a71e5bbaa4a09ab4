"""Writes down how a version speaks: a document of each kind as bytes, and the fields that it takes.

It runs in a checkout of that version, with the packages of today:

    PYTHONPATH=. python .../tests/support/old_documents.py executors.documents > 0.3.0.json

What is written as 0.1.0 is that of commit 66feb20, the oldest that parts of today work with.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from importlib import import_module
from typing import Any

import numpy as np
from docarray import BaseDoc, DocList

VECTOR = np.array([0.6, 0.8, 0], np.float32)
PHOTO = {"id": "p1", "uri": "/photos/p1.jpg", "version": "7", "caption": "a red car"}
PHOTO |= {"photographer": "Ann", "licence": "MIT", "source_url": "https://example.org/1"}
TOLD = {"colour": "#cd282d", "taken": "2024-05-01T12:30:00", "looks": "00ff00ff00ff00ff"}
MODEL = {"model": "demo", "fingerprint": "f" * 16, "dimensions": 3}
QUERY = {"where": ["width >= 10"], "top_k": 5, "offset": 2, "hybrid": True, "folded": True}


def documents(kinds: Any) -> dict[str, BaseDoc]:
    """One document of each kind, by the names of today."""
    described = PHOTO | {"tags": ["car", "red"], "metadata": {"project": "x"}}
    pixels = {"width": 60, "height": 40, "content_hash": "0" * 32}
    told = TOLD | {"colours": ["red"]}
    stored = described | told | pixels
    part = kinds.PartDoc(text="car", weight=0.5)
    encoded_part = kinds.EncodedPartDoc(embedding=VECTOR, weight=0.5)
    blob = kinds.KeptDoc if hasattr(kinds, "KeptDoc") else kinds.BlobDoc
    data = sys.modules[kinds.__name__].JsonBytes
    return {
        "PhotoDoc": kinds.PhotoDoc(**described, known_hash="0" * 32, keep="original"),
        "EncodedDoc": kinds.EncodedDoc(
            **stored, **MODEL, embedding=VECTOR, thumbnail=data(b"small"), original=data(b"whole")
        ),
        "OutcomeDoc": kinds.OutcomeDoc(id="p1", uri="/photos/p1.jpg", outcome="indexed"),
        "QueryDoc": kinds.QueryDoc(parts=DocList[kinds.PartDoc]([part]), **QUERY),
        "EncodedQueryDoc": kinds.EncodedQueryDoc(
            parts=DocList[kinds.EncodedPartDoc]([encoded_part]),
            words="car",
            vectors=[""],
            **QUERY,
            **MODEL,
        ),
        "ResultDoc": kinds.ResultDoc(
            hits=DocList[kinds.HitDoc]([kinds.HitDoc(rank=1, score=0.5, **stored)]),
            total=9,
            more=True,
            confidence="high",
            vectors=[""],
        ),
        "WantedDoc": kinds.WantedDoc(ids=["p1"], where=["width >= 10"], top_k=5),
        "PhotosDoc": kinds.PhotosDoc(photos="[]", total=9, seconds=0.1),
        "BlobDoc": blob(photo="p1", what="original", data=data(b"whole")),
        "FilterDoc": kinds.FilterDoc(where=["width >= 10"]),
        "FacetsDoc": kinds.FacetsDoc(
            total=9,
            facets=DocList[kinds.FacetDoc](
                [kinds.FacetDoc(name="tags", values=["car"], counts=[4])]
            ),
        ),
        "IdsDoc": kinds.IdsDoc(ids=["p1"]),
        "KnownDoc": kinds.KnownDoc(
            ids=["p1"], fingerprints=["7"], hashes=["0" * 32], keeps=["none"]
        ),
        "CountDoc": kinds.CountDoc(count=3),
        "StatusDoc": kinds.StatusDoc(location="data/index", photos=9, precision="fp32", **MODEL),
    }


def fields_of(doc: BaseDoc) -> dict[str, Any]:
    """What a version takes of a document, by its JSON schema."""
    schema = type(doc).model_json_schema()
    kinds = {name: {"type": each.get("type")} for name, each in schema["properties"].items()}
    return {"properties": kinds, "required": schema.get("required", [])}


def main() -> None:
    """Print all of it as JSON."""
    found = {}
    for name, doc in documents(import_module(sys.argv[1])).items():
        data = doc.to_protobuf().SerializeToString(deterministic=True)
        found[name] = {"data": b64encode(data).decode(), "takes": fields_of(doc)}
    json.dump(found, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
