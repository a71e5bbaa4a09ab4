"""Models from a hub: a server on this machine speaks the part of the protocol that is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from photoseek.model import load_model
from tests.support.hub import environment, model_hub
from tests.support.models import ARCHITECTURES, DIMENSIONS, save_model, save_with_tokenizer
from tests.support.terminal import ROOT, run_forked

PROGRAM = """
import sys
from photoseek.compat.imports import leave_out_more
leave_out_more()  # as every task of the command line does
from photoseek.errors import PhotoseekError
from photoseek.model import load_model
for name in sys.argv[1].split():
    try:
        print(load_model(name).identity.fingerprint)
    except PhotoseekError as error:
        print(type(error).__name__, error)
"""

PUBLISHED = """
import json, sys
import numpy as np
import open_clip, torch
from PIL import Image
from open_clip.pretrained import _PRETRAINED, _pcfg
from photoseek.model import load_model

TEXTS = ["a red car at night", "a harbour"]
open_clip.add_model_config(sys.argv[2])
weights = "photoseek/tiny/"
for architecture in ("tiny", "tiny-quickgelu"):
    _PRETRAINED[architecture] = {
        "old": _pcfg(hf_hub=weights, quick_gelu=True), "new": _pcfg(hf_hub=weights)
    }
picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)

def openclip(tag, **activation):
    network, prepare = open_clip.create_model_from_pretrained(
        "tiny", pretrained=tag, **activation
    )
    network.eval()
    tokens = open_clip.get_tokenizer("tiny")(TEXTS)
    with torch.inference_mode():
        texts = network.encode_text(tokens, normalize=True)
        planes = prepare(Image.fromarray(picture)).unsqueeze(0)
        return torch.cat([texts, network.encode_image(planes, normalize=True)]).numpy()

for name in sys.argv[1].split():
    model = load_model(name, precision="fp32", device="cpu")
    vectors = np.concatenate([model.encode_texts(TEXTS), model.encode_images([picture])])
    tag = name.partition(":")[2]
    others = {"quick_gelu": openclip(tag, force_quick_gelu=True), "gelu": openclip(tag)}
    told = {kind: float(np.abs(vectors - other).max()) for kind, other in others.items()}
    print(json.dumps({"name": name, "fingerprint": model.identity.fingerprint} | told))
"""
"""Prints how far our vectors are from OpenCLIP's with either activation, for weights of a table."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hub")
    save_model(folder, seed=7)
    return folder


@pytest.fixture(scope="module")
def hub(folder: Path) -> Iterator[str]:
    with model_hub(folder) as server:
        yield server.url


def load(names: str, endpoint: str, home: Path) -> str:
    """What a process prints that loads models with this hub and this cache."""
    script = home.with_name(f"{home.name}.py")
    script.write_text(PROGRAM, "utf-8")
    told = environment(endpoint, home) | {"PYTHONPATH": str(ROOT)}
    result = run_forked([sys.executable, str(script), names], environment=told)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def load_afresh(names: str, endpoint: str, home: Path, *more: str, program: str) -> str:
    """As `load`, for a program that must have imported nothing yet."""
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, names, *more],
        env=os.environ | environment(endpoint, home) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_a_model_is_fetched_once_and_what_cannot_be_had_is_told(
    hub: str, folder: Path, tmp_path: Path
) -> None:
    expected = load_model(f"local-dir:{folder}").identity.fingerprint
    tiny, other = "hf-hub:photoseek/tiny", "hf-hub:photoseek/other"
    found, missing = load(f"{tiny} {other}", hub, tmp_path).splitlines()
    assert found == expected
    assert missing.startswith(f"WeightsError The weights of the model '{other}'")
    assert "--model demo" in missing

    published, in_need = "ViT-B-32:laion2b_s34b_b79k", "ViT-B-16-SigLIP2-256:webli"
    names = " ".join((tiny, published, other, in_need))
    again, *told, tokenizer = load(names, "http://no-such-host.invalid", tmp_path).splitlines()
    assert again == expected
    for name, said in zip((published, other), told, strict=True):
        assert said.startswith(f"WeightsError The weights of the model '{name}' cannot be had")
        assert "local-dir:FOLDER" in said
    needs = f"TokenizerError The model '{in_need}' cannot read texts: Its tokenizer in timm/"
    assert tokenizer.startswith(needs)  # told before weights are fetched


