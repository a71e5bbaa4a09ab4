"""JSON over HTTP with the nodes of Elasticsearch or OpenSearch.

Not the engines' own clients: each speaks to one dialect and one major version, refuses the other,
and counts time by itself. What the store asks of both is the same JSON, and httpx is installed.
Every request may be sent again, so a node that is away only costs time: the next one is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from threading import Lock
from typing import Any

import httpx

from photoseek.compat.http_locks import mend_locks
from photoseek.helpers.deadlines import CONNECT_SECONDS, READ_SECONDS, seconds_left
from photoseek.store.elastic.engine_address import EngineAddress
from photoseek.store.elastic.engine_errors import EngineError, refusal, unanswered
from photoseek.store.engine_access import Access, trusted
from photoseek.store.patience import PATIENCE, Patience, insist

_PASSING = (429, 502, 503, 504)
_NO_SHARD = b"no_shard_available_action_exception"


class EngineHttp:
    """One engine. Used by many threads."""

    def __init__(
        self, address: EngineAddress, client: httpx.Client, patience: Patience = PATIENCE
    ) -> None:
        """Nothing is asked yet. Those for other indexes may have the same client."""
        self.address = address
        self._patience = patience
        self._client = client
        self._first = 0
        self._lock = Lock()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: dict[str, str] | None = None,
        missing: bool = False,
        once: bool = False,
    ) -> Any:
        """The JSON that the engine answers.

        `body` is JSON, or bytes that are sent as they are. With `missing`, None stands for "there
        is no such thing". `once` does not wait for an engine that is away.

        Raises:
            EngineError: it refuses, or no node answers.
        """
        content = body if isinstance(body, bytes) else None if body is None else to_json(body)
        ask = partial(self._any_node, method, path, content, params)
        seconds = self._patience.seconds
        if once:
            answer = insist(ask, EngineError, min(seconds, READ_SECONDS), attempts=3)
        else:
            answer = insist(ask, EngineError, seconds)
        if answer.status_code == 404 and missing:
            return None
        if answer.status_code >= 400:
            raise refusal(
                self.address.product, str(answer.url.host), answer.status_code, _of(answer)
            )
        return _of(answer)

    def lines(self, path: str, lines: Iterable[str], params: dict[str, str]) -> Any:
        """The answer to lines of JSON, as `_bulk` and `_msearch` take them."""
        return self.ask("POST", path, ("\n".join(lines) + "\n").encode(), params=params)

    def _check_shards(self, answer: httpx.Response) -> None:
        """Refuse an answer about documents whose shard is not ready, as after a restart."""
        if answer.status_code == 200 and _NO_SHARD in answer.content:
            said = _of(answer)
            for each in said.get("docs", ()) if isinstance(said, dict) else ():
                about = each.get("error", {})
                if about.get("type") == _NO_SHARD.decode():
                    host = str(answer.url.host)
                    raise refusal(self.address.product, host, 503, {"error": about})

    def _any_node(
        self, method: str, path: str, content: bytes | None, params: dict[str, str] | None
    ) -> httpx.Response:
        """The answer of the first node that gives one, beginning with the one that did last."""
        hosts = self.address.hosts
        first = self._first
        failed: Exception | None = None
        for step in range(len(hosts)):
            place = (first + step) % len(hosts)
            # What time there is, is shared: a node that is silent must not use up that of all.
            wait = max(0.05, min(READ_SECONDS * 4, seconds_left() / (len(hosts) - step)))
            timeout = httpx.Timeout(wait, connect=min(CONNECT_SECONDS, wait))
            try:
                answer = self._client.request(
                    method, hosts[place] + path, content=content, params=params, timeout=timeout
                )
            except httpx.TransportError as error:
                failed = error
                continue
            if answer.status_code in _PASSING:
                failed = refusal(
                    self.address.product, hosts[place], answer.status_code, _of(answer)
                )
                continue
            with self._lock:
                self._first = place
            self._check_shards(answer)
            return answer
        if isinstance(failed, EngineError):
            raise failed
        assert failed is not None
        raise unanswered(self.address.product, hosts, failed) from failed


def client_with(access: Access) -> httpx.Client:
    """Connections with these keys, for any number of indexes and threads.

    Raises:
        SettingsError: the file of certificates cannot be read.
    """
    headers = {"Content-Type": "application/json"}
    if access.api_key:
        headers["Authorization"] = f"ApiKey {access.api_key}"
    basic = (access.user, access.password) if access.user and not access.api_key else None
    mend_locks()
    return httpx.Client(headers=headers, auth=basic, verify=trusted(access.ca), trust_env=False)


def to_json(given: Any) -> bytes:
    """JSON of few bytes."""
    return json.dumps(given, separators=(",", ":"), ensure_ascii=False).encode()


def _of(answer: httpx.Response) -> Any:
    try:
        return json.loads(answer.content or b"{}")
    except ValueError:
        return answer.text
