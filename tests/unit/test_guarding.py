"""When a gateway may run without a key."""

from __future__ import annotations

from typing import Any

import pytest

from photoseek.errors import SettingsError
from photoseek.flow.process import FlowProcess
from photoseek.guarding import check_guarded
from photoseek.settings import load_settings

KEY = "correct-horse-battery"
NAME = "photos.example.org"

HERE: list[dict[str, Any]] = [
    {},
    {"host": "localhost"},
    {"host": "::1"},
    {"allowed_hosts": ["localhost", "photos.localhost", "127.0.0.1"]},
    {"host": "0.0.0.0", "published": "127.0.0.1"},  # a container
    {"host": "0.0.0.0", "published": "[::1]", "allowed_hosts": ["localhost"]},
]
EXPOSED: list[tuple[dict[str, Any], str]] = [
    ({"host": "0.0.0.0"}, "it listens on 0.0.0.0"),
    ({"host": "::"}, "it listens on ::"),
    ({"host": "192.168.1.5"}, "it listens on 192.168.1.5"),
    ({"host": "0.0.0.0", "published": "0.0.0.0"}, "its ports are published on 0.0.0.0"),
    ({"published": "192.168.1.5"}, "its ports are published on 192.168.1.5"),
    ({"allowed_hosts": ["localhost", NAME]}, f"PHOTOSEEK_ALLOWED_HOSTS names {NAME}"),
    ({"allowed_hosts": ["*"]}, "PHOTOSEEK_ALLOWED_HOSTS names *"),
    (
        {"host": "0.0.0.0", "published": "127.0.0.1", "allowed_hosts": [NAME]},
        f"PHOTOSEEK_ALLOWED_HOSTS names {NAME}",
    ),
]


@pytest.mark.parametrize("settings", HERE, ids=str)
def test_where_only_this_machine_reaches_it_no_key_is_needed(settings: dict[str, Any]) -> None:
    check_guarded(load_settings(**settings))


@pytest.mark.parametrize(("settings", "why"), EXPOSED, ids=str)
def test_where_others_reach_it_there_is_a_key_or_a_word(settings: dict[str, Any], why: str) -> None:
    for key_for in ("write", "all"):
        with pytest.raises(SettingsError) as refused:
            check_guarded(load_settings(**settings, api_key_for=key_for))
        message = str(refused.value)
        assert f"because {why}, and it has no key" in message
        assert "`openssl rand -hex 24`" in message
        assert "PHOTOSEEK_API_KEY_FOR=none" in message
        check_guarded(load_settings(**settings, api_key_for=key_for, api_key=KEY))
    check_guarded(load_settings(**settings, api_key_for="none"))


def test_a_flow_of_our_own_is_reached_by_nobody_else() -> None:
    settings = load_settings(host="0.0.0.0", published="0.0.0.0", allowed_hosts=[NAME])
    check_guarded(FlowProcess(settings, private=True).settings)
    with pytest.raises(SettingsError, match="its ports are published"):
        FlowProcess(settings, private=False).__enter__()
