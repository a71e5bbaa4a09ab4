"""Certificates that are read once for all clients of the tests."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from httpx import create_ssl_context
from httpx._transports import default


@contextmanager
def read_once() -> Iterator[None]:
    """Each `httpx.get` would read them again, which takes thirty times as long as the request."""

    @cache
    def remembered(_file: str | None, verify: Any, trust_env: bool) -> ssl.SSLContext:
        return create_ssl_context(verify=verify, trust_env=trust_env)

    def context(verify: Any = True, cert: None = None, trust_env: bool = True) -> ssl.SSLContext:
        return remembered(os.environ.get("SSL_CERT_FILE"), verify, trust_env)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(default, "create_ssl_context", context)
        yield
