"""What to say where the weights of a model are missing, damaged, or of another shape."""

from __future__ import annotations

import pickle
from pathlib import Path

from safetensors import SafetensorError

from photoseek.errors import ModelError, WeightsError
from photoseek.plain_towers.model_files import ALTERNATIVES

BAD_WEIGHTS = (
    *(RuntimeError, OSError, ValueError, LookupError, TypeError, AttributeError, EOFError),
    *(AssertionError, ImportError, SafetensorError, pickle.UnpicklingError),
    *(ArithmeticError, MemoryError),
)
"""What OpenCLIP lets through when weights or what describes them are missing, damaged, or of
another shape."""


_NO_MEMORY = ("can't allocate memory", "Cannot allocate memory")
"""What is said of a computer that is too small, by classes that also say other things."""


_NO_HUB = ("couldn't connect", "not a valid model identifier")
"""What is said where a text tower of `transformers` is on the hub alone."""


def unusable_weights(source: str, name: str, error: Exception) -> ModelError:
    """What to raise for what OpenCLIP says of weights; `source` is what it knows the model by."""
    if isinstance(error, MemoryError) or any(said in str(error) for said in _NO_MEMORY):
        return ModelError(
            f"The model {name!r} needs more memory than is free here. End other programs, or "
            "choose a smaller model, such as --model fast."
        )
    reason = _reason(error)
    if any(said in str(error) for said in _NO_HUB):
        return WeightsError(f"What the model {name!r} needs cannot be had: {reason} {ALTERNATIVES}")
    scheme, _, rest = source.partition(":")
    place = Path(rest)
    if scheme != "hf-hub" and rest and place.exists():
        return WeightsError(
            f"The weights of the model {name!r} cannot be used: {reason} They are in {place}, and "
            "are damaged or of another architecture. Copy them once more, whole, or name the model "
            "that they belong to."
        )
    return WeightsError(f"The weights of the model {name!r} cannot be had: {reason} {ALTERNATIVES}")


def _reason(error: Exception) -> str:
    """The first line of what was said, with the first example where it is but a heading."""
    if isinstance(error, pickle.UnpicklingError):  # what torch says is to read it at all risk
        return "It is no file of weights, or one that would run a program of its own."
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = " ".join(lines[: 2 if lines and lines[0].endswith(":") else 1])
    return f"{(said or type(error).__name__).rstrip('.')}."
