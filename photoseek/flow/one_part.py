"""One part of the Flow as this very process: no fork, so a supervisor can watch and restart it."""

from __future__ import annotations

import os
from typing import Literal

from photoseek.errors import ServiceError, SettingsError
from photoseek.flow import compat
from photoseek.flow.environment import flow_environment, flow_yaml, gateway_secrets, runs_here
from photoseek.flow.parts_secret import FILE, VARIABLE, parts_secret
from photoseek.flow.startup import start_over_without_secrets, taken_secrets
from photoseek.guarding import check_guarded
from photoseek.helpers.ports import check_free, only_here
from photoseek.settings import PREFIX, SECRETS, PartsSettings, Settings, is_this_machine, variable

Part = Literal["gateway", "encoder", "indexer"]


def run_part(part: Part, settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C, and then finish the requests in flight.

    Raises:
        PhotoseekError: the part cannot start; its message says why.
    """
    if not runs_here():
        raise ServiceError(f"The {part} of a Flow needs Linux or macOS; serve answers without one.")
    secret = taken_secrets().get(VARIABLE) or parts_secret(settings)
    if part == "gateway":
        check_guarded(settings)
    else:
        _check_reach(part, settings, secret)
        start_over_without_secrets({VARIABLE: secret} if secret else {})
    _check_ports(part, settings)
    _prepare_environment(part, settings, secret)
    compat.apply()
    from jina import Flow

    flow = Flow.load_config(str(flow_yaml()))
    flow.build(copy_flow=False)
    [[arguments]] = flow[part].pod_args["pods"].values()
    with compat.native_runtime(arguments, gateway=part == "gateway") as runtime:
        runtime.run_forever()


def _check_ports(part: Part, settings: PartsSettings) -> None:
    if part == "gateway":
        check_free(settings.host, settings.http_port, f"{PREFIX}HTTP_PORT")
        check_free(settings.host, settings.grpc_port, f"{PREFIX}GRPC_PORT")
    else:
        port = int(getattr(settings, part).rpartition(":")[2])
        check_free(settings.parts_host, port, f"{PREFIX}{part.upper()}")


def _check_reach(part: Part, settings: PartsSettings, secret: str | None) -> None:
    """Refuse a part that the gateway cannot reach, or that everyone can."""
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


def _prepare_environment(part: Part, settings: Settings, secret: str | None) -> None:
    """An executor has none of the user's keys; all parts have their own secret."""
    for name in SECRETS:
        os.environ.pop(variable(name), None)
    addresses = {"encoder": settings.encoder, "indexer": settings.indexer}
    if part != "gateway":
        addresses[part] = f"{settings.parts_host}:{addresses[part].rpartition(':')[2]}"
    else:
        os.environ.update(gateway_secrets(settings))
    if secret:
        os.environ[VARIABLE] = secret
    os.environ.update(flow_environment(settings, **addresses))
