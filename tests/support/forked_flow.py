"""Starts Flows in forks of a process that has imported all that the parts of a Flow import.

    python -m tests.support.forked_flow FD

A new Flow imports most of it four times over: in the process that leads it, in its gateway and in
both executors. `tests/support/forks.py` says what this is not for.
"""

from __future__ import annotations

import socket
import sys
from importlib import import_module
from typing import ClassVar

from photoseek.compat.imports import leave_out_more
from photoseek.flow import compat
from photoseek.flow.process import FlowProcess
from tests.support.forks import Fork, Order, fork_for, load_the_model, running_zygote

IMPORTED = (
    "jina",
    "photoseek.flow.jina_gateway",
    "photoseek.indexing.building",
    "photoseek.search.query_encoder",
    "photoseek.compat.lance",
)
"""In the order of a Flow: DocArray is to see no torch."""


class _ForkedFlow(Fork[bytes]):
    def zygote(self, order: Order) -> socket.socket:
        return running_zygote(__name__)


class ForkedFlow(FlowProcess):
    """A Flow as it always is, but for what its processes have imported before it starts."""

    starting: ClassVar = _ForkedFlow


def load() -> None:
    """Import what `photoseek.flow` and the executors do."""
    leave_out_more()
    compat.apply()
    for module in IMPORTED:
        import_module(module)
    load_the_model()


if __name__ == "__main__":
    fork_for(socket.socket(fileno=int(sys.argv[1])), load)
