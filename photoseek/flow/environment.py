"""Where the Flow's YAML and its executors lie, and what they read from the environment."""

from __future__ import annotations

import os
from pathlib import Path

from photoseek.errors import ServiceError
from photoseek.settings import SECRETS_OF, PartOfFlow, Settings, variable

_CHECKOUT = Path(__file__).parents[2]
_INSTALLED = Path(__file__).parent / "data"


def runs_here() -> bool:
    """Whether this system has what a Flow needs: process groups, and pipes for child processes."""
    return hasattr(os, "killpg")


def data_folder() -> Path:
    """The folder with `flows/` and `executors/`, which are data that Jina loads by their paths.

    That of a checkout, or `photoseek/flow/data` where a wheel has put copies of the two.

    Raises:
        ServiceError: there is neither.
    """
    for folder in (_INSTALLED, _CHECKOUT):
        if (folder / "flows" / "photoseek.yml").is_file():
            return folder
    raise ServiceError(
        f"flows/photoseek.yml is neither in {_INSTALLED} nor in {_CHECKOUT}. "
        "Install photoseek again, or run it from its repository."
    )


def flow_yaml() -> Path:
    """The file that says of which parts the Flow consists."""
    return data_folder() / "flows" / "photoseek.yml"


def python_path() -> str:
    """PYTHONPATH for a child process that finds this very package."""
    paths = [str(_CHECKOUT), os.environ.get("PYTHONPATH")]
    return os.pathsep.join(filter(None, paths))


def flow_environment(settings: Settings, *, encoder: str, indexer: str) -> dict[str, str]:
    """The variables of the Flow, with HOST:PORT of each executor."""
    variables = {
        **settings.to_environment(),
        "MAX_MESSAGE_BYTES": str(int(settings.max_request_megabytes * 1e6)),
        "PYTHONPATH": python_path(),
    }
    for name, address in {"ENCODER": encoder, "INDEXER": indexer}.items():
        variables[f"{name}_HOST"], _, variables[f"{name}_PORT"] = address.rpartition(":")
    return variables


def indexer_address() -> str | None:
    """HOST:PORT of the indexer of the Flow in which this process is, as `flow_environment` says."""
    host, port = (os.environ.get(f"INDEXER_{name}") for name in ("HOST", "PORT"))
    return f"{host}:{port}" if host and port else None


def secrets_of(part: PartOfFlow, settings: Settings) -> dict[str, str]:
    """The variables of the keys that a part needs, which may come from `.env` alone."""
    keys = {name: getattr(settings, name) for name in SECRETS_OF[part]}
    return {variable(name): key.get_secret_value() for name, key in keys.items() if key}


def secrets_of_parts(settings: Settings) -> dict[PartOfFlow, dict[str, str]]:
    """The variables of the keys that each part needs."""
    return {part: secrets_of(part, settings) for part in SECRETS_OF}
