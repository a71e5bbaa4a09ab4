"""How secrets reach the part of a Flow that they are for, and no other one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from photoseek.flow.environment import secrets_of_parts
from photoseek.flow.startup import SECRETS_PIPES, taken_secrets, waiting_secrets
from photoseek.settings import SECRETS_OF, PartOfFlow, load_settings, variable

PARTS: tuple[PartOfFlow, ...] = ("gateway", "encoder", "indexer")
KEYS = {
    "api_key": "the-key-of-the-gateway",
    "unsplash_access_key": "the-key-for-unsplash",
    "pexels_api_key": "the-key-for-pexels",
    "parts_secret": "the-secret-of-parts",
    "engine_api_key": "the-key-of-the-engine",
    "engine_password": "the-password-of-the-engine",
    "redis": "redis://:the-password-of-redis@redis.example:6379/0",
}


@pytest.fixture
def pipes(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """The pipes of a Flow for whose settings there are all keys, as its parts find them."""
    pipes = waiting_secrets(secrets_of_parts(load_settings(**KEYS)))
    for name, number in pipes.items():
        monkeypatch.setenv(name, str(number))
    yield pipes
    for number in filter(is_open, pipes.values()):
        os.close(number)


def is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("part", PARTS)
def test_a_part_gets_its_own_keys_once_and_no_others(
    part: PartOfFlow, pipes: dict[str, int]
) -> None:
    expected = {variable(name): KEYS[name] for name in SECRETS_OF[part]}
    assert taken_secrets(part) == expected
    assert not [number for number in pipes.values() if is_open(number)], "nobody reads the others"
    assert taken_secrets(part) == {}


def test_who_uses_the_index_knows_the_engine_and_only_the_gateway_asks_for_keys() -> None:
    assert set(SECRETS_OF["indexer"]) == {"engine_api_key", "engine_password"}
    assert set(SECRETS_OF["gateway"]) == {"api_key", "redis", "unsplash_access_key"}
    assert set(SECRETS_OF["encoder"]) == {"redis"}


def test_a_part_without_keys_has_no_pipe() -> None:
    pipes = waiting_secrets(secrets_of_parts(load_settings(engine_password="pw")))
    assert set(pipes) == {SECRETS_PIPES["indexer"]}
    for number in pipes.values():
        os.close(number)
