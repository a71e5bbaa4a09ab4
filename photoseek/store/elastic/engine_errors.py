"""What goes wrong between photoseek and an engine, in words."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from functools import partial
from typing import Any

from photoseek.store import failures
from photoseek.store.failures import Cause, plain_cause

_FULL = ("flood-stage", "disk usage exceeded", "read-only-allow-delete")


class EngineError(RuntimeError):
    """The engine refuses, or does not answer; `unreachable` is a sentence where that is so."""

    def __init__(self, detail: str, *, unreachable: str = "", status: int = 0) -> None:
        super().__init__(detail)
        self.unreachable = unreachable
        self.status = status


def refusal(product: str, host: str, status: int, answer: Any) -> EngineError:
    """The error for an answer with that status, whose body is JSON or a text."""
    said = _reason(answer)
    if status == 401:
        sentence = (
            f"{product} at {host} does not accept the key or password. Set "
            "PHOTOSEEK_ENGINE_API_KEY, or PHOTOSEEK_ENGINE_USER and PHOTOSEEK_ENGINE_PASSWORD."
        )
        return EngineError(said, unreachable=sentence, status=status)
    if status == 403 and "security_exception" in said:
        sentence = (
            f"{product} at {host} does not allow this ({said[:300]}). Give the key or user the "
            "rights to read, write and create this index."
        )
        return EngineError(said, unreachable=sentence, status=status)
    if status in (429, 502, 503, 504):
        sentence = f"{product} at {host} is too busy ({status}: {said[:300]}). Try again later."
        return EngineError(said, unreachable=sentence, status=status)
    return EngineError(f"{product} answers {status}: {said[:500]}", status=status)


def unanswered(product: str, hosts: tuple[str, ...], error: Exception) -> EngineError:
    """The error where no node answers."""
    reason = str(error).rstrip(". ") or type(error).__name__
    sentence = (
        f"{product} does not answer at {', '.join(hosts)} ({reason[:300]}). "
        "Start it, or check the address and the network."
    )
    return EngineError(reason, unreachable=sentence)


def cause_of(error: Exception) -> Cause:
    """The cause of an error of an engine, the system or a place for files."""
    if not isinstance(error, EngineError):
        return plain_cause(error)
    detail = str(error)
    number = errno.ENOSPC if any(word in detail for word in _FULL) else 0
    return Cause(number, detail.rstrip(". "), error.unreachable)


reading = partial(failures.reading, cause_of=cause_of)
"""`failures.reading` for what engines raise."""

writing = partial(failures.writing, cause_of=cause_of)
"""`failures.writing` for what engines raise."""


def _reason(answer: Any) -> str:
    """What an answer gives as the reason, its innermost causes last."""
    about = answer.get("error", answer) if isinstance(answer, Mapping) else answer
    if not isinstance(about, Mapping):
        return str(about)[:500]
    causes = [about, *about.get("root_cause", ())[:1]]
    while isinstance(inner := causes[-1].get("caused_by"), Mapping):
        causes.append(inner)
    said = (f"{each.get('type')}: {each.get('reason')}" for each in causes)
    return "; ".join(dict.fromkeys(said))
