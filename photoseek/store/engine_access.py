"""How photoseek and the server of an engine know each other, whichever engine it is."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from pydantic import SecretStr

from photoseek.errors import SettingsError, StoreVersionError
from photoseek.settings import EngineSettings

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """An API key or token, or else a user; `ca` is a file of certificates."""

    api_key: str = ""
    user: str = ""
    password: str = ""
    ca: str = ""


ANYONE = Access()
"""For a server that asks nobody who they are."""


def access_of(settings: EngineSettings) -> Access:
    """What the settings say."""
    return Access(
        api_key=_told(settings.engine_api_key),
        user=settings.engine_user or "",
        password=_told(settings.engine_password),
        ca=settings.engine_ca or "",
    )


def trusted(ca: str) -> ssl.SSLContext | bool:
    """What checks the certificate of a server: True stands for all that this machine trusts.

    Raises:
        SettingsError: the file of certificates cannot be read.
    """
    if not ca:
        return True
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"PHOTOSEEK_ENGINE_CA is {ca!r}, and certificates cannot be read there ({error}). "
            "Name a file of PEM certificates."
        ) from error


def check_version(server: str, found: Version, oldest: Version) -> None:
    """Refuse a server that lacks what is needed.

    Raises:
        StoreVersionError: it is older than the oldest one that will do.
    """
    if found < oldest:
        said, needed = (".".join(map(str, version)) for version in (found, oldest))
        raise StoreVersionError(
            f"{server} has version {said}; photoseek needs {needed} or later. Upgrade it, or "
            "choose another --index."
        )


def _told(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
