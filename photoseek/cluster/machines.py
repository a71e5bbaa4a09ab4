"""The machines of a Ray cluster: how many encoders each of them can have, and what is installed."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from photoseek.errors import ServiceError

CPUS_OF_ENCODER = 4
"""Processors of one encoder without a GPU: more of them are better used by a second one."""

LOOK_SECONDS = 120.0
"""How long a machine may take to say what is installed there: a process has to start."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A node of the cluster, with what Ray may give away of it."""

    id: str
    host: str
    cpus: int
    gpus: int

    @property
    def encoders(self) -> int:
        """How many encoders it has room for: one for each GPU, else one for some processors."""
        return self.gpus or (max(1, self.cpus // CPUS_OF_ENCODER) if self.cpus else 0)

    @property
    def cpus_of_each(self) -> int:
        """The processors of each of its encoders."""
        return self.cpus // max(1, self.encoders)


def machines_of(ray: Any) -> list[Machine]:
    """The machines that are alive and have room for an encoder."""
    found = []
    for node in ray.nodes():
        resources = node["Resources"] if node["Alive"] else {}
        cpus, gpus = int(resources.get("CPU", 0)), int(resources.get("GPU", 0))
        found.append(Machine(node["NodeID"], node["NodeManagerAddress"], cpus, gpus))
    return [machine for machine in found if machine.encoders]


def check_versions(ray: Any, machines: Sequence[Machine], version: str) -> None:
    """Refuse a machine where photoseek is not installed in this version, the one of this process.

    Raises:
        ServiceError: there is one; or a machine does not answer.
    """

    # Defined in here, it travels as code: there may be no photoseek to import it from.
    def look() -> tuple[str, str]:
        import platform
        from importlib import import_module

        try:
            found = str(import_module("photoseek").__version__)
        except ImportError:
            found = ""
        return found, platform.python_version()

    asked = {}
    for machine in machines:
        task = ray.remote(look).options(num_cpus=0, scheduling_strategy=on_machine(ray, machine.id))
        asked[machine.host] = task.remote()
    for host, reference in asked.items():
        try:
            found, python = ray.get(reference, timeout=LOOK_SECONDS)
        except ray.exceptions.RayError as error:
            raise ServiceError(
                f"The machine {host} of the Ray cluster does not answer: {first_line(error)}"
            ) from error
        if found != version:
            has = f"photoseek {found}" if found else f"no photoseek in its Python {python}"
            raise ServiceError(
                f"The machine {host} of the Ray cluster has {has}, and here it is {version} "
                f"in Python {platform.python_version()}. Install the same photoseek[ray] on all "
                "machines of the cluster."
            )


def on_machine(ray: Any, node: str) -> Any:
    """Ray's way of saying that something runs on this node or not at all."""
    return ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node, soft=False)


def first_line(error: BaseException) -> str:
    """What an error of Ray says, without the stack that it brings along."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
