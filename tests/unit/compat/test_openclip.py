"""OpenCLIP in a process of our own, where more of it is left out until a model needs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from photoseek.model import load_model
from tests.support.models import ARCHITECTURES, save_model

ROOT = Path(__file__).parents[3]
LEFT_OUT = ("timm", "torchvision", "transformers", "torch._meta_registrations", "torch._dynamo")
PROGRAM = """
import json, sys
import numpy as np
from photoseek.compat.imports import leave_out_more

leave_out_more()
from photoseek.model import load_model

told = []
for name in sys.argv[1:]:
    model = load_model(name, precision="fp32", device="cpu")
    size = model.input_shape.size
    picture = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
    told.append({
        "identity": model.identity.fingerprint,
        "modules": sorted(sys.modules),
        "vectors": [*model.encode_texts(["a red car"]).tolist(),
                    *model.encode_images([picture]).tolist()],
    })
print(json.dumps(told))
"""


def save_timm_model(folder: Path) -> str:
    """A model whose pictures are encoded by timm."""
    import torch
    from open_clip.model import CustomTextCLIP
    from safetensors.torch import save_file

    name = save_model(folder)
    path = folder / "open_clip_config.json"
    document = json.loads(path.read_text())
    config = document["model_cfg"]
    config["vision_cfg"] = {"timm_model_name": "test_vit", "timm_pool": "", "timm_proj": "linear"}
    config["vision_cfg"]["image_size"] = 160
    torch.manual_seed(0)
    network = CustomTextCLIP(**config)
    config["custom_text"] = True
    path.write_text(json.dumps(document))
    weights = {name: value.contiguous() for name, value in network.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    return name


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Models without timm, and one with it at the end."""
    plain = [
        save_model(tmp_path_factory.mktemp("model"), architecture) for architecture in ARCHITECTURES
    ]
    return ["demo", *plain, save_timm_model(tmp_path_factory.mktemp("model"))]


def test_the_vectors_are_those_of_the_whole_library(names: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert not set(LEFT_OUT) & set(told[0]["modules"])
    assert "timm" in told[-1]["modules"]
    for name, here in zip(names, told, strict=True):
        model = load_model(name, precision="fp32", device="cpu")
        assert model.identity.fingerprint == here["identity"]
        size = model.input_shape.size
        picture = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
        vectors = [*model.encode_texts(["a red car"]), *model.encode_images([picture])]
        np.testing.assert_allclose(vectors, here["vectors"], atol=1e-6)
