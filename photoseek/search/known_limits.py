"""The limits of confidence that an index has learnt, noted beside it.

They are part of what is noted of an index (`photoseek.store.run_state`), a small file for each
model: `limits/<model>.json`. So an index that is switched to another model, and back, has those of
the model that it is of, and one without a note has the usual ones.
"""

from __future__ import annotations

import json
import logging
import time

from photoseek.errors import PhotoseekError
from photoseek.helpers.idset import key_of
from photoseek.helpers.program import command
from photoseek.identity import text_key
from photoseek.records import ModelIdentity
from photoseek.search.limits import USUAL, Limits
from photoseek.store.beside import LIMITS
from photoseek.store.failures import writing
from photoseek.store.run_state import run_state, state_place

LOOK_AGAIN_SECONDS = 60.0
"""How long limits that were read are taken to be those that are noted."""

_LARGEST = 1_000.0

_log = logging.getLogger(__name__)


def note_limits(index: str, model: ModelIdentity, limits: Limits, state: str | None = None) -> None:
    """Let searches of an index go by these limits; who serves it follows within a minute.

    `index` is a location, `state` as `run_state` takes it.

    Raises:
        StoreError: they cannot be written.
    """
    told = {"model": model.name, "low": limits.low, "high": limits.high}
    if model.tokenizer:
        told["tokenizer"] = model.tokenizer
    with writing(index):
        place = run_state(index, state)
        place.prepare()
        place.write(_name(model), json.dumps(told).encode(), "application/json")


class KnownLimits:
    """The limits of an index, looked at again after a minute. Safe in threads."""

    def __init__(self, index: str, state: str | None = None) -> None:
        """As `note_limits` takes them; nothing is touched yet."""
        self._index = index
        self._state = state
        self._known: tuple[float, ModelIdentity, Limits] | None = None

    def of(self, model: ModelIdentity) -> Limits:
        """Those for the vectors of a model; the usual ones where none can be read."""
        known, now = self._known, time.monotonic()
        is_other = known is None or text_key(known[1]) != text_key(model)
        if known is None or is_other or now - known[0] > LOOK_AGAIN_SECONDS:
            known = self._known = now, model, self._read(model)
        return known[2]

    def _read(self, model: ModelIdentity) -> Limits:
        try:
            data = state_place(self._index, self._state).read(_name(model))
            return USUAL if data is None else _limits(data, model.tokenizer)
        except (PhotoseekError, OSError, ValueError, LookupError, TypeError) as error:
            _log.warning(
                "Confidence goes by the usual limits: %s cannot be read (%s)", LIMITS, error
            )
            return USUAL


def _name(model: ModelIdentity) -> str:
    return f"{LIMITS}/{key_of(json.dumps([model.name, model.fingerprint])):016x}.json"


def _limits(data: bytes, tokenizer: str) -> Limits:
    told = json.loads(data)
    if tokenizer and told.get("tokenizer", tokenizer) != tokenizer:
        _log.warning(
            "Confidence goes by the usual limits: those of this index were learnt when its model "
            "had another tokenizer. Learn them again: %s --calibrate",
            command("evaluate"),
        )
        return USUAL
    low, high = float(told["low"]), float(told["high"])
    if not 0 <= low <= high <= _LARGEST:
        raise ValueError(f"the limits {low} and {high} make no sense")
    return Limits(low, high)
