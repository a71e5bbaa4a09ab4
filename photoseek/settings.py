"""Every knob of photoseek in one typed place: `PHOTOSEEK_*` in the environment or in `.env`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from photoseek.errors import SettingsError
from photoseek.records import Keep

PREFIX = "PHOTOSEEK_"
OFF = "off"
DEFAULT_MODEL = "ViT-B-32:laion2b_s34b_b79k"


def _plausible(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if not re.fullmatch(r"[!-~]{1,500}", text):
        raise ValueError("A key has printable ASCII characters and no spaces")
    return SecretStr(text)


Key = Annotated[SecretStr, AfterValidator(_plausible)]
"""A secret of the user: shown to nobody, and not handed to other processes."""


def _long(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value()) < 16:
        raise ValueError("A key of fewer than 16 characters can be guessed")
    return key


def _origin(text: str) -> str:
    if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?|https?://\[[0-9a-f:]+\](:\d+)?", text):
        raise ValueError(f"{text!r} is no origin; write one such as https://photos.example")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"\*|(\*\.)?[a-z0-9_.-]+", text):
        raise ValueError(f"{text!r} is no host name; write it in lower case and without a port")
    return text


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise ValueError(f"{error}; write such as 10.0.0.7 or 10.0.0.0/24") from error


def _address(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+:[0-9]{1,5}", text) or not 0 < _port(text) < 65_536:
        raise ValueError("Write a name or an IPv4 address and a port, such as encoder:8082")
    return text


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^/?#@\s]+(/[\w./~-]*)?", text):
        raise ValueError("Write a web address, such as http://127.0.0.1:8080")
    return text.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Origin = Annotated[str, AfterValidator(_origin)]
HostName = Annotated[str, AfterValidator(_host)]
Network = Annotated[str, AfterValidator(_network)]


def is_this_machine(host: str) -> bool:
    """Whether a name or an address stands for this machine, whoever uses it."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


REQUESTS_PER_MINUTE = 600
"""Searches and changes of one client when the gateway listens to other machines."""


