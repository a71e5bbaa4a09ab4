"""One part of the Flow as this very process: no fork, so a supervisor can watch and restart it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from photoseek.errors import ServiceError, SettingsError
from photoseek.flow import compat
from photoseek.flow.environment import flow_environment, flow_yaml, runs_here, secrets_of
from photoseek.flow.parts_secret import FILE, VARIABLE, parts_secret
from photoseek.flow.startup import start_over_without_secrets, taken_secrets
from photoseek.guarding import check_guarded
from photoseek.helpers.ports import check_free, only_here
from photoseek.settings import (
    PREFIX,
    SECRETS,
    PartOfFlow,
    PartsSettings,
    Settings,
    is_this_machine,
    variable,
)


def run_part(part: PartOfFlow, settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C, and then finish the requests in flight.

    Raises:
        PhotoseekError: the part cannot start; its message says why.
    """
    if not runs_here():
        raise ServiceError(f"The {part} of a Flow needs Linux or macOS; serve answers without one.")
    taken = taken_secrets(part)
    secret = taken.pop(VARIABLE, None) or parts_secret(settings)
    secrets = secrets_of(part, settings) | taken | ({VARIABLE: secret} if secret else {})
    if part == "gateway":
        check_guarded(settings)
    else:
        _check_reach(part, settings, secret)
        start_over_without_secrets({part: secrets})
    _check_ports(part, settings)
    _prepare_environment(part, settings, secrets)
    compat.apply()
    from jina import Flow

    flow = Flow.load_config(str(flow_yaml()))
    flow.build(copy_flow=False)
    [[arguments]] = flow[part].pod_args["pods"].values()
    with compat.native_runtime(arguments, gateway=part == "gateway") as runtime:
        runtime.run_forever()


def _check_ports(part: PartOfFlow, settings: PartsSettings) -> None:
    if part == "gateway":
        check_free(settings.host, settings.http_port, f"{PREFIX}HTTP_PORT")
        check_free(settings.host, settings.grpc_port, f"{PREFIX}GRPC_PORT")
    else:
        port = int(getattr(settings, part).rpartition(":")[2])
        check_free(settings.parts_host, port, f"{PREFIX}{part.upper()}")


def _check_reach(part: PartOfFlow, settings: PartsSettings, secret: str | None) -> None:
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


def _prepare_environment(part: PartOfFlow, settings: Settings, secrets: Mapping[str, str]) -> None:
    """A part has those of the user's keys that it needs; all parts have their own secret."""
    for name in SECRETS:
        os.environ.pop(variable(name), None)
    addresses = {"encoder": settings.encoder, "indexer": settings.indexer}
    if part != "gateway":
        addresses[part] = f"{settings.parts_host}:{addresses[part].rpartition(':')[2]}"
    os.environ.update(secrets)
    os.environ.update(flow_environment(settings, **addresses))
