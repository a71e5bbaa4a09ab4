"""The two towers of a network, of which a process may need only one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

Tower = Literal["text", "vision"]

TOWERS: tuple[Tower, ...] = ("text", "vision")


def drop_others(network: Any, towers: Collection[Tower]) -> None:
    """Let go of the weights of the towers that are not among these."""
    if "vision" not in towers:
        network.visual = None
    if "text" not in towers:
        of_text = [*network.named_children(), *network.named_parameters(recurse=False)]
        of_text += network.named_buffers(recurse=False)
        for name, _ in of_text:
            if name != "visual":
                setattr(network, name, None)


def own_weights(network: Any) -> None:
    """Copy weights that lie in a file into memory, so that nobody can change them any more."""
    for tensor in (*network.parameters(), *network.buffers()):
        tensor.data = tensor.data.clone()
