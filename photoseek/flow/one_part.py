"""One part of the Flow as this very process: no fork, so a supervisor can watch and restart it."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, Literal

from photoseek.errors import SettingsError
from photoseek.flow import compat
from photoseek.flow.environment import FLOW, flow_environment, gateway_secrets
from photoseek.flow.parts_secret import FILE, VARIABLE, parts_secret
from photoseek.flow.ports import check_free, only_here
from photoseek.guarding import check_guarded
from photoseek.settings import PREFIX, SECRETS, Settings, is_this_machine, without_secrets

Part = Literal["gateway", "encoder", "indexer"]


def run_part(part: Part, settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C, and then finish the requests in flight.

    Raises PhotoseekError in words where the part cannot start.
    """
    secret = parts_secret(settings)
    if part == "gateway":
        check_guarded(settings)
    else:
        _check_reach(part, settings, secret)
        _hide_keys(secret)
    _check_ports(part, settings)
    _prepare_environment(part, settings, secret)
    compat.apply()
    from jina import Flow

    flow = Flow.load_config(str(FLOW))
    flow.build(copy_flow=False)
    [[arguments]] = flow[part].pod_args["pods"].values()
    with _runtime(part, arguments) as runtime:
        runtime.run_forever()


def _check_ports(part: Part, settings: Settings) -> None:
    if part == "gateway":
        check_free(settings.host, settings.http_port, f"{PREFIX}HTTP_PORT")
        check_free(settings.host, settings.grpc_port, f"{PREFIX}GRPC_PORT")
    else:
        port = int(getattr(settings, part).rpartition(":")[2])
        check_free(settings.parts_host, port, f"{PREFIX}{part.upper()}")


def _check_reach(part: Part, settings: Settings, secret: str | None) -> None:
    """Raise a SettingsError where the gateway cannot reach the part, or everyone can."""
    host, address = settings.parts_host, getattr(settings, part)
    if not is_this_machine(host) and not secret:
        raise SettingsError(
            f"The {part} would listen on {host}, where other machines may reach it, and let "
            f"anybody change the index. Give it and its gateway the same {VARIABLE} (make one "
            f"with: openssl rand -hex 32), or the same {FILE} where they share a disk."
        )
    if "parts_host" not in settings.model_fields_set and not only_here(address):
        raise SettingsError(
            f"The gateway is to find the {part} at {address}, but the {part} listens on {host}, "
            f"which only this machine reaches. Set {PREFIX}PARTS_HOST=0.0.0.0, or to one address "
            f"of this machine, and {VARIABLE} to the same secret for the gateway and its parts; "
            f"or set {PREFIX}PARTS_HOST={host} if that is what you want."
        )


def _hide_keys(secret: str | None) -> None:
    """Begin anew without the user's keys in the environment, if they are there.

    A process shows for good with what it was started, also to whoever gets it to read a file.
    """
    clean = without_secrets(os.environ) | ({VARIABLE: secret} if secret else {})
    if not clean.items() >= os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], clean)  # noqa: S606


def _prepare_environment(part: Part, settings: Settings, secret: str | None) -> None:
    """An executor has none of the user's keys; all parts have their own secret."""
    for name in SECRETS:
        os.environ.pop(PREFIX + name.upper(), None)
    addresses = {"encoder": settings.encoder, "indexer": settings.indexer}
    if part != "gateway":
        addresses[part] = f"{settings.parts_host}:{addresses[part].rpartition(':')[2]}"
    else:
        os.environ.update(gateway_secrets(settings))
    if secret:
        os.environ[VARIABLE] = secret
    os.environ.update(flow_environment(settings, **addresses))


def _runtime(part: Part, arguments: Any) -> Any:
    from jina.serve.runtimes.asyncio import AsyncNewLoopRuntime
    from jina.serve.runtimes.gateway.request_handling import GatewayRequestHandler
    from jina.serve.runtimes.worker.request_handling import WorkerRequestHandler

    class NativeRuntime(AsyncNewLoopRuntime):
        def _get_server(self) -> Any:
            """Load what the part is made of; until that is done, SIGTERM ends the process."""
            handler = signal.signal(signal.SIGTERM, signal.SIG_DFL)
            try:
                return super()._get_server()
            finally:
                signal.signal(signal.SIGTERM, handler)

    handler = GatewayRequestHandler if part == "gateway" else WorkerRequestHandler
    return NativeRuntime(arguments, req_handler_cls=handler)
