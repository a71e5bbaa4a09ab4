"""What the towers of a plain model do, and what their weights are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Activation = Literal["gelu", "gelu_tanh", "quick_gelu"]
Projection = Literal["matrix", "linear", "none"]


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
    """The layers of a transformer. `name` is what stands before the number of each, `inner` the
    width of its network between two matrices, and `epsilon` is what is added to a variance.
    """

    name: str
    names: Names
    count: int
    width: int
    heads: int
    inner: int
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
        projection: what its features go through last: a matrix, one that lies the other way
            round and has a bias, or nothing.
    """

    prefix: str
    layers: Layers
    length: int
    vocabulary: int
    is_causal: bool
    reads_last: bool
    projection: Projection


@dataclass(frozen=True, slots=True)
class Around:
    """What the weights around the layers of a tower for pictures are called."""

    patches: str
    whole: str
    places: str
    norm_before: str
    norm_after: str


AROUND_OPENCLIP = Around(
    patches="visual.conv1",
    whole="visual.class_embedding",
    places="visual.positional_embedding",
    norm_before="visual.ln_pre",
    norm_after="visual.ln_post",
)
AROUND_TIMM = Around(
    patches="visual.trunk.patch_embed.proj",
    whole="visual.trunk.cls_token",
    places="visual.trunk.pos_embed",
    norm_before="visual.trunk.norm_pre",
    norm_after="visual.trunk.norm",
)


@dataclass(frozen=True, slots=True)
class Pool:
    """The end of one of timm's towers: one question that `heads` put to all tokens, and a network
    that is `inner` wide between its two matrices.
    """

    heads: int
    inner: int


@dataclass(frozen=True, slots=True)
class VisionPlan:
    """A tower that cuts a picture of `size` pixels into squares of `patch`.

    Attributes:
        has_whole: whether a token for the whole picture stands before those of the squares.
        pool: None where the features are read off at that token, as in CLIP.
        first_place: what the first row and the first column of squares count as, where queries and
            keys are turned by these, as in Meta's PE; None where they are not.
    """

    layers: Layers
    size: int
    patch: int
    has_whole: bool = True
    pool: Pool | None = None
    first_place: int | None = None

    @property
    def side(self) -> int:
        """How many squares lie side by side."""
        return self.size // self.patch

    @property
    def patches(self) -> int:
        """How many squares a picture has."""
        return self.side**2

    @property
    def tokens(self) -> int:
        """How many tokens go through the layers."""
        return self.patches + self.has_whole

    @property
    def around(self) -> Around:
        """What its weights around the layers are called."""
        return AROUND_TIMM if self.pool else AROUND_OPENCLIP

    @property
    def is_turned(self) -> bool:
        """Whether it is one of PE's, which are also normal before the layers, and have a matrix
        after the pool.
        """
        return self.first_place is not None
