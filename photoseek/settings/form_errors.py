"""What to give in the place of what pydantic does not take, in our own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import AfterValidator

_WHOLE, _NUMBER, _TEXT = "Give a whole number", "Give a number", "Give a text"
_LIST, _OBJECT, _SWITCH = "Give a list", "Give an object", "Give true or false"

_WORDS = {
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), _SWITCH),
    **dict.fromkeys(("string_type", "string_sub_type", "string_unicode"), _TEXT),
    **dict.fromkeys(
        ("list_type", "tuple_type", "set_type", "sequence_str", "is_instance_of"), _LIST
    ),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), _OBJECT),
    "greater_than": "Give more than {gt}",
    "greater_than_equal": "Give {ge} or more",
    "less_than": "Give less than {lt}",
    "less_than_equal": "Give {le} at most",
    "literal_error": "Give {expected}",
    "missing": "It is missing",
}
"""By kinds of errors, with what pydantic tells of each."""

_LENGTHS = {
    "string_too_short": ("min_length", "at least", "character"),
    "string_too_long": ("max_length", "at most", "character"),
    "too_short": ("min_length", "at least", "item"),
    "too_long": ("max_length", "at most", "item"),
}


def what_to_give(error: Mapping[str, Any]) -> str:
    """What may stand there, as a sentence without its full stop."""
    kind, told = str(error["type"]), error.get("ctx", {})
    if kind in _LENGTHS:
        limit, bound, one = _LENGTHS[kind]
        text = error.get("input")
        count, given = (
            told[limit],
            len(text) if isinstance(text, str) else told.get("actual_length"),
        )
        here = f"; there are {given:,}" if given else ""
        return f"Give {count:,} {one}{'' if count == 1 else 's'} {bound}{here}"
    if kind in _WORDS:
        return _WORDS[kind].format_map({name: _plain(limit) for name, limit in told.items()})
    return str(error["msg"]).removeprefix("Value error, ")


def _plain(limit: Any) -> Any:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


def of_form(pattern: str, words: str) -> AfterValidator:
    """Takes what fits a pattern altogether, and otherwise says in these words what to give."""

    def fits(given: str) -> str:
        if not re.fullmatch(pattern, given):
            raise ValueError(words)
        return given

    return AfterValidator(fits)
