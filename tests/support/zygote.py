"""Runs app.py in forks of a process that has imported all that it imports, which saves seconds.

    python -m tests.support.zygote FD

`tests/support/forks.py` says what for, and what not. There is another one for programs that see
Windows.
"""

from __future__ import annotations

import socket
import sys
from importlib import import_module

from photoseek.cli.forked import can_fork
from photoseek.compat.imports import leave_out_more
from tests.support.forks import Fork, Order, fork_for, load_the_model, running_zygote
from tests.support.other_systems import LIKE_WINDOWS, like_windows

IMPORTED = (
    "photoseek.cli.delete",
    "photoseek.cli.demo",
    "photoseek.cli.doctor",
    "photoseek.cli.download",
    "photoseek.cli.evaluate",
    "photoseek.cli.index",
    "photoseek.cli.query",
    "photoseek.cli.setting_options",
    "photoseek.cli.status",
    "photoseek.cli.watch",
    "photoseek.compat.lance",
    "photoseek.datasets.archive",
    "photoseek.datasets.drawings",
    "photoseek.datasets.unsplash_lite",
)
"""LanceDB starts a thread when it is imported, and another one by itself in each fork."""


class Forked(Fork[str]):
    """A program of this project, as `subprocess.Popen` would start it."""

    def zygote(self, order: Order) -> socket.socket:
        """The one that sees Windows for what is to see it."""
        sees_windows = str(LIKE_WINDOWS) in order["environment"].get("PYTHONPATH", "")
        return running_zygote(__name__, *(like_windows().items() if sees_windows else ()))


def load() -> None:
    """Import what app.py does; where a program cannot fork, what loads a model is a new process."""
    leave_out_more()
    for module in IMPORTED:
        import_module(module)
    if can_fork():
        load_the_model()


if __name__ == "__main__":
    fork_for(socket.socket(fileno=int(sys.argv[1])), load)