class Settings(BaseSettings):
    """Build it with `load_settings`, which turns a wrong value into a SettingsError."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    index: str = Field("data/index", description="Folder or s3:// prefix that holds the index.")
    source: str = Field(
        "data/processed/photos.csv",
        description="Folder, s3:// prefix or manifest of photos to index.",
    )
    model: str | None = Field(
        None,
        description="OpenCLIP model. By default the one that the index was made with, "
        f"and {DEFAULT_MODEL} for a new index.",
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto", description="Number format of the model; auto takes what this machine is fast at."
    )
    device: str = Field("auto", description="auto, cpu, cuda or cuda:N.")
    keep: Keep | None = Field(
        None,
        description="What the index keeps of a photo's pixels. By default what it keeps already, "
        "and the thumbnail of a new photo.",
    )
    batch_size: int = Field(32, ge=1, le=512, description="Photos per request and model call.")
    batches_in_flight: int = Field(
        3,
        ge=1,
        le=64,
        description="Batches that an indexing run has under way at once; about two for each "
        "encoder, and one more.",
    )
    decode_threads: int = Field(
        0, ge=0, le=256, description="Threads that decode; 0 is one per CPU plus two."
    )
    fetch_threads: int = Field(
        32, ge=1, le=64, description="Photos fetched from the web or S3 at the same time."
    )
    max_megabytes: float = Field(64, gt=0, description="Largest photo file.")
    max_megapixels: float = Field(
        100,
        gt=0,
        description="Largest photo in millions of pixels. All photos that are decoded at the same "
        "time share 20 bytes of memory for each of these pixels.",
    )
    max_request_megabytes: float = Field(
        96, gt=0, description="Largest request body that the gateway takes."
    )
    search_seconds: float = Field(
        15,
        ge=1,
        le=3600,
        description="Time limit for a search, and for whatever else is only read from the index.",
    )
    fetch_seconds: float = Field(30, gt=0, description="Time limit for fetching one photo.")
    concurrency: int = Field(32, ge=1, le=256, description="Photos downloaded at once.")
    per_host: int = Field(8, ge=1, le=256, description="Photos downloaded at once from one server.")
    ignore_robots_tag: bool = Field(
        False, description="Download photos that X-Robots-Tag marks as noai or noindex too."
    )
    link_seconds: int = Field(
        3600, ge=1, le=604_800, description="How long links to photos in S3 can be opened."
    )
    allow_private_addresses: bool = Field(
        False, description="Fetch photos from URLs inside private networks too."
    )
    photo_roots: tuple[str, ...] | None = Field(
        None,
        description="JSON list of folders and s3:// prefixes that photos may be read and given out "
        "from. By default any while the gateway listens on loopback, else none.",
    )
    uploads: str = Field(
        "data/uploads",
        description="Folder or s3:// prefix that keeps photos handed in over HTTP, or off.",
    )
    unsplash_access_key: Key | None = Field(
        None,
        description="Your access key of the Unsplash API, for sources unsplash:QUERY and for "
        "downloads of what they found.",
    )
    pexels_api_key: Key | None = Field(
        None, description="Your key of the Pexels API, for sources pexels:QUERY."
    )
    unsplash_api: WebAddress = Field(
        "https://api.unsplash.com",
        description="Where Unsplash's API answers, which may be a proxy of your own.",
    )
    pexels_api: WebAddress = Field(
        "https://api.pexels.com",
        description="Where the Pexels API answers, which may be a proxy of your own.",
    )
    host: str = Field("127.0.0.1", description="Address that the gateway listens on.")
    published: str | None = Field(
        None,
        description="Address on which the ports of a container are published, where it listens on "
        "another one, PHOTOSEEK_HOST.",
    )
    http_port: int = Field(8080, ge=1, le=65535, description="Port for HTTP.")
    grpc_port: int = Field(8081, ge=1, le=65535, description="Port for gRPC.")
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
    parts_secret: Annotated[Key, AfterValidator(_long)] | None = Field(
        None,
        description="A secret of at least 16 characters by which a gateway, an encoder and an "
        "indexer of processes of their own know each other. By default one that follows from the "
        "key.",
    )
    parts_secret_file: str | None = Field(
        None,
        description="File with that secret, on a disk that they share; the first of them makes it.",
    )
    gateway: WebAddress | None = Field(
        None,
        description="URL of the gateway that index, query, status and delete use. By default the "
        "one on PHOTOSEEK_HTTP_PORT, where it serves the same index.",
    )

    api_key: Annotated[Key, AfterValidator(_long)] | None = Field(
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
    def loopback(self) -> bool:
        """True when only this machine can reach the gateway."""
        return is_this_machine(self.host)

    @property
    def takes_uploads(self) -> bool:
        """Whether photos can be handed in."""
        return self.uploads != OFF

    @property
    def readable_roots(self) -> tuple[str, ...] | None:
        """The folders and s3:// prefixes that photos may be read from; None means any."""
        if self.photo_roots is None and self.loopback:
            return None
        uploads = (self.uploads,) if self.takes_uploads else ()
        return (*(self.photo_roots or ()), *uploads)

    @property
    def requests_per_minute(self) -> int:
        """How many searches and changes one client may ask for in a minute; 0 is no limit."""
        if self.rate_limit is None:
            return 0 if self.loopback else REQUESTS_PER_MINUTE
        return self.rate_limit

    def to_environment(self) -> dict[str, str]:
        """These settings as environment variables for child processes; all but the secrets."""
        values = json.loads(self.model_dump_json(exclude_none=True, exclude=set(SECRETS)))
        return {
            PREFIX + name.upper(): value if isinstance(value, str) else json.dumps(value)
            for name, value in values.items()
        }


SECRETS = ("unsplash_access_key", "pexels_api_key", "api_key", "parts_secret")
"""Settings that are for the process that reads them."""

OF_THE_FLOW = ("unsplash_access_key", "api_key")
"""Those that a Flow is handed: its gateway asks for the one and tells Unsplash with the other."""


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for a process that has no business with the user's keys."""
    names = {PREFIX + name.upper() for name in SECRETS}
    return {name: value for name, value in environment.items() if name.upper() not in names}


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment and `.env`, with the command line's values on top.

    Values of None in `overrides` count as not given.

    Raises:
        SettingsError: naming the variable, the value that it has and what is allowed.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("\n".join(map(_sentence, error.errors()))) from None
    except ValueError as error:  # a value that should be JSON and is not, or a broken .env
        raise SettingsError(f"A setting cannot be read: {error}") from error
    _check_names()
    return settings


def _sentence(error: object) -> str:
    assert isinstance(error, dict)
    field = str(error["loc"][0])
    reason = str(error["msg"]).removeprefix("Value error, ")
    meaning = Settings.model_fields[field].description
    given = "set to something else" if field in SECRETS else repr(error["input"])
    return f"{PREFIX}{field.upper()} is {given}. {reason}. It means: {meaning}"


def _check_names() -> None:
    """A misspelt variable would be ignored in silence; say so instead."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    given = (k for k, value in os.environ.items() if value and k.startswith(PREFIX))
    unknown = sorted(k for k in given if k.upper() not in known)
    if unknown:
        raise SettingsError(
            f"{unknown[0]} is no setting of photoseek. Known settings: {', '.join(sorted(known))}."
        )
