"""`-t gateway`, `-t encoder` and `-t indexer`: one part of the service in a process of its own."""

from __future__ import annotations

import argparse

from photoseek.cli.connection import with_model
from photoseek.flow.one_part import run_part
from photoseek.helpers.extras import check_extra
from photoseek.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    check_extra("flow")
    if options.task == "encoder":
        settings = with_model(settings, new_index=True)
    run_part(options.task, settings)
    return 0
