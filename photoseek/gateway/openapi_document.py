"""The OpenAPI document as integrators read it: names that stay, and which errors may come."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from photoseek.gateway.problems import MEDIA_TYPE
from photoseek.gateway.route_policy import is_of_this_machine, is_private

PROBLEM_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "examples": ["Not Found"]},
        "status": {"type": "integer", "examples": [404]},
        "detail": {"type": "string", "description": "What is wrong and how to mend it."},
        "instance": {"type": "string", "examples": ["/api/photos/ab12"]},
        "errors": {
            "type": "array",
            "description": "The members of the request that are wrong.",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "id": {"type": "string", "description": "The photo that has these bytes already."},
    },
}

PROBLEMS = {
    401: "The key is missing or wrong.",
    403: "This is not for whoever asks: another site's page, another machine, or it is off here.",
    404: "No photo has this id, or it has no such picture.",
    409: "The index holds this photo already, or was made with another model.",
    413: "It is too large, or asks for too much at once.",
    422: "Something in the request makes no sense; `errors` names the members.",
    429: "This client has asked for too much in a minute; `Retry-After` says when to go on.",
    503: "A part is down or the index cannot be used. Try again in a moment.",
    504: "The answer did not come in time. Try again in a moment.",
}
"""What is meant by each status of an error, in all answers."""

_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')
_OTHERS = "jina"
"""The tag of what stands behind everything else."""


def with_problems(openapi: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """A document with problem documents as the answers to errors, instead of FastAPI's own form."""

    def document() -> dict[str, Any]:
        made = openapi()
        components = made.setdefault("components", {})
        if "Problem" in components.get("schemas", {}):
            return made  # FastAPI keeps what it has made
        components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        components["responses"] = {
            name: {
                "description": description,
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for name, description in _responses()
        }
        components["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        made["security"] = [{}, {"bearer": []}, {"header": []}]
        for method, path, operation in _operations(made):
            answers = operation["responses"]
            answers.pop("422", None)
            for status in _problems_of(method.upper(), path, operation):
                answers[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
            answers["default"] = {"$ref": "#/components/responses/Problem"}
            _tell_bytes(answers)
        for name in ("HTTPValidationError", "ValidationError"):
            components["schemas"].pop(name, None)
        for schema in components["schemas"].values():
            _tell_files(schema.get("properties", {}))
        components["schemas"] = _ours_first(made)
        used = {tag for _, _, operation in _operations(made) for tag in operation.get("tags", ())}
        made["tags"] = [tag for tag in made["tags"] if tag["name"] in used]
        return made

    return document


def _tell_bytes(answers: dict[str, Any]) -> None:
    """Say of answers that are no JSON what a client has to make of them."""
    for answer in answers.values():
        for media_type, told in answer.get("content", {}).items():
            if not told:
                told["schema"] = {"type": "string"}
                if not media_type.startswith("text/"):
                    told["schema"]["format"] = "binary"


def _tell_files(members: dict[str, Any]) -> None:
    """Say of the files of a form that they are some in the words of OpenAPI 3.0 too.

    Most programs that make clients know no others, and their clients would send a text.
    """
    for member in members.values():
        if member.get("contentMediaType") == "application/octet-stream":
            member["format"] = "binary"


def _responses() -> Iterator[tuple[str, str]]:
    yield from ((_name(status), description) for status, description in PROBLEMS.items())
    yield "Problem", "Any other error, in words."


def _name(status: int) -> str:
    return f"Problem{status}"


def _operations(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            yield method, path, operation


def _problems_of(method: str, path: str, operation: dict[str, Any]) -> list[int]:
    """Which errors a caller has to think of."""
    takes_body = "requestBody" in operation
    asks_index = path.startswith("/api/") and not (
        is_of_this_machine(path) or path == "/api/session"
    )
    is_jina = _OTHERS in operation.get("tags", ())
    happens = {
        401: is_private(method, path) or (path, method) == ("/api/session", "POST"),
        403: is_of_this_machine(path) or method not in ("GET", "HEAD"),
        404: "{photo_id}" in path or path in ("/api/photos/zip", "/api/clicks"),
        409: path in ("/api/photos", "/api/index/photos"),
        413: takes_body,
        422: takes_body or "parameters" in operation,
        429: is_private(method, path),
        503: asks_index or is_jina or path == "/readyz",
        504: asks_index or is_jina,
    }
    return [status for status in PROBLEMS if happens[status]]


def _ours_first(made: dict[str, Any]) -> dict[str, Any]:
    """The schemas: those of the library's own routes, and then those of the Flow's endpoints."""
    schemas: dict[str, Any] = made["components"]["schemas"]
    ours = [each for _, _, each in _operations(made) if _OTHERS not in each.get("tags", ())]
    found = {"Problem"}
    waiting = set(_REFERENCE.findall(json.dumps(ours)))
    while waiting:
        found |= waiting
        inner = json.dumps([schemas[name] for name in waiting])
        waiting = set(_REFERENCE.findall(inner)) - found
    return dict(sorted(schemas.items(), key=lambda item: item[0] not in found))
