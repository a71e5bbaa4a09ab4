"""What is wrong with a request, in words, by the path of the member that is wrong."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from photoseek.settings.form_errors import what_to_give

MAX_NAMED = 5
"""How many wrong members the sentence names."""

NO_FILE = (
    "Send the picture as multipart/form-data, as a field named file that has a file name, as "
    "curl -F file=@photo.jpg does"
)

NO_JSON = "Send an object in JSON with Content-Type: application/json, as curl --json does"

WRONG_FORMS = {
    *("list_type", "sequence_str", "is_instance_of", "dict_type", "model_type"),
    *("model_attributes_type", "string_type"),
}


@dataclass(frozen=True, slots=True)
class BrokenLimit:
    """A wrong member of a request ("data[0].text", or "body" for all of it), and the reason."""

    path: str
    message: str


def broken_limits(
    errors: Iterable[Mapping[str, Any]], body: Any, known: Collection[str] = ()
) -> list[BrokenLimit]:
    """What pydantic found; of a body that may have several forms, only of the one it has.

    `known` are names of members that may have been meant by others.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for error in errors:
        found.setdefault(_path(error, body), []).append(error)
    limits: list[BrokenLimit] = []
    for path, all_of_it in found.items():
        told = [each for each in all_of_it if each["type"] not in WRONG_FORMS]
        if not told and not _wrong_inside(path, found):
            told = [_either_form(all_of_it)] if len(all_of_it) > 1 else all_of_it
        limits += (BrokenLimit(path or "body", _message(path, each, known)) for each in told)
    return list(dict.fromkeys(limits))


def _either_form(errors: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """One error for what has none of the forms that would do."""
    forms = list(dict.fromkeys(what_to_give(each) for each in errors))
    others = (form.removeprefix("Give ") for form in forms[1:])
    return {**errors[0], "type": "no_form", "msg": " or ".join([forms[0], *others])}


def sentence(limits: Sequence[BrokenLimit]) -> str:
    """The broken limits in one line."""
    named = "; ".join(f"{limit.path}: {limit.message}" for limit in limits[:MAX_NAMED])
    more = len(limits) - MAX_NAMED
    return f"{named}; and {more} more" if more > 0 else named


def _wrong_inside(path: str, paths: Iterable[str]) -> bool:
    """True when something inside of `path` is wrong too: then `path` itself has a right form."""
    inside = (f"{path}.", f"{path}[") if path else ""
    return any(other != path and other.startswith(inside) for other in paths)


def _path(error: Mapping[str, Any], body: Any) -> str:
    """Where the error is, without the names of the forms that pydantic tried.

    Those names are no members of what was sent, which is how they are told apart.
    """
    place, *parts = error["loc"]
    if place != "body":
        return ".".join(map(str, parts))
    path, value = "", body
    for part in parts:
        if isinstance(value, Mapping) and part in value:
            path, value = f"{path}.{part}", value[part]
        elif isinstance(value, list) and isinstance(part, int):
            path, value = f"{path}[{part}]", value[part]
    if error["type"] == "missing" and parts:
        path = f"{path}.{parts[-1]}"
    return path.removeprefix(".")


def _unknown(name: str, known: Collection[str]) -> str:
    """What to say of a member or parameter that nobody knows."""
    near = get_close_matches(name[:60], set(known) - {name}, n=1)  # it may be known elsewhere
    return f"There is nothing of that name here{f'. Did you mean {near[0]}?' if near else ''}"


def _message(path: str, error: Mapping[str, Any], known: Collection[str]) -> str:
    if error["type"] == "json_invalid":
        reason = error.get("ctx", {}).get("error", "it breaks off")
        place = error["loc"][-1]
        return f"It is no JSON: {reason}" + (f" (character {place})" if place != "body" else "")
    if error["type"] == "extra_forbidden":
        return _unknown(str(error["loc"][-1]), known)
    if path == "file" and (error["type"] == "missing" or "UploadFile" in str(error["msg"])):
        return NO_FILE
    if not path and error["type"] == "model_attributes_type":
        return NO_JSON
    message = what_to_give(error)
    given = error.get("input")
    short = isinstance(given, int | float) or (isinstance(given, str) and 0 < len(given) <= 80)
    if error["type"] == "missing" or not short or path == "key":
        return message
    return f"{message}; it is {given!r}"
