"""What /openapi.json says to integrators."""

from __future__ import annotations

import json
import re
from typing import Any, cast

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from photoseek.flow import compat

compat.apply()

from photoseek.flow.endpoints import endpoints_router  # noqa: E402
from photoseek.flow.jina_gateway import ENDPOINTS  # noqa: E402
from photoseek.gateway.app import create_app  # noqa: E402
from photoseek.gateway.openapi_document import PROBLEMS  # noqa: E402
from photoseek.gateway.service import Service  # noqa: E402
from photoseek.settings import OFF, load_settings  # noqa: E402
from tests.support.gateway_app import Index  # noqa: E402


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = create_app(cast(Service, Index(parts_up=True)), load_settings(uploads=OFF))
    app.include_router(endpoints_router(None, ENDPOINTS))
    return app.openapi()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_names_of_operations_are_words_of_their_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z]+([A-Z][a-z]+)*", name) for name in names), names


def test_the_library_stands_before_the_endpoints_of_jina(document: dict[str, Any]) -> None:
    are_jinas = ["jina" in operation["tags"] for _, _, operation in operations(document)]
    assert are_jinas == sorted(are_jinas)
    schemas = list(document["components"]["schemas"])
    assert schemas.index("Written") < schemas.index("JinaSearchRequest")
    assert all(place > schemas.index("Problem") for place in map(schemas.index, ("QueryDoc",)))


def test_groups_without_operations_are_not_shown(document: dict[str, Any]) -> None:
    assert "jina" in {tag["name"] for tag in document["tags"]}
    alone = create_app(cast(Service, Index(parts_up=True)), load_settings(uploads=OFF)).openapi()
    names = {tag["name"] for tag in alone["tags"]}
    assert {"search", "photos", "service"} <= names
    assert "jina" not in names


def test_no_name_of_an_older_version_is_shown(document: dict[str, Any]) -> None:
    assert "/blobs" in document["paths"]
    assert "/kept" not in document["paths"]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("get", "/api/search", {"401", "422", "429", "503", "504"}),
        ("get", "/api/photos/{photo_id}", {"401", "404", "422", "429", "503", "504"}),
        ("post", "/api/photos", {"401", "403", "409", "413", "422", "429", "503", "504"}),
        ("get", "/healthz", set()),
        ("get", "/readyz", {"503"}),
    ],
)
def test_errors_are_told_by_status(
    document: dict[str, Any], method: str, path: str, expected: set[str]
) -> None:
    answers = document["paths"][path][method]["responses"]
    assert {status for status in answers if status[0] in "45"} == expected
    assert "default" in answers


def test_everything_that_is_pointed_at_is_there(document: dict[str, Any]) -> None:
    for kind, name in re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(document)):
        assert name in document["components"][kind]
    for status in PROBLEMS:
        answer = document["components"]["responses"][f"Problem{status}"]
        assert list(answer["content"]) == ["application/problem+json"]


def test_it_is_a_document_as_the_specification_has_it(document: dict[str, Any]) -> None:
    """Defaults too: programs that make clients of it stop where one is not of its own form."""
    found = [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()]
    assert found == []


def test_no_member_of_a_request_has_an_object_with_members_as_default(
    document: dict[str, Any],
) -> None:
    """A program that makes clients of it left /api/search out for one."""
    schemas = document["components"]["schemas"].items()
    members = [(name, *each) for name, it in schemas for each in it.get("properties", {}).items()]
    defaults = {f"{name}.{member}": told.get("default") for name, member, told in members}
    assert {name for name, given in defaults.items() if isinstance(given, dict) and given} == set()


def test_no_form_has_the_name_of_a_clients_own(document: dict[str, Any]) -> None:
    """A client in Go has a type SearchResponse for the operation `search`, and another one of that
    name would keep it from compiling.
    """
    names = {operation["operationId"].lower() for _, _, operation in operations(document)}
    taken = {f"{name}response" for name in names}
    assert {name for name in document["components"]["schemas"] if name.lower() in taken} == set()


def test_files_are_told_so_that_clients_send_files(document: dict[str, Any]) -> None:
    for name in ("Body_addPhoto", "Body_searchByPicture"):
        assert document["components"]["schemas"][name]["properties"]["file"]["format"] == "binary"


def test_what_is_no_json_has_a_form(document: dict[str, Any]) -> None:
    binary = {"type": "string", "format": "binary"}
    forms = {
        kind: told.get("schema")
        for _, _, operation in operations(document)
        for answer in operation["responses"].values()
        for kind, told in answer.get("content", {}).items()
    }
    assert forms["image/jpeg"] == forms["image/*"] == forms["application/zip"] == binary
    assert forms["text/plain"] == {"type": "string"}
    assert None not in forms.values()


def test_pictures_are_pictures(document: dict[str, Any]) -> None:
    thumbnail = document["paths"]["/api/photos/{photo_id}/thumbnail"]["get"]
    assert list(thumbnail["responses"]["200"]["content"]) == ["image/jpeg"]
