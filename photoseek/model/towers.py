"""The two towers of a network, of which a process may need only one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Literal

import torch

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


def put_back_later(network: Any) -> Callable[[], None]:
    """What puts the weights of a network back as they are now, wherever they were moved meanwhile.

    It keeps no copies.
    """
    places = [each for part in network.modules() for each in (part._parameters, part._buffers)]
    kept = [
        (place, name, tensor.detach(), isinstance(tensor, torch.nn.Parameter))
        for place in places
        for name, tensor in place.items()
        if tensor is not None
    ]

    def put_back() -> None:
        for place, name, tensor, is_parameter in kept:
            place[name] = (
                torch.nn.Parameter(tensor, requires_grad=False) if is_parameter else tensor
            )

    return put_back
