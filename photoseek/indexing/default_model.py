"""The model of a new index, where nobody names one."""

from __future__ import annotations

from photoseek.catalogue import new_index_preset, resolved
from photoseek.helpers.machine import memory


def default_model() -> str:
    """The model that this machine's memory, or its container's, is large enough for."""
    return resolved(new_index_preset(memory().most))
