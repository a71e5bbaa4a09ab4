"""`-t serve`: answer over HTTP, and over gRPC where that takes several processes."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack

from rich.console import Console

from photoseek.cli.browser import has_person, open_page
from photoseek.cli.connection import loading, with_model
from photoseek.cli.output import new_console
from photoseek.cli.runs import fetch_model
from photoseek.compat.imports import no_collection
from photoseek.compat.late_models import load_fastapi
from photoseek.errors import ServiceError
from photoseek.flow.environment import runs_here
from photoseek.flow.process import FlowProcess
from photoseek.guarding import check_guarded, why_exposed
from photoseek.helpers.extras import has_extra, without
from photoseek.settings import Settings

NO_FLOW = "A Flow of several processes needs Linux or macOS."


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    console = new_console()
    check_guarded(settings)
    settings = with_model(settings, new_index=True)
    why_one = NO_FLOW if not runs_here() else "" if has_extra("flow") else without("flow")
    if why_one and not settings.in_process:
        told = f"{why_one}\nThis one process answers over HTTP instead."
        console.print(told, style="yellow", highlight=False, markup=False)
    if why_one or settings.in_process:
        return serve_here(settings, console)
    fetch_model(settings, console)  # in a part of the Flow nobody sees it, and it fails unread
    with ExitStack() as stack:
        with console.status(loading(settings)):
            flow = stack.enter_context(FlowProcess(settings, private=False))
        announce(flow.settings, flow.url, console)
        _show(flow.settings, flow.url, console)
        _wait(flow)
    return 0


def serve_here(settings: Settings, console: Console) -> int:
    """Serve in this process, until Ctrl-C or SIGTERM; the exit status that says which."""
    with no_collection():
        load_fastapi()
        from photoseek.gateway.server import serve_in_process  # which takes a second to import

    with console.status(loading(settings)) as shown:

        def announce_here(url: str) -> None:
            shown.stop()
            announce(settings, url, console, grpc=False)
            _show(settings, url, console)

        told = serve_in_process(settings, on_ready=announce_here)
    return 128 + told if told else 1


def announce(settings: Settings, url: str, console: Console, *, grpc: bool = True) -> None:
    """Say where the gateway listens."""
    lines = [
        f"Serving {settings.index} with the model {settings.model}",
        f"  page  {url}",
        f"  API   {url}/docs",
        *([f"  gRPC  grpc://{settings.host}:{settings.grpc_port}"] if grpc else []),
        "Ctrl-C stops.",
    ]
    console.print("\n".join(lines), highlight=False)
    if settings.api_key_for == "none" and (why := why_exposed(settings)):
        console.print(
            "Everyone who reaches it may change the index: "
            f"PHOTOSEEK_API_KEY_FOR is none, and {why}.",
            style="yellow",
            highlight=False,
        )


def _show(settings: Settings, url: str, console: Console) -> None:
    """Open the page for the person who has started this, where there is one."""
    if has_person(settings):
        console.print("Opening the page in your browser; --no-open leaves that out.")
        open_page(url)


def _wait(flow: FlowProcess) -> None:
    """Return never while all is well; ServiceError when the Flow ends by itself."""
    while flow.running:
        time.sleep(0.2)
    raise ServiceError("The Flow ended by itself; what it said stands above.")
