"""OpenCLIP's architectures with random weights, since real ones are a download of gigabytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import open_clip
import torch
from open_clip.coca_model import CoCa
from open_clip.model import CLIP, CustomTextCLIP

from photoseek.compat.openclip import complete_for
from photoseek.model import ClipModel
from photoseek.model.devices import TYPES
from photoseek.photos import InputShape
from photoseek.records import ModelIdentity
from photoseek.tokenizing import find_tokenizer_files, make_tokenizer
from tests.support.made_tokenizers import KINDS

_ROBERTA = {"model_type": "xlm-roberta", "vocab_size": 250002, "max_position_embeddings": 514}
_LARGE = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16}
_NLLB = {"model_type": "m2m_100", "vocab_size": 256206, "d_model": 1024, "encoder_layers": 12}
_NLLB |= {"encoder_attention_heads": 16, "encoder_ffn_dim": 4096, "decoder_layers": 1}
TEXT_TOWERS: dict[str, dict[str, Any]] = {
    "roberta-base": _ROBERTA | {"model_type": "roberta", "vocab_size": 50265},
    "xlm-roberta-base": _ROBERTA,
    "xlm-roberta-large": _ROBERTA | _LARGE | {"intermediate_size": 4096},
    "facebook/nllb-200-distilled-600M": _NLLB,
    "facebook/nllb-200-distilled-1.3B": _NLLB | {"encoder_layers": 24, "encoder_ffn_dim": 8192},
}
"""`config.json` of the models of `transformers` that are text towers; what is not said is usual.
The decoders of NLLB are left out by OpenCLIP.
"""

_TOKENIZERS = {"NLLB": "nllb", "XLM-R": "xlm-r", "RoBERTa": "roberta", "CLIPA": "bert"}
_TOKENIZERS |= {"MetaCLIP 2": "xlm-v", "SigLIP2": "SigLIP2", "SigLIP": "SigLIP"}


@contextmanager
def default_type(dtype: torch.dtype) -> Iterator[None]:
    """Inside, new weights have that type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def network_of(config: dict[str, Any]) -> Any:
    """The network of a configuration, where and of what type torch makes new ones."""
    given = {name: value for name, value in config.items() if name != "custom_text"}
    text = config["text_cfg"]
    if "multimodal_cfg" in config:
        made: Any = CoCa
    else:
        made = CustomTextCLIP if config.get("custom_text") or "hf_model_name" in text else CLIP
    if "hf_model_name" in text:
        given["text_cfg"] = text | {"hf_model_pretrained": False}
    return made(**given).eval()


def config_of(architecture: str, folder: Path) -> dict[str, Any]:
    """What OpenCLIP says of an architecture, with what it needs loaded. The configuration of a text
    tower of `transformers` is written into the folder.
    """
    config: dict[str, Any] = open_clip.get_model_config(architecture)
    complete_for(config)
    text = config["text_cfg"]
    if name := text.get("hf_model_name"):
        (folder / "config.json").write_text(json.dumps(TEXT_TOWERS[name]))
        config["text_cfg"] = text | {"hf_model_name": str(folder)}
    return config


def tokenizer_of(config: dict[str, Any], folder: Path) -> Any:
    """A tokenizer for a configuration, of the kind that it names."""
    text = config["text_cfg"]
    named = text.get("hf_tokenizer_name")
    if not named:
        return make_tokenizer(text, None)
    kind = next(kind for kind, part in _TOKENIZERS.items() if part in named)
    KINDS[kind].save(folder)
    return make_tokenizer(text, find_tokenizer_files(text, f"local-dir:{folder}"))


def model_of(network: Any, tokenizer: Any, precision: str) -> ClipModel:
    """A network as photoseek runs it."""
    size = network.visual.image_size
    size = size if isinstance(size, int) else size[0]
    return ClipModel(
        network.to(dtype=TYPES[precision]),
        tokenizer,
        identity=ModelIdentity("random", "0" * 16, 1),
        input_shape=InputShape(size=size, resize_mode="squash", interpolation="bicubic"),
        mean=[0.5, 0.5, 0.5],
        std=[0.25, 0.25, 0.25],
        precision=precision,
        device="cpu",
    )