def test_a_tokenizer_is_fetched_before_the_weights(tmp_path: Path) -> None:
    folder, name = tmp_path / "model", "hf-hub:photoseek/tiny"
    expected = load_model(save_with_tokenizer(folder, "SigLIP")).identity.fingerprint
    with model_hub(folder) as server:
        assert load(name, server.url, tmp_path / "one") == expected
        # What is kept of it is enough, also where the hub was asked for files that it has not.
        assert load(name, "http://no-such-host.invalid", tmp_path / "one") == expected
        weights = "/photoseek/tiny/resolve/main/open_clip_model.safetensors"
        asked = server.calls[weights]
        assert asked
        (folder / "tokenizer.json").unlink()
        said = load(name, server.url, tmp_path / "other")
        assert said.startswith(f"TokenizerError The model '{name}' cannot read texts: ")
        assert "photoseek/tiny holds no tokenizer.json" in said
        assert server.calls[weights] == asked


WITHOUT_TORCH = """
import sys
class NoTorch:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ("torch", "torchvision", "timm"):
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, NoTorch())
from photoseek.errors import PhotoseekError
from photoseek.indexing.choosing_model import onnx_model
from photoseek.settings import load_settings
try:
    found = onnx_model(load_settings(model=sys.argv[1], exports=sys.argv[2]))
    print(found and found.identity.fingerprint)
except PhotoseekError as error:
    print(type(error).__name__, error)
"""


SAYS_ENGLISH = """
import sys
from photoseek.plain_towers import fetch_plain
from photoseek.search.grammar import parse_query
from photoseek.search.model_hints import model_hint
for _ in range(2):
    fetch_plain(sys.argv[1])
    print(model_hint(parse_query("rotes Auto"), sys.argv[1])[:31])
"""


def test_the_card_of_a_model_is_fetched_with_it_once(tmp_path: Path) -> None:
    folder, name, none = tmp_path / "model", "hf-hub:photoseek/tiny", str(tmp_path / "none")
    save_with_tokenizer(folder, "SigLIP2")
    with model_hub(folder) as server:
        said = load_afresh(name, server.url, tmp_path / "one", none, program=SAYS_ENGLISH)
        assert said == "", "without a card nothing is known, and nothing fails"
    (folder / "README.md").write_text("---\nlanguage: en\n---\n# Tiny\n")
    with model_hub(folder) as server:
        said = load_afresh(name, server.url, tmp_path / "two", none, program=SAYS_ENGLISH)
        assert said.split("\n") == ["The query seems to be German, a"] * 2
        [card] = [count for path, count in server.calls.items() if path.endswith("README.md")]
        assert card == 2, "a look and the file, the first time"


def test_a_plain_model_is_fetched_without_torch(tmp_path: Path) -> None:
    folder, name, none = tmp_path / "model", "hf-hub:photoseek/tiny", str(tmp_path / "none")
    expected = load_model(save_with_tokenizer(folder, "SigLIP2")).identity.fingerprint
    with model_hub(folder) as server:
        fetched = load_afresh(name, server.url, tmp_path / "one", none, program=WITHOUT_TORCH)
        assert fetched == expected
        other = "hf-hub:photoseek/other"
        assert (
            load_afresh(other, server.url, tmp_path / "one", none, program=WITHOUT_TORCH) == "None"
        )
    offline = "http://no-such-host.invalid"
    assert load_afresh(name, offline, tmp_path / "one", none, program=WITHOUT_TORCH) == expected
    said = load_afresh(name, offline, tmp_path / "other", none, program=WITHOUT_TORCH)
    assert said.startswith(f"ModelError The ONNX model '{name}' cannot be had")


@pytest.fixture(scope="module")
def architectures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One architecture twice, as OpenCLIP has them: with GELU and with QuickGELU."""
    folder = tmp_path_factory.mktemp("architectures")
    config = {"embed_dim": DIMENSIONS} | ARCHITECTURES["plain"]
    (folder / "tiny.json").write_text(json.dumps(config))
    (folder / "tiny-quickgelu.json").write_text(json.dumps(config | {"quick_gelu": True}))
    return folder


def test_published_weights_get_the_activation_that_they_were_trained_with(
    hub: str, architectures: Path, tmp_path: Path
) -> None:
    expected = {
        "tiny:old": "quick_gelu",
        "tiny-quickgelu:old": "quick_gelu",
        "tiny:new": "gelu",
        "tiny-quickgelu:new": "gelu",
    }
    said = load_afresh(" ".join(expected), hub, tmp_path, str(architectures), program=PUBLISHED)
    models = [json.loads(line) for line in said.splitlines()]
    assert [model["name"] for model in models] == list(expected)
    for model in models:
        right = expected[model["name"]]
        wrong = {"quick_gelu": "gelu", "gelu": "quick_gelu"}[right]
        assert model[right] < 1e-5
        assert model[wrong] > 1e-3
        assert f"-{right}-" in model["fingerprint"]
