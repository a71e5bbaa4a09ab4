"""The embedding of a picture as URL-safe text, so that a link can hold a search by picture."""

from __future__ import annotations

import base64
import binascii
import hashlib

import numpy as np

from photoseek.errors import QueryError
from photoseek.identity import MISTAKEN
from photoseek.records import ModelIdentity, Vector

_MARK = 4  # bytes of a token that tell the model


def to_token(vector: Vector, model: ModelIdentity) -> str:
    """An embedding as URL-safe text, a byte for each dimension; cosine to itself about 0.9999."""
    scaled = np.rint(vector * (127 / np.abs(vector).max())).astype(np.int8)
    mark = _marks(model)[0]
    return base64.urlsafe_b64encode(mark + scaled.tobytes()).decode().rstrip("=")


def from_token(token: str, model: ModelIdentity) -> Vector:
    """The unit vector that `to_token` wrote down with the same model.

    Raises:
        QueryError: it is no such text, or another model made it.
    """
    try:
        padded = token + "=" * (-len(token) % 4)
        data = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _no_token("it is not base64") from error
    if len(data) != _MARK + model.dimensions or data[:_MARK] not in _marks(model):
        raise _no_token(f"it was not made with the model {model.name}")
    vector = np.frombuffer(data, np.int8, offset=_MARK).astype(np.float32)
    length = float(np.linalg.norm(vector))
    if not length:
        raise _no_token("it is empty")
    unit: Vector = vector / np.float32(length)
    return unit


def _marks(model: ModelIdentity) -> list[bytes]:
    """What tells the model in a token: the mark of today, and in links that an older photoseek made
    with the same vectors the one that it had.
    """
    today = hashlib.blake2b(model.fingerprint.encode(), digest_size=_MARK).digest()
    before = model.fingerprint.encode()[:_MARK].ljust(_MARK)
    return [today] if model.name in MISTAKEN else [today, before]


def _no_token(reason: str) -> QueryError:
    return QueryError(
        f"The vector in the query cannot be used: {reason}. Search with the picture again."
    )
