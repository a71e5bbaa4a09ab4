"""One part of the Flow as this very process: no fork, so a supervisor can watch and restart it."""

from __future__ import annotations

import os
import signal
from typing import Any, Literal

from executors import compat
from flows.environment import FLOW, flow_environment, gateway_secrets
from flows.ports import check_free
from photoseek.guarding import check_guarded
from photoseek.settings import PREFIX, SECRETS, Settings

Part = Literal["gateway", "encoder", "indexer"]


def run_part(part: Part, settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C, and then finish the requests in flight.

    Raises PhotoseekError in words where the part cannot start.
    """
    if part == "gateway":
        check_guarded(settings)
    _check_ports(part, settings)
    _prepare_environment(part, settings)
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
        check_free(settings.host, port, f"{PREFIX}{part.upper()}")


def _prepare_environment(part: Part, settings: Settings) -> None:
    """An executor listens where the gateway listens, at its own port, and has no secrets."""
    addresses = {"encoder": settings.encoder, "indexer": settings.indexer}
    if part != "gateway":
        addresses[part] = f"{settings.host}:{addresses[part].rpartition(':')[2]}"
        for name in SECRETS:
            os.environ.pop(PREFIX + name.upper(), None)
    else:
        os.environ.update(gateway_secrets(settings))
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
