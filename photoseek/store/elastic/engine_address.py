"""Where an index in Elasticsearch or OpenSearch is: the dialect, the nodes and a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from photoseek.errors import StoreError

Dialect = Literal["elastic", "opensearch"]

PRODUCTS: dict[Dialect, str] = {"elastic": "Elasticsearch", "opensearch": "OpenSearch"}
"""What people call each."""

_LOCATION = re.compile(
    r"(elastic|opensearch)\+(https?)://([^/?#\s]+)/([^/?#\s]+)/?", re.ASCII | re.IGNORECASE
)
_HOST = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}", re.ASCII)
_PORT = 9200


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """A place for one index. `hosts` are the nodes that may be asked, such as http://es1:9200."""

    dialect: Dialect
    hosts: tuple[str, ...]
    name: str

    @property
    def product(self) -> str:
        """What people call the engine."""
        return PRODUCTS[self.dialect]

    @property
    def server(self) -> str:
        """The address without the name of the index, in one spelling."""
        scheme = self.hosts[0].partition("://")[0]
        nodes = ",".join(host.partition("://")[2] for host in self.hosts)
        return f"{self.dialect}+{scheme}://{nodes}"

    @property
    def location(self) -> str:
        """The words that give this address again, in one spelling."""
        return f"{self.server}/{self.name}"


def address_of(location: str) -> EngineAddress:
    """The address that a location says: elastic+https://HOST:9200/NAME, several nodes with commas.

    Raises:
        StoreError: it says none.
    """
    found = _LOCATION.fullmatch(location)
    if not found:
        raise _no_address(location)
    if "@" in found[3]:
        raise StoreError(
            "A location of an index holds no passwords. Set PHOTOSEEK_ENGINE_USER and "
            "PHOTOSEEK_ENGINE_PASSWORD, or PHOTOSEEK_ENGINE_API_KEY, and leave them out of --index."
        )
    scheme, hosts = found[2].lower(), found[3].lower().split(",")
    if not all(map(_HOST.fullmatch, hosts)) or not _NAME.fullmatch(found[4]):
        raise _no_address(location)
    return EngineAddress(
        cast(Dialect, found[1].lower()),
        tuple(f"{scheme}://{_with_port(host, scheme)}" for host in dict.fromkeys(hosts)),
        found[4],
    )


def _with_port(host: str, scheme: str) -> str:
    return host if re.search(r":\d+$", host) else f"{host}:{443 if scheme == 'https' else _PORT}"


def _no_address(location: str) -> StoreError:
    return StoreError(
        "An index in Elasticsearch or OpenSearch is at such as elastic+https://HOST:9200/photos or "
        "opensearch+http://HOST1:9200,HOST2:9200/photos, with a name of small letters, digits, "
        f"dots and dashes; got {location[:200]}"
    )
