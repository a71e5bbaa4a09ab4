"""An Elasticsearch that asks who one is, and gives keys with just those rights that are asked for.

It is started out of the folder that `tests/servers/search_engines.py` names.
"""

from __future__ import annotations

import base64
import hashlib
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import httpx

from tests.servers.lane import on_free_ports
from tests.servers.search_engines import ENGINES, engine_folder, home_of, running_node
from tests.support.waiting import PATIENCE

_ADMIN = ("admin", uuid.uuid4().hex)
_ROUNDS = 10_000
_SETTINGS = """\
xpack.security.enabled: true
xpack.security.enrollment.enabled: false
xpack.security.http.ssl.enabled: false
xpack.security.transport.ssl.enabled: false
discovery.type: single-node
"""


@dataclass(frozen=True)
class SecuredEngine:
    """A server that runs."""

    url: str

    def key(self, privileges: Sequence[str], names: Sequence[str]) -> str:
        """An API key with these privileges for indexes and aliases, and to ask for the version."""
        role = {"cluster": ["monitor"], "indices": [{"names": names, "privileges": privileges}]}
        asked = {"name": uuid.uuid4().hex, "role_descriptors": {"photos": role}}
        answer = httpx.post(
            f"{self.url}/_security/api_key", json=asked, auth=_ADMIN, timeout=PATIENCE
        )
        return str(answer.raise_for_status().json()["encoded"])


@contextmanager
def running_secured_engine() -> Iterator[SecuredEngine]:
    """One of its own; without any Elasticsearch the test is left out."""
    engine = replace(ENGINES["elastic"], more_settings="")
    home = home_of(engine)
    with ExitStack() as stack:

        def started(http: int, transport: int) -> str:
            folder = stack.enter_context(engine_folder())
            (folder / "config" / "users").write_text(f"{_ADMIN[0]}:{_hashed(_ADMIN[1])}\n")
            (folder / "config" / "users_roles").write_text(f"superuser:{_ADMIN[0]}\n")
            node = running_node(engine, home, folder, http, transport, _SETTINGS, _ADMIN)
            return stack.enter_context(node)

        yield SecuredEngine(on_free_ports(2, started))


def _hashed(password: str) -> str:
    """What a file of users has of a password."""
    salt = os.urandom(32)
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS, 32)
    encoded = (base64.b64encode(each).decode() for each in (salt, key))
    return f"{{PBKDF2}}{_ROUNDS}${'$'.join(encoded)}"
