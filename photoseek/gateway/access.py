"""The optional key: who may change the index, or see it at all."""

import hmac
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from photoseek.gateway.middleware.csrf import told_page
from photoseek.gateway.middleware.rate_limit import Guesses, Limiter, client_of
from photoseek.gateway.problems import Problem, refuse
from photoseek.gateway.route_policy import (
    SAFE,
    changes_index,
    is_of_this_machine,
    is_private,
)
from photoseek.guarding import REMEDY
from photoseek.settings import AccessSettings, GatewaySettings
from photoseek.sharing import SharedState, shared_state

COOKIE = "photoseek_session"
SESSION_SECONDS = 30 * 24 * 3600
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="photoseek"'}
NEEDED = "This needs the gateway's key: send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`."
WRONG = "The key is not the gateway's."

FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})
"""Headers and metadata that proxies add."""

NOT_FOR_OTHERS = (
    "This gateway has no key and so answers this machine alone, and this request came through a "
    f"proxy. {REMEDY}"
)


class Access:
    """Knows the key, and what needs it. Without a key nothing does."""

    def __init__(
        self,
        key: str | None,
        key_for: Literal["write", "all", "none"],
        now: Callable[[], float] = time.time,
        guesses: Guesses | None = None,
    ) -> None:
        """`guesses` counts wrong keys; without it everyone may guess for ever."""
        self._key = (key or "").encode()
        self._now = now
        self._guesses = guesses
        self.needed: Literal["none", "write", "all"] = key_for if key else "none"
        self._open_to_all = key_for == "none"

    @classmethod
    def of(cls, settings: AccessSettings, state: SharedState) -> "Access":
        """The access that the settings ask for."""
        key = settings.api_key
        return cls(
            key.get_secret_value() if key else None,
            settings.api_key_for,
            guesses=Guesses(settings.requests_per_minute, state),
        )

    def is_for_others(self, headers: Iterable[str]) -> bool:
        """True when a gateway that is open to this machine alone is asked through a proxy.

        The gateway sees the proxy's address, which is of this machine wherever its client is.
        """
        has_key = bool(self._key)
        return not (has_key or self._open_to_all) and not FORWARDED.isdisjoint(headers)

    def needs_key(self, method: str, path: str) -> bool:
        """True when a request needs the key. Whoever looks at folders always does."""
        if self._key and is_of_this_machine(path):
            return is_private(method, path)
        if self.needed == "all":
            return is_private(method, path)
        return self.needed == "write" and changes_index(method, path)

    async def is_key(self, given: str, client: str) -> bool:
        """Compare in a time that tells nothing of the key.

        Raises:
            Problem: the client has sent too many wrong ones: then a right one is not known either,
                or guessing could go on.
        """
        if self._guesses:
            await self._guesses.check(client)
        right = hmac.compare_digest(self._key, given.encode(errors="replace"))
        if self._guesses and not right:
            await self._guesses.count(client)
        return right

    def new_session(self) -> str:
        """What a browser keeps instead of the key. It holds until it expires or the key changes."""
        expires = str(int(self._now()) + SESSION_SECONDS)
        return f"{expires}.{self._signature(expires)}"

    def is_session(self, given: str) -> bool:
        """True for a session that this key has made and that has not expired."""
        expires, _, signature = given.partition(".")
        genuine = hmac.compare_digest(
            self._signature(expires).encode(), signature.encode(errors="replace")
        )
        return genuine and int(expires) > self._now()

    def _signature(self, expires: str) -> str:
        text = f"photoseek session until {expires}".encode(errors="replace")
        return hmac.digest(self._key, text, "sha256").hex()


@dataclass(frozen=True, slots=True)
class Guards:
    """What counts for HTTP and gRPC together: the key and its guesses, and each client's work.

    `state` is where it is counted.
    """

    access: Access
    limiter: Limiter | None
    state: SharedState

    @classmethod
    def of(cls, settings: GatewaySettings) -> "Guards":
        """Those that the settings ask for.

        Raises:
            MissingPackageError: the package for Redis is not installed.
            SettingsError: the certificates for Redis cannot be used.
        """
        state = shared_state(settings)
        return cls(Access.of(settings, state), Limiter.of(settings, state), state)


class KeyCheck:
    """ASGI middleware that answers 401 to what needs the key and comes without.

    Without a key it answers 403 to what comes through a proxy, unless that is wanted.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when it needs no key or has it."""
        if scope["type"] == "http" and is_private(scope["method"], scope["path"]):
            names = HTTPConnection(scope).headers.keys()
            if self._access.is_for_others(names):
                await refuse(Problem(403, NOT_FOR_OTHERS), scope, receive, send)
                return
        if scope["type"] == "http" and self._access.needs_key(scope["method"], scope["path"]):
            request = HTTPConnection(scope)
            try:
                await self._check(request)
            except Problem as problem:
                await refuse(problem, scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _check(self, request: HTTPConnection) -> None:
        given = _given_key(request)
        if not await self._may(request, given):
            raise Problem(401, NEEDED if given is None else WRONG, headers=CHALLENGE)

    async def _may(self, request: HTTPConnection, given: str | None) -> bool:
        if given is not None:
            return await self._access.is_key(given, client_of(request.scope))
        # A browser adds the cookie by itself, so a change must come from our own page.
        own = request.scope["method"] in SAFE or told_page(request.headers) == "own"
        return own and self._access.is_session(request.cookies.get(COOKIE, ""))


def _given_key(request: HTTPConnection) -> str | None:
    """The key in the headers; None when there is none."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return key.strip()
    return request.headers.get("x-api-key")
