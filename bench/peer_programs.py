"""What each program does with the photos of a folder, as commands whose cost is measured."""

from __future__ import annotations

import os
import shutil
import sys
from abc import ABC, abstractmethod
from pathlib import Path

import torch
from typing_extensions import override

from bench.processes import APP, Cost, measure, plain_environment, task
from bench.rclip import Rclip
from photoseek.compat.torch_onnx import export_to_onnx
from photoseek.model.exported_towers import write_out_attention

QUERY = "a red car at night"
SIDE = 256
"""Pixels of ViT-B-32-256, the only architecture that rclip has."""

_RCLIP_LEGAL = ("LICENSE", "OPENAI-CLIP-MIT.txt", "README.md", "THIRD_PARTY_NOTICES.md")
_RCLIP_TOWERS = "ViT-B-32-256-datacomp_s34b_b86k"

_CLIP_RETRIEVAL_QUERY = """
import sys
from importlib import import_module

clip_back = import_module("clip_retrieval.clip_back")  # the package has a function of that name
options = clip_back.ClipOptions(
    indice_folder=sys.argv[1], clip_model=sys.argv[2], enable_hdf5=False,
    enable_faiss_memory_mapping=False, columns_to_return=["image_path"],
    reorder_metadata_by_ivf_index=False, enable_mclip_option=False, use_jit=False, use_arrow=False,
    provide_safety_model=False, provide_violence_detector=False, provide_aesthetic_embeddings=False,
)
service = clip_back.KnnService(clip_resources={"photos": clip_back.load_clip_index(options)})
found = service.query(text_input=sys.argv[3], num_images=10, num_result_ids=10, deduplicate=False)
assert found, "nothing was found"
"""
"""What its server does with a question, without what it would download for that."""


class Program(ABC):
    """One that indexes a folder of photos and answers a text. `place` is where an index lies."""

    name: str
    knows_photos = True
    """Whether a second run leaves alone what is there."""

    @abstractmethod
    def index(self, photos: Path, place: Path) -> Cost:
        """Bring an index up to date with the photos of a folder."""

    @abstractmethod
    def ask(self, photos: Path, place: Path) -> Cost:
        """Answer a text, from nothing to the answer."""

    def finish(self, place: Path) -> Cost | None:
        """Make ready for questions, where that is a step of its own."""
        return None


class Photoseek(Program):
    """The command line without a server."""

    name = "photoseek"

    def __init__(self, model: str) -> None:
        self._model = model

    @override
    def index(self, photos: Path, place: Path) -> Cost:
        options = ["--source", str(photos), "--model", self._model, "--index", str(place)]
        return measure(task("index", *options), plain_environment(), APP.parent)

    @override
    def ask(self, photos: Path, place: Path) -> Cost:
        return measure(task("query", QUERY, "--index", str(place)), plain_environment(), APP.parent)


class Loop(Program):
    """The lines that anybody writes with OpenCLIP."""

    name = "OpenCLIP loop"
    knows_photos = False

    def __init__(self, model: str) -> None:
        self._model = model

    @override
    def index(self, photos: Path, place: Path) -> Cost:
        return self._run("index", str(photos), str(place))

    @override
    def ask(self, photos: Path, place: Path) -> Cost:
        return self._run("ask", QUERY, str(place))

    def _run(self, *arguments: str) -> Cost:
        command = [sys.executable, "-W", "ignore", "-m", "bench.loop", self._model, *arguments]
        return measure(command, plain_environment(), APP.parent)


class ClipRetrieval(Program):
    """Its commands `inference` and `index`, and what its server does with a question."""

    name = "clip-retrieval 2.45"
    knows_photos = False

    def __init__(self, python: Path, weights: Path) -> None:
        self._python = python
        self._model = f"open_clip:ViT-B-32-256/{weights}"

    @override
    def index(self, photos: Path, place: Path) -> Cost:
        shutil.rmtree(place, ignore_errors=True)
        return self._command(
            *("inference", f"--input_dataset={photos}", f"--output_folder={place}"),
            *(f"--clip_model={self._model}", "--use_jit=False", "--enable_text=False"),
            *("--num_prepro_workers=4", "--batch_size=64"),
        )

    @override
    def finish(self, place: Path) -> Cost:
        return self._command(
            "index", f"--embeddings_folder={place}", f"--index_folder={place / 'index'}"
        )

    @override
    def ask(self, photos: Path, place: Path) -> Cost:
        arguments = ["-c", _CLIP_RETRIEVAL_QUERY, str(place / "index"), self._model, QUERY]
        return self._run(str(self._python), *arguments)

    def _command(self, *arguments: str) -> Cost:
        return self._run(str(self._python.with_name("clip-retrieval")), *arguments)

    def _run(self, *command: str) -> Cost:
        offline = {"HF_HUB_OFFLINE": "1", "NO_ALBUMENTATIONS_UPDATE": "1"}
        return measure(command, os.environ | offline, self._python.parent)


class RclipProgram(Program):
    """Its one command, which indexes the folder that it is called in and asks."""

    name = "rclip 4.0.8"

    def __init__(self, python: Path, weights: Path, work: Path) -> None:
        self._rclip = Rclip(python.with_name("rclip"), weights, work)

    @override
    def index(self, photos: Path, place: Path) -> Cost:
        return self._rclip.ask(place.name, photos, indexing=True)

    @override
    def ask(self, photos: Path, place: Path) -> Cost:
        return self._rclip.ask(place.name, photos, indexing=False)


class _Towers(torch.nn.Module):
    """One way through a network of OpenCLIP."""

    def __init__(self, network: torch.nn.Module, way: str) -> None:
        super().__init__()
        self.network = network
        self.way = way

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = getattr(self.network, self.way)(given)
        return made


def save_for_rclip(model: str, folder: Path) -> None:
    """Write a model as rclip wants its own: two files of ONNX in fp32, and OpenAI's vocabulary."""
    import open_clip

    network, _ = open_clip.create_model_from_pretrained(model)
    network.eval()
    write_out_attention(network)
    towers = folder / _RCLIP_TOWERS
    towers.mkdir(parents=True)
    tokens = torch.ones(2, 77, dtype=torch.int64)
    examples = {
        "visual.onnx": ("encode_image", torch.zeros(2, 3, SIDE, SIDE)),
        "textual.onnx": ("encode_text", tokens),
    }
    for name, (way, example) in examples.items():
        export_to_onnx(
            _Towers(network, way),
            example,
            towers / name,
            names=("input", "output"),
            open_ends={0: "batch"},
        )
    vocabulary = Path(open_clip.__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
    (folder / "tokenizer").mkdir()
    shutil.copyfile(vocabulary, folder / "tokenizer" / vocabulary.name)
    for name in _RCLIP_LEGAL:  # without them it asks its hub
        (folder / name).write_text("Random weights, for measurements.\n", "utf-8")


def weights_of(model: str) -> Path:
    """The file with the weights of a model that `bench.material` has saved."""
    return Path(model.removeprefix("local-dir:")) / "open_clip_model.safetensors"
