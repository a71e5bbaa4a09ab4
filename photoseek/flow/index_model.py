"""Which model the index has by now: the indexer tells the gateway, and that tells the encoder.

It travels in the parameters of requests, which the gateway takes from what clients send.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from photoseek.records import ModelIdentity

_MODEL = "index_model"
_SECOND = "is_second"


def told_model(model: ModelIdentity) -> str:
    """A model as a text, without its tokenizer: an index has none, and parts of an earlier version
    take three members.
    """
    return json.dumps([model.name, model.fingerprint, model.dimensions])


def parameters_of(index_model: str, *, is_second: bool) -> dict[str, Any]:
    """What goes along with a request. The second time it is answered, whatever model it takes."""
    return {_MODEL: index_model, _SECOND: is_second} if index_model else {}


def model_told(parameters: Mapping[str, Any] | None) -> ModelIdentity | None:
    """The model of the index, where it is another one than the encoder began with."""
    return model_in(str((parameters or {}).get(_MODEL, "")))


def model_in(told: str) -> ModelIdentity | None:
    """The model that a text tells; None where it tells none."""
    if not told:
        return None
    name, fingerprint, dimensions = json.loads(told)
    return ModelIdentity(str(name), str(fingerprint), int(dimensions))


def is_second(parameters: Mapping[str, Any] | None) -> bool:
    """Whether a request was made before, with the model that the index had then."""
    return bool((parameters or {}).get(_SECOND))
