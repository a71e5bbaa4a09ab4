"""All settings together, and how they are read."""

import json
import os
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, get_args

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from photoseek.errors import SettingsError
from photoseek.settings.joint_parts import GatewaySettings
from photoseek.settings.parts import DownloadSettings
from photoseek.settings.reasons import reason_of
from photoseek.settings.values import (
    EVERYWHERE,
    SERVING,
    Option,
    PartOfFlow,
    Secret,
    WebAddress,
)

PREFIX = "PHOTOSEEK_"
ENV_FILE = ".env"

_Mark = TypeVar("_Mark", Secret, Option)


class Settings(GatewaySettings, DownloadSettings, BaseSettings):
    """Build it with `load_settings`, which turns a wrong value into a SettingsError."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_file_encoding="utf-8-sig",  # some editors of Windows begin a file with a mark
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        defer_build=True,
    )

    gateway: Annotated[
        WebAddress | None,
        Option(
            EVERYWHERE,
            help="the gateway to use, such as http://photos.example:8080 (default: the one on "
            "--http-port where it serves the same index, or else none)",
            metavar="URL",
        ),
    ] = Field(
        None,
        description="URL of the gateway that index, query, status and delete use. By default the "
        "one on PHOTOSEEK_HTTP_PORT, where it serves the same index.",
    )
    in_process: Annotated[
        bool, Option(SERVING, help="in one process: ready sooner, without gRPC")
    ] = Field(
        False,
        description="Whether serve answers in one process. It is ready sooner and takes less "
        "memory; the Flow of several processes answers over gRPC too, and goes on when a photo "
        "kills its encoder.",
    )
    open: Annotated[
        bool, Option(SERVING, help="open the page in the browser (default), or not")
    ] = Field(
        True,
        description="Whether serve opens the page in the browser, where a person starts it at a "
        "terminal of a machine with a screen.",
    )

    def to_environment(self) -> dict[str, str]:
        """These settings as environment variables for child processes; all but the secrets."""
        values = json.loads(self.model_dump_json(exclude_none=True, exclude=set(SECRETS)))
        return {
            variable(name): value if isinstance(value, str) else json.dumps(value)
            for name, value in values.items()
        }


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def _marked(kind: type[_Mark]) -> dict[str, _Mark]:
    """The settings that a mark of this kind stands at."""
    fields = Settings.model_fields.items()
    return {name: mark for name, f in fields for mark in f.metadata if isinstance(mark, kind)}


SECRETS = tuple(_marked(Secret))
"""Settings that are for the process that reads them."""

SECRETS_OF: Mapping[PartOfFlow, tuple[str, ...]] = {
    part: tuple(name for name, secret in _marked(Secret).items() if part in secret.of)
    for part in get_args(PartOfFlow)
}
"""Secrets that the parts of a Flow are handed: the gateway asks for the key and tells Unsplash of
downloads, gateway and encoder share with others in Redis, and the indexer proves to the engine of
the index who it is."""

OPTIONS = _marked(Option)
"""Settings that are options of the command line."""


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for a process that has no business with the user's keys."""
    names = set(map(variable, SECRETS))
    return {name: value for name, value in environment.items() if name.upper() not in names}


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment and `.env`, with the command line's values on top.

    Values of None in `overrides` count as not given.

    Raises:
        SettingsError: naming the variable, the value that it has and what is allowed.
    """
    given: dict[str, Any] = {k: value for k, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        told = (_sentence(each, given) for each in error.errors())
        raise SettingsError("\n".join(told)) from None
    except (UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{ENV_FILE} is no text that can be read: {error}") from error
    except ValueError as error:  # a value that should be JSON and is not, or a broken .env
        raise SettingsError(f"A setting cannot be read: {error}") from error
    _check_names()
    return settings


def _sentence(error: object, overrides: Mapping[str, object]) -> str:
    assert isinstance(error, dict)
    field = str(error["loc"][0])
    known = Settings.model_fields[field]
    reason, meaning = reason_of(error, known), known.description
    given = "set to something else" if field in SECRETS else repr(error["input"])
    by_option = field in overrides and field in OPTIONS
    option = f" (--{field.replace('_', '-')})" if by_option else ""
    return f"{variable(field)}{option} is {given}. {reason} It means: {meaning}"


def _check_names() -> None:
    """Refuse a misspelt variable, which would otherwise be ignored in silence."""
    known = set(map(variable, Settings.model_fields))
    given = (k for k, value in os.environ.items() if value and k.startswith(PREFIX))
    unknown = sorted(k for k in given if k.upper() not in known)
    if unknown:
        raise SettingsError(
            f"{unknown[0]} is no setting of photoseek. Known settings: {', '.join(sorted(known))}."
        )
