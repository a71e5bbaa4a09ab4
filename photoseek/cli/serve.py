"""`-t serve`: answer over HTTP and gRPC."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack

from rich.console import Console

from photoseek.cli.connection import loading, with_model
from photoseek.cli.output import new_console
from photoseek.errors import ServiceError
from photoseek.flow.process import FlowProcess
from photoseek.guarding import check_guarded, why_exposed
from photoseek.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    console = new_console()
    check_guarded(settings)
    settings = with_model(settings, new_index=True)
    with ExitStack() as stack:
        with console.status(loading(settings)):
            flow = stack.enter_context(FlowProcess(settings, private=False))
        announce(flow, console)
        wait(flow)
    return 0


def announce(flow: FlowProcess, console: Console) -> None:
    """Say where the gateway listens."""
    settings = flow.settings
    console.print(
        f"Serving {settings.index} with the model {settings.model}\n"
        f"  page  {flow.url}\n"
        f"  API   {flow.url}/docs\n"
        f"  gRPC  grpc://{settings.host}:{settings.grpc_port}\n"
        "Ctrl-C stops.",
        highlight=False,
    )
    if settings.api_key_for == "none" and (why := why_exposed(settings)):
        console.print(
            "Everyone who reaches it may change the index: "
            f"PHOTOSEEK_API_KEY_FOR is none, and {why}.",
            style="yellow",
            highlight=False,
        )


def wait(flow: FlowProcess) -> None:
    """Return never while all is well; ServiceError when the Flow ends by itself."""
    while flow.running:
        time.sleep(0.2)
    raise ServiceError("The Flow ended by itself; what it said stands above.")
