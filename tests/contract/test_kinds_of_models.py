"""A small model of each kind that OpenCLIP has: its classes and options, and few weights.

`test_every_architecture` has them in their own sizes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from timm.models import create_model

from photoseek.compat.openclip import fuse
from photoseek.model import load_model
from photoseek.model.packed_linear import packed_in
from photoseek.model.packing import pack_text_tower
from photoseek.model.proof import pictures
from photoseek.model.text import TextTower
from photoseek.tokenizing import find_tokenizer_files, make_tokenizer
from tests.support.made_tokenizers import KINDS as TOKENIZERS
from tests.support.models import TEXT, VISION, save_config

TEXTS = ["owl", "a red car at night", "waves on a beach under a cloudy sky, " * 20]
ROOT = Path(__file__).parents[2]

TIMM = {"timm_model_name": "test_vit", "timm_pool": "", "timm_proj": "linear", "image_size": 160}
MOBILE = {"timm_model_name": "fastvit_t8", "timm_pool": "avg", "timm_proj": None, "image_size": 64}
RESNET = {"image_size": 64, "layers": [1, 1, 1, 1], "width": 16, "patch_size": None}
CONVNEXT = {"timm_model_name": "test_convnext", "timm_pool": "", "timm_proj": "linear"}
BOTH_WAYS = {"no_causal_mask": True, "pool_type": "last", "proj_bias": True}
ROBERTA = {
    "model_type": "xlm-roberta",
    "vocab_size": 2000,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 130,
}
NLLB = {
    "model_type": "m2m_100",
    "vocab_size": 2000,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
}
COCA = {
    "context_length": 24,
    "vocab_size": 49408,
    "width": 32,
    "heads": 2,
    "layers": 1,
    "attn_pooler_heads": 2,
}

KINDS: dict[str, dict[str, Any]] = {
    "ResNet": {"vision_cfg": RESNET, "text_cfg": TEXT},
    "ConvNeXt": {"vision_cfg": CONVNEXT | {"image_size": 64}, "text_cfg": TEXT},
    "EVA, ViTamin": {"vision_cfg": TIMM, "text_cfg": TEXT, "custom_text": True},
    "MobileCLIP": {
        "vision_cfg": MOBILE,
        "text_cfg": TEXT | {"no_causal_mask": True},
        "custom_text": True,
    },
    "PE-Core": {"vision_cfg": TIMM, "text_cfg": TEXT | {"context_length": 32}},
    "SigLIP": {
        "vision_cfg": TIMM | {"timm_pool": "map", "timm_proj": "none"},
        "text_cfg": TEXT | BOTH_WAYS | {"norm_kwargs": {"eps": 1e-6}},
        "custom_text": True,
        "init_logit_bias": -10,
        "tokenizer": "SigLIP",
    },
    "SigLIP2": {
        "vision_cfg": TIMM | {"timm_pool": "map", "timm_proj": "none"},
        "text_cfg": TEXT | BOTH_WAYS,
        "custom_text": True,
        "init_logit_bias": -10,
        "tokenizer": "SigLIP2",
    },
    "CLIPA": {
        "vision_cfg": VISION | {"no_ln_pre": True, "pool_type": "avg"},
        "text_cfg": TEXT | {"no_causal_mask": True, "pool_type": "last"},
        "tokenizer": "CLIPA",
    },
    "MetaCLIP 2": {
        "vision_cfg": VISION,
        "text_cfg": TEXT | {"pool_type": "eos", "eos_id": 2},
        "tokenizer": "MetaCLIP 2",
    },
    "CoCa": {
        "vision_cfg": VISION
        | {"attentional_pool": True, "output_tokens": True}
        | {"attn_pooler_heads": 4},
        "text_cfg": TEXT | {"embed_cls": True, "output_tokens": True},
        "multimodal_cfg": COCA,
        "custom_text": True,
    },
    "XLM-R": {
        "vision_cfg": VISION,
        "text_cfg": {"hf_proj_type": "mlp", "hf_pooler_type": "mean_pooler"},
        "tokenizer": "XLM-R",
        "text_tower": ROBERTA,
    },
    "NLLB": {
        "vision_cfg": VISION,
        "text_cfg": {"hf_proj_type": "mlp", "hf_pooler_type": "cls_pooler"},
        "tokenizer": "NLLB",
        "text_tower": NLLB,
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_model_gives_the_vectors_of_openclip(kind: str, tmp_path: Path) -> None:
    name = save_config(tmp_path, KINDS[kind])
    model = load_model(name, precision="fp32", device="cpu")
    network, prepare = open_clip.create_model_from_pretrained(name)
    network.eval()
    seen = pictures(model.input_shape.size)
    with torch.inference_mode():
        tokens = open_clip.get_tokenizer(name)(TEXTS)
        expected_texts = network.encode_text(tokens, normalize=True).numpy()
        planes = torch.stack([prepare(Image.fromarray(picture)) for picture in seen])
        expected_images = network.encode_image(planes, normalize=True).numpy()
    texts, images = model.encode_texts(TEXTS), model.encode_images(seen)
    np.testing.assert_allclose(texts, expected_texts, atol=2e-4)
    np.testing.assert_allclose(images, expected_images, atol=2e-4)
    singles = [model.encode_texts([text])[0] for text in TEXTS]
    np.testing.assert_allclose(singles, texts, atol=1e-4)
    np.testing.assert_allclose(
        [model.encode_images([picture])[0] for picture in seen], images, atol=1e-4
    )

    rounded = load_model(name, precision="bf16", device="cpu")
    assert rounded.identity == model.identity
    assert (rounded.encode_texts(TEXTS) * texts).sum(axis=1).min() > 0.99
    assert (rounded.encode_images(seen) * images).sum(axis=1).min() > 0.99

    if make := packed_in(torch.float32):
        pack_text_tower(network, make)
        text_config = open_clip.get_model_config(name)["text_cfg"]
        tokenizer = make_tokenizer(text_config, find_tokenizer_files(text_config, name))
        with torch.inference_mode():
            packed = TextTower(network, tokenizer, torch.device("cpu"))(TEXTS)
        near = torch.nn.functional.normalize(packed).numpy()
        assert (near * texts).sum(axis=1).min() > 0.999


def test_branches_that_only_training_needs_become_one_layer() -> None:
    torch.manual_seed(0)
    trunk = create_model("fastvit_t8", num_classes=0).eval()
    holder = torch.nn.Module()
    holder.trunk = trunk
    planes = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        before, layers = trunk(planes), len(list(trunk.modules()))
        fuse(holder)
        after = trunk(planes)
    assert len(list(trunk.modules())) < layers
    np.testing.assert_allclose(after, before, atol=1e-3)


WITHOUT = """
import sys
from importlib.machinery import PathFinder

class NotInstalled(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] == "transformers":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled)
from photoseek.errors import ModelError
from photoseek.model import load_model
for name in sys.argv[1:]:
    try:
        load_model(name)
    except ModelError as error:
        print(error)
"""


def test_what_needs_transformers_is_refused_by_name_before_anything_is_fetched(
    tmp_path: Path,
) -> None:
    names = [
        f"{architecture}:{tag}"
        for architecture, tag in open_clip.list_pretrained()
        if "hf_model_name" in open_clip.get_model_config(architecture)["text_cfg"]
    ]
    assert len(names) == 9
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT, *names],
        cwd=ROOT,
        env={"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path / "hub")},
        capture_output=True,
        text=True,
        check=True,
    )
    for name, line in zip(names, told.stdout.splitlines(), strict=True):
        assert line.startswith(f"The model {name!r} needs the Python package transformers")
        assert "--model standard" in line
    assert not (tmp_path / "hub").exists()
    assert set(TOKENIZERS) >= {kind["tokenizer"] for kind in KINDS.values() if "tokenizer" in kind}
