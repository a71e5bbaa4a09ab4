"""The connection to a Milvus server: what it can do, how long is waited for it, what it says.

A server that was there and is away is asked again for a while (`photoseek.store.patience`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from photoseek.compat.imports import bring_back
from photoseek.helpers.deadlines import CONNECT_SECONDS, is_hurried, seconds_left
from photoseek.helpers.extras import check_extra
from photoseek.store import failures
from photoseek.store.engine_access import ANYONE, Access, check_version, trusted
from photoseek.store.failures import Cause, plain_cause
from photoseek.store.milvus.milvus_address import Address
from photoseek.store.patience import PATIENCE, insist

T = TypeVar("T")

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_OLDEST = (2, 3, 2)  # the first with arrays
_WITH_BM25 = (2, 5, 0)
_WRITE_SECONDS = 120.0
_READ_SECONDS = 60.0
_SHOWN = 300

SESSION = "Session"
BOUNDED = "Bounded"
STRONG = "Strong"


class MilvusError(RuntimeError):
    """What pymilvus raised: the collection `is_gone`, it `is_forbidden`, or another thing."""

    def __init__(self, said: str, *, is_gone: bool, is_forbidden: bool = False) -> None:
        super().__init__(said)
        self.is_gone = is_gone
        self.is_forbidden = is_forbidden


class MilvusAwayError(MilvusError):
    """The server does not answer, or is not ready."""


class MilvusServer:
    """One server, reached with pymilvus. Every method raises `MilvusError`."""

    def __init__(self, address: Address, access: Access = ANYONE) -> None:
        """Connect, and ask what it can do.

        Raises:
            MissingPackageError: pymilvus is not installed.
            SettingsError: the file of certificates cannot be read.
            StoreVersionError: the server is too old.
        """
        check_extra("milvus")
        bring_back("pandas")
        from pymilvus import MilvusClient

        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it says what it raises as well
        self._address = address
        trusted(access.ca)
        more = {"server_pem_path": access.ca} if access.ca else {}
        user = f"{access.user}:{access.password}" if access.user else ""
        self.client = asked(
            lambda: MilvusClient(
                uri=address.uri,
                token=access.api_key or user,
                timeout=_within(CONNECT_SECONDS),
                **more,
            ),
            address,
        )
        self.version = str(self._asks("get_server_version", _READ_SECONDS))
        found = _VERSION.search(self.version)
        numbers = tuple(int(each or 0) for each in found.groups()) if found else _OLDEST
        check_version(f"The Milvus server at {address.uri}", numbers, _OLDEST)
        self.has_bm25 = numbers >= _WITH_BM25
        self.deletions = 1  # made over this connection, and what was before

    def reads(self, method: str, *given: Any, **named: Any) -> Any:
        """What a method of pymilvus's client gives that only reads.

        What is `given` first is a collection, unless the method takes nothing.
        """
        return self._asks(method, _READ_SECONDS, *given, **named)

    def writes(self, method: str, *given: Any, **named: Any) -> Any:
        """What a method of pymilvus's client gives that writes."""
        return self._asks(method, _WRITE_SECONDS, *given, **named)

    def _asks(self, method: str, seconds: float, *given: Any, **named: Any) -> Any:
        def ask_once() -> Any:
            ask = partial(getattr(self.client, method), *given, **named)
            try:
                return asked(partial(ask, timeout=_within(seconds)), self._address)
            except MilvusAwayError as error:
                if given and _UNLOADED.search(str(error.__cause__)):
                    self._load(given[0])
                raise

        return insist(ask_once, MilvusAwayError, PATIENCE.seconds)

    def _load(self, collection: str) -> None:
        """Have a collection taken into memory, as after a start of the server."""
        load = partial(self.client.load_collection, collection, timeout=_READ_SECONDS)
        with suppress(MilvusError):
            asked(load, self._address)


def asked(ask: Callable[[], T], address: Address) -> T:
    """What a call of pymilvus gives; what it raises becomes `MilvusError`."""
    import grpc
    from pymilvus.exceptions import MilvusException

    try:
        return ask()
    except MilvusException as error:
        raise _told(str(error.message), address) from error
    except (grpc.RpcError, ValueError) as error:
        raise _told(
            error.details() if hasattr(error, "details") else str(error), address
        ) from error


def cause_of(error: Exception) -> Cause:
    """The cause of an error that a server, the system or a place for files raised."""
    if isinstance(error, MilvusError):
        said = str(error)
        return Cause(0, said, unreachable="" if error.is_gone else said)
    return plain_cause(error)


reading = partial(failures.reading, cause_of=cause_of)
"""`failures.reading` for what Milvus raises."""

writing = partial(failures.writing, cause_of=cause_of)
"""`failures.writing` for what Milvus raises."""

_AWAY = re.compile(
    "unavailable|fail(ed)? connecting|failed to connect|connection refused|deadline exceeded|"
    "retry (run out|timeout)|illegal connection|should create connect|timed? ?out|"
    "collection not loaded|in state 'released'|not ready|no available|channel (not|is) ",
    re.IGNORECASE,
)
_UNLOADED = re.compile("collection not loaded|in state 'released'", re.IGNORECASE)
_GONE = re.compile(
    "collection not found|can't find collection|collection '[^']*' does not exist", re.IGNORECASE
)
_FORBIDDEN = re.compile("unauthenticated|auth check failure|permission denied", re.IGNORECASE)


def _told(said: str, address: Address) -> MilvusError:
    said = " ".join(said.split())
    kind = MilvusError
    if _FORBIDDEN.search(said):
        sentence = (
            f"the Milvus server at {address.uri} refuses who asks. Set PHOTOSEEK_ENGINE_API_KEY to "
            "a token that may use it, or PHOTOSEEK_ENGINE_USER and PHOTOSEEK_ENGINE_PASSWORD."
        )
    elif _AWAY.search(said):
        kind = MilvusAwayError
        sentence = (
            f"the Milvus server at {address.uri} does not answer, or is not ready yet. Start it, "
            "or look whether it can be reached, and try again."
        )
    else:
        sentence = f"the Milvus server at {address.uri} says: {said[:_SHOWN].rstrip('. ')}."
    is_gone, is_forbidden = bool(_GONE.search(said)), bool(_FORBIDDEN.search(said))
    return kind(sentence, is_gone=is_gone, is_forbidden=is_forbidden)


def _within(seconds: float) -> float:
    return max(0.1, min(seconds, seconds_left())) if is_hurried() else seconds
