"""What the towers of a plain model do, and what their weights are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Activation = Literal["gelu", "gelu_tanh", "quick_gelu"]


@dataclass(frozen=True, slots=True)
class Names:
    """What the parts of each layer of a transformer are called."""

    norm_1: str
    inner_weight: str
    inner_bias: str
    outer: str
    norm_2: str
    widen: str
    narrow: str


OPENCLIP = Names(
    norm_1="ln_1",
    inner_weight="attn.in_proj_weight",
    inner_bias="attn.in_proj_bias",
    outer="attn.out_proj",
    norm_2="ln_2",
    widen="mlp.c_fc",
    narrow="mlp.c_proj",
)
TIMM = Names(
    norm_1="norm1",
    inner_weight="attn.qkv.weight",
    inner_bias="attn.qkv.bias",
    outer="attn.proj",
    norm_2="norm2",
    widen="mlp.fc1",
    narrow="mlp.fc2",
)


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of a transformer. `name` is what stands before the number of each, and `epsilon`
    is what is added to a variance.
    """

    name: str
    names: Names
    count: int
    width: int
    heads: int
    activation: Activation
    epsilon: float

    def all(self) -> list[str]:
        """What each layer is called."""
        return [f"{self.name}.{number}" for number in range(self.count)]


@dataclass(frozen=True, slots=True)
class TextPlan:
    """A tower that reads `length` tokens of a text.

    Attributes:
        vocabulary: how many tokens it knows.
        prefix: what the name of each weight begins with.
        is_causal: whether tokens see only those before them.
        reads_last: whether its features are read off at the last token, and not at the first of
            those with the highest number, which ends a text.
        has_bias: whether something is added when the features are projected.
    """

    prefix: str
    layers: Layers
    length: int
    vocabulary: int
    is_causal: bool
    reads_last: bool
    has_bias: bool


@dataclass(frozen=True, slots=True)
class VisionPlan:
    """A tower that cuts a picture of `size` pixels into squares of `patch`.

    `has_pool` is for one of timm's that mixes what it knows of all of them at the end, as SigLIP's
    do. Others have a token for the whole picture.
    """

    layers: Layers
    size: int
    patch: int
    has_pool: bool

    @property
    def patches(self) -> int:
        """How many squares a picture has."""
        return (self.size // self.patch) ** 2
