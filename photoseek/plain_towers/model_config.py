"""Whether the configuration of a model makes sense, before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

MOST_PIXELS = 4096
"""The longest side of pictures that a model may want."""

_MOST = 1 << 24
_Test = Callable[[Any], bool]


def check_config(config: Any) -> None:
    """Look at what OpenCLIP calls `model_cfg`.

    Raises:
        ValueError: something in it is missing or makes no sense, as it says.
    """
    model = _members(config, "model_cfg")
    vision = _members(model.get("vision_cfg"), "vision_cfg")
    check_text_config(model.get("text_cfg"))
    _want(model, "embed_dim", _is_count, "a whole number above 0", needed=True)
    _want(model, "quick_gelu", lambda value: isinstance(value, bool | None), "true or false")
    _want(vision, "image_size", _is_size, f"one or two whole numbers from 1 to {MOST_PIXELS}")
    _want(vision, "patch_size", _is_counts, "a whole number above 0", may_be_null=True)
    _want(vision, "layers", _is_counts, "a whole number above 0, or some of them")
    for name in ("width", "head_width"):
        _want(vision, name, _is_count, "a whole number above 0")


def check_text_config(config: Any) -> None:
    """Look at what OpenCLIP calls `text_cfg`.

    Raises:
        ValueError: something in it makes no sense, as it says.
    """
    text = _members(config, "text_cfg")
    for name in ("context_length", "vocab_size", "width", "heads", "layers"):
        _want(text, name, _is_count, "a whole number above 0")
    _want(text, "tokenizer_kwargs", _is_object, "a JSON object", may_be_null=True)
    if "width" in text and text["width"] % text.get("heads", 1):
        raise ValueError(f"width is {text['width']}, which {text['heads']} heads cannot share")


def _members(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is missing" if value is None else f"{name} is no JSON object")
    return value


def _want(
    members: Mapping[str, Any],
    name: str,
    test: _Test,
    wanted: str,
    *,
    needed: bool = False,
    may_be_null: bool = False,
) -> None:
    if name not in members and needed:
        raise ValueError(f"{name} is missing")
    value = members.get(name)
    if name in members and not test(value) and not (may_be_null and value is None):
        raise ValueError(f"{name} is {value!r}, and not {wanted}")


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 < value <= _MOST


def _is_counts(value: Any) -> bool:
    return all(map(_is_count, value)) if isinstance(value, list | tuple) else _is_count(value)


def _is_size(value: Any) -> bool:
    sides = value if isinstance(value, list | tuple) else [value]
    return len(sides) in (1, 2) and all(_is_count(side) and side <= MOST_PIXELS for side in sides)
