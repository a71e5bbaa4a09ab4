"""httpx whose requests may be broken off by a signal.

Python raises what Ctrl-C and SIGTERM ask for where a function of Python begins, and behind a call.
httpcore, on which httpx stands, takes its locks by functions of Python: one that was interrupted
there kept a lock for good, and whatever wanted it next never came back, in the same thread: the
request itself, as it tidied up, or the end of the client. Python's own locks are taken and given
back in one step, in which nothing is raised.
"""

from __future__ import annotations

import threading
from importlib import import_module

_LOCKS = {
    # One for each connection, while it is made.
    "connection": "Lock",
    # One for each client: which request has which connection.
    "connection_pool": "ThreadLock",
    # One for each connection: whether it can be used again.
    "http11": "Lock",
    # One for each connection through a proxy, while it is made.
    "http_proxy": "Lock",
}
"""The modules of httpcore that take locks, and what each of them calls the kind.

Those of HTTP/2 and of SOCKS are left as they are: no client of photoseek speaks either.
"""


def mend_locks() -> None:
    """Have clients that httpx makes from now on in this process use Python's own locks.

    It takes microseconds when it has been done already. Clients for asyncio need nothing: a signal
    ends the loop that runs them, and never a part of a request.
    """
    for name, lock in _LOCKS.items():
        module = import_module(f"httpcore._sync.{name}")
        if hasattr(module, lock):  # else a later httpcore locks in another way
            setattr(module, lock, threading.Lock)
