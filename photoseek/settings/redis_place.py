"""Where a Redis is, as a URL says it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

HOW = (
    "Write redis://HOST:PORT/DATABASE, rediss:// for TLS, or unix:///PATH of a socket. A user and "
    "a password stand before the host, as in redis://USER:PASSWORD@HOST, with %40 for @, %2F for /"
)

PORT = 6379


@dataclass(frozen=True, slots=True)
class RedisPlace:
    """One database of a Redis, on a host or behind the socket at `path`."""

    host: str = ""
    port: int = PORT
    path: str = ""
    database: int = 0
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False

    def __str__(self) -> str:
        """As a URL without user and password."""
        if self.path:
            return f"unix://{self.path}?db={self.database}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"redis{'s' if self.tls else ''}://{host}:{self.port}/{self.database}"


def redis_place(url: str) -> RedisPlace:
    """The place that a URL names.

    Raises:
        ValueError: it names none. The message tells nothing of the URL, which may hold a password.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:  # it would quote what stands where a port should, which may be a password
        raise ValueError(HOW) from None
    user, password = (unquote(each) if each else None for each in (parts.username, parts.password))
    if parts.scheme == "unix":
        given = re.fullmatch(r"(?:db=([0-9]{1,4}))?", parts.query)
        is_whole = parts.path.startswith("/") and not parts.hostname
    else:
        given = re.fullmatch(r"/?([0-9]{1,4})?", parts.path)
        is_whole = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and not parts.query
    if given is None or not is_whole or parts.fragment:
        raise ValueError(HOW)
    return RedisPlace(
        host=parts.hostname or "",
        port=port or PORT,
        path=unquote(parts.path) if parts.scheme == "unix" else "",
        database=int(given[1] or 0),
        user=user,
        password=password,
        tls=parts.scheme == "rediss",
    )
