"""How long a new text takes at a server that rests, and at one at which photos are indexed.

    python -m bench.beside

Each text is another one, from one client, over HTTP; photos of 0.2 MP come by the command `index`,
which hands them to the same server. Texts are asked from when the first of these are there, since
the command takes seconds to start. Random weights of a ViT-B-32 and of the kind of `standard`. The
first row of each model is what OpenCLIP itself takes for its text tower alone, so that runs on
unlike machines can be compared.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import numpy as np

from bench.material import SIZES, save_siglip_2, save_vit_b_32, write_photos
from bench.processes import APP, KINDS, measure, plain_environment, served, task
from bench.running import running
from photoseek.client import Client
from photoseek.search.grammar import QueryPart

KNOWN, WARM, TEXTS = 20, 10, 100
_PAUSE = 0.05
_NUMBERS = count()


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.beside", description=__doc__)
    parser.add_argument("--photos", type=int, default=400, help="that are indexed meanwhile")
    photos: int = parser.parse_args().photos
    print("| model | serve | meanwhile | texts | p50, ms | p95, ms | photos/s |")
    print("| --- | --- | --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        write_photos(work / "known", SIZES["0.2 MP"], KNOWN)
        write_photos(work / "new", SIZES["0.2 MP"], photos)
        models = {"ViT-B-32": save_vit_b_32(work / "vit"), "standard": save_siglip_2(work / "sig")}
        for label, model in models.items():
            _print(label, "OpenCLIP's text tower, no server", "nothing", _plain(model), 0)
            for kind, option in KINDS.items():
                index = str(work / f"{label} {kind}")
                known = ("--source", str(work / "known"), "--model", model, "--index", index)
                measure(task("index", *known), plain_environment(), APP.parent)
                with served(index, *option) as server:
                    _answered(server.client, WARM)
                    _print(label, kind, "nothing", _answered(server.client, TEXTS), 0)
                    start = time.perf_counter()
                    source = ("--source", str(work / "new"), "--index", index)
                    port = ("--http-port", server.port)
                    command = task("index", *source, *port)
                    with running(command, env=plain_environment()) as run:
                        while run.poll() is None and server.client.status().photos <= KNOWN:
                            time.sleep(_PAUSE)
                        busy = _answered(server.client, sys.maxsize, run)
                    rate = photos / (time.perf_counter() - start)
                    _print(label, kind, f"{photos} photos", busy, rate)
    return 0


def _plain(model: str) -> list[float]:
    command = [sys.executable, "-m", "bench.plain_text", model]
    said = subprocess.check_output(command, env=plain_environment(), cwd=APP.parent, text=True)
    seconds: list[float] = json.loads(said)
    return seconds


def _answered(client: Client, most: int, run: subprocess.Popen[bytes] | None = None) -> list[float]:
    """Seconds that each of some new texts takes, for as long as a run goes on."""
    seconds: list[float] = []
    while len(seconds) < most and (run is None or run.poll() is None):
        text = QueryPart.of(text=f"a red car at night, number {next(_NUMBERS)}")
        start = time.perf_counter()
        client.search([text])
        seconds.append(time.perf_counter() - start)
        time.sleep(_PAUSE)
    return seconds


def _print(label: str, kind: str, meanwhile: str, seconds: list[float], rate: float) -> None:
    p50, p95 = np.percentile(np.array(seconds) * 1000, (50, 95))
    said = f"{rate:.1f}" if rate else ""
    print(
        f"| {label} | {kind} | {meanwhile} | {len(seconds)} | {p50:.0f} | {p95:.0f} | {said} |",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
