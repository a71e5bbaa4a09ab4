"""httpx whose requests may be broken off by a signal.

Python raises what Ctrl-C and SIGTERM ask for where a function of Python begins, and behind a call.
httpcore, on which httpx stands, takes its locks by functions of Python: one that was interrupted
there kept a lock for good, and whatever wanted it next never came back, in the same thread: the
request itself, as it tidied up, or the end of the client. Python's own locks are taken and given
back in one step.
"""

from __future__ import annotations

import threading


def mend_locks() -> None:
    """Have clients that httpx makes from now on use Python's own locks."""
    from httpcore._sync import connection, connection_pool, http11

    for module, name in ((connection, "Lock"), (connection_pool, "ThreadLock"), (http11, "Lock")):
        setattr(module, name, threading.Lock)
