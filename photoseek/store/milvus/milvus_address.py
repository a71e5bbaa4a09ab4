"""Where an index in Milvus is: milvus://HOST:PORT/COLLECTION, or milvus+https:// with TLS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from photoseek.errors import StoreError
from photoseek.store.kinds import short

_SCHEMES = {"milvus": "http", "milvus+https": "https"}
_PORT = 19530
_COLLECTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}", re.ASCII)
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """One index. `uri` is that of the server in the words of its client."""

    server: str
    uri: str
    collection: str

    @property
    def location(self) -> str:
        """The address in our words."""
        return f"{self.server}/{self.collection}"


def address_of(location: str) -> Address:
    """The address that a location says, in its one spelling.

    Raises:
        StoreError: it makes no sense.
    """
    form = "An index in Milvus is at milvus://HOST:PORT/COLLECTION, or milvus+https:// with TLS"
    try:
        parts = urlsplit(location)
        host, port = parts.hostname or "", parts.port or _PORT
    except ValueError:
        raise StoreError(f"{form}; got {short(location)}.") from None
    if parts.username is not None or parts.password is not None:
        raise StoreError(
            f"{form}, without a user or a password, which would be shown to everybody. Put them "
            "into PHOTOSEEK_ENGINE_USER and PHOTOSEEK_ENGINE_PASSWORD."
        )
    collection = parts.path.strip("/")
    if not _HOST.fullmatch(host) or parts.query or parts.fragment:
        raise StoreError(f"{form}; got {short(location)}.")
    if not _COLLECTION.fullmatch(collection):
        raise StoreError(
            f"{form}; got {short(location)}. The name of a collection has letters, digits and "
            "underscores, and begins with no digit."
        )
    server = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    scheme = parts.scheme.lower()
    return Address(f"{scheme}://{server}", f"{_SCHEMES[scheme]}://{server}", collection)
