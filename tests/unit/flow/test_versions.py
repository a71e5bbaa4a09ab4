"""Documents of earlier versions are read, and theirs have what those expect: while an upgrade
lasts, a gateway, an encoder and an indexer of two versions work together.

`tests/support/old_documents.py` has written them down, in checkouts of those versions.
"""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from docarray.proto import DocProto
from pydantic import create_model

from photoseek.errors import QueryError, ServiceError
from photoseek.flow import compat, documents, photo_documents
from photoseek.flow.compat_graph import unreadable
from photoseek.flow.conversion import encoded_photo, query_parts, search_of
from photoseek.flow.from_documents import check_answered
from photoseek.flow.to_documents import written_filters
from photoseek.records import AnyOf, Condition
from photoseek.store import filters_of

compat.apply()

from jina.serve.runtimes.gateway.graph.topology_graph import TopologyGraph  # noqa: E402

WRITTEN = Path(__file__).parent / "written"
PYTHON = {"string": str, "integer": int, "number": float, "boolean": bool, "array": list}
KINDS = {
    name: kind
    for module in (documents, photo_documents)
    for name, kind in vars(module).items()
    if name.endswith("Doc")
}


@pytest.fixture(params=["0.1.0", "0.3.0"])
def version(request: pytest.FixtureRequest) -> Any:
    """The documents of a version."""
    return json.loads((WRITTEN / f"{request.param}.json").read_text("utf-8"))


def read(version: Any, name: str) -> Any:
    message = DocProto()
    message.ParseFromString(b64decode(version[name]["data"]))
    return KINDS[name].from_protobuf(message)


def test_all_of_its_documents_are_read(version: Any) -> None:
    found = {name: read(version, name) for name in version}
    assert found["WantedDoc"].ids == found["IdsDoc"].ids == found["KnownDoc"].ids == ["p1"]
    assert found["WantedDoc"].where == found["FilterDoc"].where == ["width >= 10"]
    assert (found["FacetsDoc"].total, found["FacetsDoc"].facets[0].counts) == (9, [4])
    assert (found["BlobDoc"].what, bytes(found["BlobDoc"].data)) == ("original", b"whole")
    assert (found["CountDoc"].count, found["StatusDoc"].photos) == (3, 9)
    assert found["OutcomeDoc"].outcome == "indexed"
    [hit] = found["ResultDoc"].hits
    assert (hit.caption, hit.colours, hit.phash) == ("a red car", ["red"], "00ff00ff00ff00ff")
    assert (found["PhotoDoc"].keep, found["PhotoDoc"].error) == ("original", "")


def test_what_its_encoder_made_is_stored_and_searched(version: Any) -> None:
    photo = encoded_photo(read(version, "EncodedDoc"))
    assert photo.photo.tags == ("car", "red")
    assert photo.photo.metadata == {"project": "x"}
    np.testing.assert_allclose(photo.vector, [0.6, 0.8, 0], atol=1e-6)
    assert (photo.thumbnail, photo.original) == (b"small", b"whole")
    assert (photo.traits.phash, photo.traits.taken) == ("00ff00ff00ff00ff", "2024-05-01T12:30:00")
    search = search_of(read(version, "EncodedQueryDoc"))
    assert (search.top_k, search.offset, search.hybrid, search.dedupe) == (5, 2, True, True)
    assert search.query.parts[0].weight == 0.5
    asked = read(version, "QueryDoc")
    assert (asked.dedupe, query_parts(asked)[0].value) == (True, "car")


def test_it_finds_its_fields_in_what_is_sent_today(version: Any) -> None:
    for name, old in version.items():
        doc = read(version, name)
        assert unreadable(KINDS[name].model_json_schema(), old["takes"]) == [], name
        assert unreadable(old["takes"], KINDS[name].model_json_schema()) == [], name
        message = doc.to_protobuf()
        assert message.data.keys() >= old["takes"]["properties"].keys(), name
        written = DocProto()
        written.ParseFromString(b64decode(old["data"]))
        for field, value in written.data.items():
            if value.WhichOneof("content") != "doc_array":  # whose documents have more fields
                assert message.data[field] == value, (name, field)


def test_it_reads_filters_of_one_field_each() -> None:
    given = ["width >= 2000", 'tags in ["red car", "café"]', "licence = MIT AND MORE", "taken>2024"]
    where = filters_of(given)
    sent = written_filters(where)
    assert filters_of(sent) == where
    assert sent == ["width >= 2000", given[1], "licence = MIT AND MORE", "taken > 2024"]


@pytest.mark.parametrize(
    "where",
    [
        Condition("licence", "=", " MIT "),
        Condition("caption", "=", "car OR width = 3"),
        Condition("shot by", "=", "Ann"),
        AnyOf((Condition("width", ">", 3), Condition("tags", "=", "car"))),
    ],
)
def test_what_words_would_change_goes_as_it_is(where: Any) -> None:
    assert filters_of(written_filters([where])) == (where,)


def test_what_it_cannot_read_is_told_plainly() -> None:
    with pytest.raises(QueryError, match="earlier version and knows only filters of one field"):
        check_answered("'{\"any\": []}' is no filter. Write a column, an operator and a value.")


def test_a_gateway_takes_parts_that_can_read_each_other(version: Any) -> None:
    today = KINDS["EncodedQueryDoc"]
    fields = version["EncodedQueryDoc"]["takes"]["properties"]
    types: Any = {name: (PYTHON.get(each["type"], Any), None) for name, each in fields.items()}
    older = create_model("Older", **types)
    needs_more = create_model("NeedsMore", flavour=(str, ...))
    for gives, takes in ((today, older), (older, today)):
        graph = graph_of(gives, takes)
        graph._validate_flow_docarray_compatibility()
    with pytest.raises(ServiceError, match=r"do not understand one another \(/search: flavour\)"):
        graph_of(today, needs_more)._validate_flow_docarray_compatibility()


def graph_of(gives: Any, takes: Any) -> Any:
    """Jina's graph of an encoder that gives such a document and an indexer that takes one."""
    flow = {"start-gateway": ["encoder"], "encoder": ["indexer"], "indexer": ["end-gateway"]}
    graph = TopologyGraph(flow)
    encoder, indexer = graph.all_nodes[:2]
    encoder._pydantic_models_by_endpoint = {"/search": {"input": takes, "output": gives}}
    indexer._pydantic_models_by_endpoint = {"/search": {"input": takes, "output": gives}}
    return graph
