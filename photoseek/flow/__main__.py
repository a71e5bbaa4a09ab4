"""Runs the Flow until it is told to stop: `python -m photoseek.flow`.

Settings come from PHOTOSEEK_*.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

from photoseek.compat.imports import leave_out_more, no_collection
from photoseek.errors import PhotoseekError
from photoseek.flow import compat
from photoseek.flow.environment import flow_environment, flow_yaml, secrets_of_parts
from photoseek.flow.parts_secret import VARIABLE, new_secret
from photoseek.flow.startup import SECRETS_PIPES, start_over_without_secrets
from photoseek.guarding import check_guarded
from photoseek.helpers.allocator import use_few_arenas
from photoseek.helpers.ports import free_ports
from photoseek.settings import load_settings


def main() -> int:
    """Start the Flow, say so, and stop on SIGTERM, SIGINT or the end of standard input."""
    parser = argparse.ArgumentParser(prog="python -m photoseek.flow", description=main.__doc__)
    parser.add_argument(
        "--stop-with-stdin",
        action="store_true",
        help="stop when standard input ends, so that no Flow outlives the process that started it",
    )
    arguments = parser.parse_args()
    leave_out_more()  # here and in the parts, which are forks of this process
    use_few_arenas()  # likewise
    try:
        settings = load_settings()
        # Else the key is in there, and the gateway looks once more.
        if SECRETS_PIPES["gateway"] not in os.environ:
            check_guarded(settings)
    except PhotoseekError as error:
        print(error, file=sys.stderr)
        return 2
    start_over_without_secrets(secrets_of_parts(settings))
    ports = free_ports(2, besides=(settings.http_port, settings.grpc_port))
    encoder, indexer = (f"127.0.0.1:{port}" for port in ports)
    os.environ.update(flow_environment(settings, encoder=encoder, indexer=indexer))
    os.environ[VARIABLE] = new_secret()  # that of the parts, which are this process's forks
    with no_collection():
        compat.apply()
        from jina import Flow

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if arguments.stop_with_stdin:
        threading.Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
    with Flow.load_config(str(flow_yaml())) as flow:
        flow.block(stop_event=stop)
    return 0


def _stop_at_end_of_input(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
