"""The two towers of a network, of which a process may need only one."""

from __future__ import annotations

from collections.abc import Collection
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


class WeightsInFile:
    """The weights of a network as they lie in their file, which keeps no copies of them."""

    def __init__(self, network: Any) -> None:
        """Note the weights that a network has now."""
        self._network = network
        places = [each for part in network.modules() for each in (part._parameters, part._buffers)]
        self._kept = [
            (place, name, tensor.detach(), isinstance(tensor, torch.nn.Parameter))
            for place in places
            for name, tensor in place.items()
            if tensor is not None
        ]

    def put_back(self) -> None:
        """Give them to the network again, wherever its weights were moved meanwhile."""
        for place, name, tensor, is_parameter in self._kept:
            place[name] = (
                torch.nn.Parameter(tensor, requires_grad=False) if is_parameter else tensor
            )

    def own(self) -> None:
        """Copy those that the network still uses into memory, so that nobody can change them any
        more. What was converted to another number format, or moved, is its own already.
        """
        in_file = {kept.data_ptr() for _, _, kept, _ in self._kept}
        for tensor in (*self._network.parameters(), *self._network.buffers()):
            if tensor.data_ptr() in in_file:
                tensor.data = tensor.data.clone()
