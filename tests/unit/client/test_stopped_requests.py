"""Requests that a signal breaks off, at each place where Python may raise what it asks for."""

from __future__ import annotations

import gc
import inspect
import re
import sys
import threading
from types import FrameType

import pytest
from httpcore._sync import connection, connection_pool, http11, http_proxy

from photoseek.client.http import Connection
from photoseek.compat.http_locks import mend_locks
from photoseek.helpers.ports import free_ports
from tests.support.web_server import Route, running_server

READY: Route = lambda h: h.answer(200, b'{"status": "ready"}')  # noqa: E731


class Stop:
    """Raises KeyboardInterrupt where the function of that number begins, of those that take and
    give back what threads share."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        is_one = code.co_name in ("__enter__", "__exit__") and "httpcore" in code.co_filename
        if event == "call" and is_one:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt


def stopped(client: Connection, number: int) -> bool:
    """Whether a request was broken off there. It may have ended before."""
    before = sys.gettrace()
    sys.settrace(Stop(number))
    try:
        client.ready()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("is_there", [True, False])
def test_a_request_that_is_broken_off_keeps_nobody_waiting(is_there: bool) -> None:
    [port] = free_ports(1)
    with running_server({"/readyz": READY}) as server:
        url = server.url if is_there else f"http://127.0.0.1:{port}"
        number, goes_on = 0, True
        while goes_on:
            client = Connection(url, None, 20)
            goes_on = stopped(client, number)
            assert client.ready() is is_there, "another request"
            client.close()
            number += 1
    assert number > 3
    gc.collect()  # a connection that was broken off as it began is nobody's


def test_httpcore_locks_where_it_did() -> None:
    mend_locks()
    for module in (connection, connection_pool, http11, http_proxy):
        names = re.findall(r"= (Lock|ThreadLock)\(\)", inspect.getsource(module))
        assert names, "it locks in another way now"
        assert {getattr(module, name) for name in names} == {threading.Lock}
