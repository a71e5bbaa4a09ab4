"""Which of the two kinds of shared state the settings ask for, and the client of Redis."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from photoseek.errors import SettingsError
from photoseek.helpers.extras import check_extra
from photoseek.settings import RedisPlace, SharingSettings, redis_place
from photoseek.sharing.memory_state import MemoryState
from photoseek.sharing.shared_state import SharedState

if TYPE_CHECKING:
    from redis.asyncio import Redis


def shared_state(settings: SharingSettings) -> SharedState:
    """What the settings ask for: in Redis, or in the memory of this process.

    Nothing is connected yet.

    Raises:
        MissingPackageError: the package for Redis is not installed.
        SettingsError: the file of certificates cannot be used.
    """
    if settings.redis is None:
        return MemoryState()
    check_extra("redis")
    from photoseek.sharing.redis_state import RedisState

    return RedisState(redis_client(settings), settings.redis_prefix)


def redis_client(settings: SharingSettings) -> Redis:
    """The client, which connects when it is first used and tries nothing twice.

    It waits as long as it is let: whoever uses it sets the time.

    Raises:
        SettingsError: the file of certificates cannot be used.
    """
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    place = place_of(settings)
    where = (
        {"unix_socket_path": place.path}
        if place.path
        else {"host": place.host, "port": place.port, "ssl": place.tls}
    )
    if place.tls and settings.redis_ca:
        where["ssl_ca_certs"] = _checked(settings.redis_ca)
    return Redis(
        **where,
        db=place.database,
        username=place.user,
        password=place.password,
        socket_timeout=None,
        socket_connect_timeout=None,
        retry=Retry(NoBackoff(), 0),
        protocol=2,  # which every version speaks
        driver_info=None,  # two more questions for each connection
    )


def place_of(settings: SharingSettings) -> RedisPlace:
    """Where the Redis of the settings is; there must be one."""
    assert settings.redis is not None
    return redis_place(settings.redis.get_secret_value())


def _checked(file: str) -> str:
    try:
        ssl.create_default_context(cafile=file)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"PHOTOSEEK_REDIS_CA is {file!r}, which cannot be read as certificates: {error}."
        ) from error
    return file
