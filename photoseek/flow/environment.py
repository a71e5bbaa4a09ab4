"""What flows/photoseek.yml and the executors' own processes read from the environment."""

from __future__ import annotations

import os
from pathlib import Path

from photoseek.settings import OF_THE_FLOW, PREFIX, Settings

ROOT = Path(__file__).parents[2]
FLOW = ROOT / "flows" / "photoseek.yml"


def flow_environment(settings: Settings, *, encoder: str, indexer: str) -> dict[str, str]:
    """The variables of the Flow, with HOST:PORT of each executor."""
    variables = {
        **settings.to_environment(),
        "MAX_MESSAGE_BYTES": str(int(settings.max_request_megabytes * 1e6)),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }
    for name, address in {"ENCODER": encoder, "INDEXER": indexer}.items():
        variables[f"{name}_HOST"], _, variables[f"{name}_PORT"] = address.rpartition(":")
    return variables


def gateway_secrets(settings: Settings) -> dict[str, str]:
    """The variables of the keys that the gateway needs, which may come from `.env` alone."""
    keys = {name: getattr(settings, name) for name in OF_THE_FLOW}
    return {PREFIX + name.upper(): key.get_secret_value() for name, key in keys.items() if key}
