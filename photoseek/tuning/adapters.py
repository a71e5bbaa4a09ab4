"""What tuning changes of a network: little of each matrix (LoRA), and the words it reads.

The network stays as it is. Beside each of its matrices W lie two thin ones, and W + B A takes its
place; B begins as zeros. Tokens that captions use get something added to their vectors, since of a
word that a model has never seen no matrix knows anything. See decision 0240.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional
from typing_extensions import override

from photoseek.tuning.plan import RANK

HIGHEST_SCALE = math.log(100)
"""What CLIP's makers keep the logarithm of the scale of its logits below."""

_MATRICES = frozenset({"weight", "in_proj_weight", "proj", "text_projection"})
_SCALES = frozenset({"logit_scale", "logit_bias"})


class Outcome(NamedTuple):
    """Unit vectors of photos and of texts, shape (n, d), and what the loss makes logits with."""

    images: Tensor | None
    texts: Tensor | None
    scale: Tensor
    bias: Tensor | None


class Adapters:
    """Changes of a network's weights that can be trained, and taken in part.

    `network` keeps its weights; nothing of it asks for a gradient.
    """

    def __init__(self, network: Any, tokens: Tensor, seed: int) -> None:
        """`tokens` are those of all captions that are trained on, in any shape."""
        self._network = network.requires_grad_(False).eval()
        self._both = _BothTowers(network)
        self._share = 1.0
        device = next(network.parameters()).device
        rng = torch.Generator().manual_seed(seed)
        self._thin: dict[str, tuple[Tensor, Tensor]] = {}
        self._whole: dict[str, Tensor] = {}
        self._table_name, table = _token_table(network)
        self._used = torch.unique(tokens).to(device)
        for name, weight in _changeable(network):
            if name in _SCALES:
                self._whole[name] = torch.zeros_like(weight)
            else:
                self._thin[name] = _thin(weight, rng)
        self._rows = torch.zeros(len(self._used), table.embedding_dim, device=device)
        self._row_of = torch.full((table.num_embeddings,), len(self._used), device=device)
        self._row_of[self._used] = torch.arange(len(self._used), device=device)
        table.register_forward_hook(self._with_rows)
        for tensor in self.trained():
            tensor.requires_grad_()

    def trained(self) -> Iterator[Tensor]:
        """All that is trained."""
        yield self._rows
        yield from self._whole.values()
        for down, up in self._thin.values():
            yield from (down, up)

    def run(self, images: Tensor | None, tokens: Tensor | None, *, share: float = 1.0) -> Outcome:
        """Encode normalised photos and tokens, either of which may be None.

        `share` of the way from the network to the tuned one is gone, as in WiSE-FT: 0 is the
        network as it was.
        """
        self._share = share
        weights = {f"network.{name}": weight for name, weight in self._matrices(share).items()}
        made: Outcome = functional_call(self._both, weights, (images, tokens))
        return made

    def merged(self, share: float) -> dict[str, Tensor]:
        """All weights of the network with that share of the changes, by their names."""
        with torch.no_grad():
            state = {name: weight.detach() for name, weight in self._network.state_dict().items()}
            rows = share * self._rows.to(state[self._table_name].dtype)
            state[self._table_name] = state[self._table_name].index_add(0, self._used, rows)
            return state | self._matrices(share)

    def state(self) -> list[Tensor]:
        """A copy of what was trained so far."""
        return [tensor.detach().to("cpu", copy=True) for tensor in self.trained()]

    def load(self, state: Sequence[Tensor]) -> None:
        """Go back to what `state` gave."""
        with torch.no_grad():
            for tensor, kept in zip(self.trained(), state, strict=True):
                tensor.copy_(kept)

    def limit_scale(self) -> None:
        """Keep the scale of the logits as low as CLIP's makers do."""
        change = self._whole["logit_scale"]
        with torch.no_grad():
            change.copy_(torch.minimum(change, HIGHEST_SCALE - self._network.logit_scale))

    def _matrices(self, share: float) -> dict[str, Tensor]:
        changed = {}
        for name, change in self._whole.items():
            changed[name] = self._network.get_parameter(name) + share * change
        for name, (down, up) in self._thin.items():
            weight = self._network.get_parameter(name)
            changed[name] = weight + share * (up @ down).view(weight.shape)
        return changed

    def _with_rows(self, _table: nn.Module, given: tuple[Tensor, ...], vectors: Tensor) -> Tensor:
        """The vectors of tokens, with what was learnt of those that captions use.

        So no second table is made: there are models whose table takes most of their memory. Nor are
        rows taken by an index, whose gradients threads add up in any order.
        """
        rows = functional.pad(self._rows, (0, 0, 0, 1))
        learnt = functional.embedding(self._row_of[given[0]], rows)
        return vectors + self._share * learnt.to(vectors.dtype)


class _BothTowers(nn.Module):
    """A network that encodes photos and texts in one call, whatever kind it is."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    @override
    def forward(self, images: Tensor | None, tokens: Tensor | None) -> Outcome:
        network = self.network
        return Outcome(
            None if images is None else network.encode_image(images, normalize=True),
            None if tokens is None else network.encode_text(tokens, normalize=True),
            network.logit_scale.exp(),
            network.logit_bias,
        )


def _changeable(network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Matrices and kernels, and the scale and the bias of the logits; no tables, no positions."""
    tables = {f"{name}.weight" for name, part in network.named_modules() if _is_table(part)}
    for name, weight in network.named_parameters():
        is_matrix = name.rpartition(".")[2] in _MATRICES and weight.ndim > 1
        if name in _SCALES or (is_matrix and name not in tables):
            yield name, weight


def _thin(weight: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """A and B of LoRA for a matrix, or for the kernels of a convolution laid flat."""
    rows = weight.shape[0]
    columns = weight.numel() // rows
    rank = min(RANK, rows, columns)
    down = torch.empty(rank, columns).uniform_(-1, 1, generator=rng) / math.sqrt(columns)
    return down.to(weight.device), torch.zeros(rows, rank, device=weight.device)


def _is_table(part: nn.Module) -> bool:
    return isinstance(part, nn.Embedding)


def _token_table(network: nn.Module) -> tuple[str, nn.Embedding]:
    """What turns tokens into vectors, with the name of its weights: the largest table there is."""
    tables = {
        f"{name}.weight": part
        for name, part in network.named_modules()
        if isinstance(part, nn.Embedding)
    }
    name = max(tables, key=lambda name: tables[name].num_embeddings)
    return name, tables[name]
