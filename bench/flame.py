"""Flame graphs of one query and of one batch of indexing: `python -m bench.flame --to docs`.

They show CPU time alone: what waits is not in them, nor what else the machine does. A query is a
known text with a filter that is another one each time, over made-up vectors, once in one process
and once through gateway, encoder and indexer; the batch are 32 photos of 12 MP, in one process. The
model is a ViT-B-32 with random weights, in ONNX Runtime.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from bench.cpu_samples import Stacks, read, sampling
from bench.flame_drawing import flame, under
from bench.material import SIZES, save_vit_b_32, write_photos
from bench.over_http import fill
from bench.processes import APP, plain_environment
from bench.running import running
from photoseek.client import Client
from photoseek.engine import PhotoSearch
from photoseek.helpers.ports import free_ports
from photoseek.indexing.run import index_photos
from photoseek.model.onnx_export import export_model
from photoseek.onnx_towers import place_for
from photoseek.settings import Settings, load_settings
from photoseek.sources import open_source

QUERIES, BATCHES, BATCH = 200, 2, 32
START_SECONDS = 300
PARTS = ("encoder", "indexer", "gateway")


def main() -> int:
    """Measure and write the pictures."""
    parser = argparse.ArgumentParser(prog="python -m bench.flame", description=__doc__)
    parser.add_argument("--to", type=Path, default=Path("docs"), help="folder (default: docs)")
    parser.add_argument("--rows", type=int, default=100_000, help="vectors that are searched")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        model, exports = save_vit_b_32(work / "model"), work / "exports"
        export_model(model, place_for(model, exports), tell=lambda _: None)
        own = load_settings(model=model, runtime="onnx", exports=str(exports))
        asked = own.model_copy(update={"index": str(work / "index")})
        fill(asked, given.rows, work)
        pictures = {
            "flame-query": _query(asked, work, ("serve",), "A query in one process"),
            "flame-flow": _query(asked, work, PARTS, "A query through gateway, encoder, indexer"),
            "flame-batch": _batch(own, work),
        }
    for name, picture in pictures.items():
        (given.to / f"{name}.svg").write_text(picture, encoding="utf-8")
    return 0


def _query(settings: Settings, work: Path, parts: Sequence[str], title: str) -> str:
    http, grpc, encoder, indexer = free_ports(4)
    addresses = {"encoder": f"127.0.0.1:{encoder}", "indexer": f"127.0.0.1:{indexer}"}
    own = settings.model_copy(update={"http_port": http, "grpc_port": grpc, **addresses})
    flag = work / "counting"
    outputs = {part: work / f"{part}.json" for part in parts}
    url = f"http://127.0.0.1:{http}"
    with _running(own, outputs, flag), httpx.Client(base_url=url, trust_env=False) as client:
        with Client(url) as service:
            end = time.monotonic() + START_SECONDS
            while not service.ready():
                if time.monotonic() > end:
                    raise RuntimeError(f"Not ready after {START_SECONDS} s.")
                time.sleep(0.2)
        _ask(client, 20, 0)
        flag.touch()
        _ask(client, QUERIES, 20)
        flag.unlink()
    stacks: Stacks = Counter()
    for part, output in outputs.items():
        counted = read(output)
        stacks.update(under(part, counted) if len(outputs) > 1 else counted)
    return flame(stacks, title, QUERIES)


def _ask(client: httpx.Client, times: int, first: int) -> None:
    """A text that is known, with a filter that nobody has had."""
    for number in range(first, first + times):
        where = [f"width >= {600 + number % 90}", f"height >= {number // 90}"]
        asked = httpx.QueryParams({"q": "a red car", "limit": 20, "where": where})
        client.get("/api/search", params=asked, timeout=60).raise_for_status()


@contextmanager
def _running(settings: Settings, outputs: Mapping[str, Path], flag: Path) -> Iterator[None]:
    environment = plain_environment() | settings.to_environment()
    quiet = subprocess.DEVNULL
    with ExitStack() as parts:
        for part, output in outputs.items():
            task = ["-t", part, *(["--in-process"] if part == "serve" else [])]
            command = [sys.executable, "-m", "bench.sampled", str(output), str(flag), *task]
            run = running(command, cwd=APP.parent, env=environment, stdout=quiet)
            parts.enter_context(run)
        yield


def _batch(settings: Settings, work: Path) -> str:
    write_photos(work / "photos", SIZES["12 MP"], (BATCHES + 1) * BATCH)
    own = settings.model_copy(update={"index": str(work / "new")})
    photos = list(open_source(str(work / "photos")))
    with PhotoSearch(own) as search:
        search.load()
        index_photos(photos[:BATCH], search)
        with sampling(lambda: True) as stacks:
            index_photos(photos[BATCH:], search)
    return flame(stacks, "A batch of 32 photos of 12 MP", BATCHES)


if __name__ == "__main__":
    sys.exit(main())
