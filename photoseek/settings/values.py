"""What a part of the settings is, what a value may be, and what a setting says of itself."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr
from pydantic_settings import NoDecode

PartOfFlow = Literal["gateway", "encoder", "indexer"]

PHOTOS = "photos"
DOWNLOAD = "download"
SERVING = "serving"
EVERYWHERE = "everywhere"
"""Headings below which `--help` lists the options."""


class Part(BaseModel):
    """Some of the settings."""

    model_config = ConfigDict(frozen=True, defer_build=True)  # all of them are built together


@dataclass(frozen=True)
class Secret:
    """Marks a setting that is shown to nobody and handed to no other process.

    The parts of a Flow that it is `of` get it all the same, through pipes, and no other part.
    """

    of: tuple[PartOfFlow, ...] = ()


@dataclass(frozen=True)
class Option:
    """Marks a setting that is an option of the command line as well.

    Its name, its choices and what it takes follow from the setting. `group` is the heading below
    which `--help` lists it; without `help` that says the default.
    """

    group: str
    help: str = ""
    metavar: str | None = None


def is_this_machine(host: str) -> bool:
    """Whether a name or an address stands for this machine, whoever uses it."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _names(given: object) -> object:
    if not isinstance(given, str):
        return given
    if not given.lstrip().startswith("["):
        return tuple(name for each in given.split(",") if (name := each.strip()))
    try:
        return tuple(json.loads(given))
    except (ValueError, RecursionError):
        raise ValueError("Write names with commas between, or a JSON list") from None


def _plausible(key: SecretStr) -> SecretStr:
    text = key.get_secret_value().strip()
    if not re.fullmatch(r"[!-~]{1,500}", text):
        raise ValueError("A key has printable ASCII characters and no spaces")
    return SecretStr(text)


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


Key = Annotated[SecretStr, AfterValidator(_plausible)]
"""A key of the user for a service of others."""

LongKey = Annotated[Key, AfterValidator(_long)]
"""A key that photoseek itself asks for, and that nobody shall guess."""

Address = Annotated[str, AfterValidator(_address)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Origin = Annotated[str, AfterValidator(_origin)]
HostName = Annotated[str, AfterValidator(_host)]
Network = Annotated[str, AfterValidator(_network)]

Names = Annotated[tuple[str, ...] | None, NoDecode, BeforeValidator(_names)]
"""Names with commas between them, or as a JSON list; None where nothing is said."""
