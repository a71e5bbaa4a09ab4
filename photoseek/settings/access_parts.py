"""The settings of who reaches the service, and of how its parts reach one another."""

from typing import Annotated, Literal

from pydantic import Field

from photoseek.settings.values import (
    EVERYWHERE,
    Address,
    HostName,
    LongKey,
    Network,
    Option,
    Origin,
    Part,
    Secret,
    is_this_machine,
)

REQUESTS_PER_MINUTE = 600
"""Searches and changes of one client when the gateway listens to other machines."""


class HostSettings(Part):
    """Where the gateway listens."""

    host: Annotated[str, Option(EVERYWHERE, help="address to listen on (default: 127.0.0.1)")] = (
        Field("127.0.0.1", description="Address that the gateway listens on.")
    )

    @property
    def loopback(self) -> bool:
        """True when only this machine can reach the gateway."""
        return is_this_machine(self.host)


class AccessSettings(HostSettings):
    """Who reaches the gateway, and what they may do."""

    published: str | None = Field(
        None,
        description="Address on which the ports of a container are published, where it listens on "
        "another one, PHOTOSEEK_HOST.",
    )
    api_key: Annotated[LongKey | None, Secret(of=("gateway",))] = Field(
        None, description="A key that the gateway asks for, of at least 16 characters."
    )
    api_key_for: Literal["write", "all", "none"] = Field(
        "write",
        description="What needs the key: changes of the index (write), searching as well (all), or "
        "nothing (none), which opens a gateway to everyone who reaches it.",
    )
    rate_limit: int | None = Field(
        None,
        ge=0,
        description="Searches and changes, or work that takes as long, that one client may ask for "
        "in a minute; 0 is no limit. "
        f"By default none on loopback, and {REQUESTS_PER_MINUTE} when it listens to others.",
    )
    allowed_hosts: tuple[HostName, ...] | None = Field(
        None,
        description="JSON list of the names by which the gateway is reached, beside localhost, "
        'addresses and PHOTOSEEK_HOST; "*.example.org" for all below, "*" for any.',
    )
    allowed_origins: tuple[Origin, ...] | None = Field(
        None,
        description="JSON list of other web sites, such as https://photos.example, whose pages "
        "may use the API.",
    )
    trusted_proxies: tuple[Network, ...] | None = Field(
        None,
        description="JSON list of addresses and networks of proxies whose X-Forwarded-For and "
        "X-Forwarded-Proto count.",
    )

    @property
    def requests_per_minute(self) -> int:
        """The searches and changes that one client may ask for in a minute; 0 is no limit."""
        if self.rate_limit is None:
            return 0 if self.loopback else REQUESTS_PER_MINUTE
        return self.rate_limit


class PartsSettings(AccessSettings):
    """Where a gateway, an encoder and an indexer of processes of their own find each other."""

    http_port: Annotated[int, Option(EVERYWHERE, metavar="PORT")] = Field(
        8080, ge=1, le=65535, description="Port for HTTP."
    )
    grpc_port: Annotated[int, Option(EVERYWHERE, metavar="PORT")] = Field(
        8081, ge=1, le=65535, description="Port for gRPC."
    )
    encoder: Address = Field(
        "127.0.0.1:8082",
        description="HOST:PORT where a gateway of its own process finds the encoder, which listens "
        "at that port.",
    )
    indexer: Address = Field(
        "127.0.0.1:8083",
        description="HOST:PORT where a gateway of its own process finds the indexer, which listens "
        "at that port.",
    )
    parts_host: str = Field(
        "127.0.0.1",
        description="Address that an encoder or indexer of its own process listens on. Beyond "
        "loopback it needs PHOTOSEEK_PARTS_SECRET.",
    )
    parts_secret: Annotated[LongKey | None, Secret()] = Field(
        None,
        description="A secret of at least 16 characters by which a gateway, an encoder and an "
        "indexer of processes of their own know each other. By default one that follows from the "
        "key.",
    )
    parts_secret_file: str | None = Field(
        None,
        description="File with that secret, on a disk that they share; the first of them makes it.",
    )
