"""What flows/photoseek.yml and the executors' own processes read from the environment."""

from __future__ import annotations

import os
from pathlib import Path

from photoseek.settings import Settings

FLOW = Path(__file__).parent / "photoseek.yml"
ROOT = FLOW.parent.parent


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
