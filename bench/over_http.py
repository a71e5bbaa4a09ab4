"""What answers over HTTP take: searches, thumbnails and facets, in one process and through a Flow.

    python -m bench.over_http [--beside CHECKOUT]

The rows of docs/benchmarks/searching.md: a text that nobody has asked for, with one client
and with 16; a text that is known, with a filter that nobody has had; forty thumbnails, six at a
time, as browsers ask; facets of a filter that is new, and hits with such facets; and what the page
asks for when a second filter is chosen, in three requests as it once did, and in one. The photos
are made-up vectors that lie as CLIP's do, the model a ViT-B-32 of random weights in ONNX Runtime.
Beside milliseconds stands the CPU time of all processes of the server for each of these: other work
of the machine makes it longer by little. `--beside` measures another checkout over the same index
by turns, and gives ratios.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

from bench import clip_like
from bench.material import save_vit_b_32, write_photos
from bench.processes import APP, KINDS, plain_environment
from bench.running import running
from photoseek.client import Client
from photoseek.helpers.ports import free_ports
from photoseek.model.onnx_export import export_model
from photoseek.onnx_towers import place_for
from photoseek.records import EncodedPhoto, Photo
from photoseek.settings import Settings, load_settings
from photoseek.store import PhotoStore, open_store

PAGE, AT_ONCE, CLIENTS = 40, 6, 16
BATCH = 10_000
SETTLE_SECONDS = 8
"""Until the rest of the model is loaded, which a server does in the background."""

_numbers = count()


@dataclass
class Served:
    """A server that is ready: its processes, and connections to it."""

    url: str
    process: psutil.Process
    http: httpx.Client
    connections: list[HTTPConnection]
    thumbnails: list[str] = field(default_factory=list)

    def cpu(self) -> float:
        """Seconds of CPU time that all of its processes have had."""
        processes = [self.process, *self.process.children(recursive=True)]
        return sum(sum(each.cpu_times()[:2]) for each in processes)

    def get(self, path: str, **parameters: str | int | list[str]) -> httpx.Response:
        """The answer to a request, which is one of 200."""
        return self.http.get(path, params=httpx.QueryParams(parameters)).raise_for_status()

    def post(self, **asked: Any) -> httpx.Response:
        """The answer to a search for a known text, in JSON."""
        return self.http.post(
            "/api/search", json={"query": "a red car", **asked}
        ).raise_for_status()


@dataclass(frozen=True)
class Row:
    """What is asked again and again: `each` times in a round, by so many clients at once."""

    what: str
    ask: Callable[[Served], object]
    each: int
    clients: int = 1


@dataclass
class Measured:
    """Milliseconds of each, seconds of all, and milliseconds of CPU time for each round."""

    took: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: list[float] = field(default_factory=list)


def new_text(served: Served) -> None:
    """A text that nobody has asked for."""
    served.get("/api/search", q=f"an old boat at night, number {next(_numbers)}", top_k=20)


def new_filter(served: Served) -> None:
    """A text that is known, with a filter that nobody has had."""
    served.get("/api/search", q="a red car", top_k=20, where=_filter())


def thumbnails(served: Served) -> None:
    """All of a page, each connection its share. httpx would take longer than the server does."""

    def some(place: int) -> None:
        connection = served.connections[place]
        for link in served.thumbnails[place::AT_ONCE]:
            connection.request("GET", link)
            answer = connection.getresponse()
            if not answer.read() or answer.status != 200:
                raise RuntimeError(f"{link} was answered with {answer.status}.")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(some, range(AT_ONCE)))


def facets(served: Served) -> None:
    """What the photos of a new filter have in common."""
    served.get("/api/facets", where=_filter())


def hits_and_facets(served: Served) -> None:
    """A known text with a new filter, and the facets of that filter: what a page shows."""
    where = _filter()
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(served.get, "/api/search", q="a red car", top_k=PAGE, where=where)
        served.get("/api/facets", where=where)
        asked.result()


def second_filter(served: Served) -> None:
    """Hits, facets, and the facets without the first filter: a request for each, at once."""
    where, first = _filter(), "landscape"
    with ThreadPoolExecutor(3) as pool:
        asked = [
            pool.submit(served.post, top_k=PAGE, filter={"orientation": [first], "where": where}),
            pool.submit(served.get, "/api/facets", orientation=first, where=where),
            pool.submit(served.get, "/api/facets", where=where),
        ]
        for each in asked:
            each.result()


def second_filter_at_once(served: Served) -> None:
    """The same in one request, as the page asks."""
    filters = {"orientation": ["landscape"], "where": _filter()}
    answer = served.post(top_k=PAGE, filter=filters, facets="choices").json()
    if not answer["facets"]["orientation"]:
        raise RuntimeError("The hits came without facets.")


ROWS = (
    Row("a new text", new_text, 60),
    Row(f"a new text, {CLIENTS} clients", new_text, 160, CLIENTS),
    Row("a known text, a new filter", new_filter, 60),
    Row(f"{PAGE} thumbnails", thumbnails, 12),
    Row("facets, a new filter", facets, 20),
    Row("hits and facets, a new filter", hits_and_facets, 30),
    Row("a second filter in the page, three requests", second_filter, 30),
    Row("a second filter in the page, one request", second_filter_at_once, 30),
)


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.over_http", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="vectors (default: 100,000)")
    parser.add_argument("--rounds", type=int, default=3, help="of each row (default: 3)")
    parser.add_argument("--beside", type=Path, help="another checkout, with its own .venv")
    parser.add_argument("--folder", type=Path, help="keeps model and index for the next time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        settings = _prepared(given.folder or Path(name), given.rows)
        programs = {"now": [sys.executable, str(APP)]}
        if given.beside:
            other = given.beside.absolute()
            programs["before"] = [str(other / ".venv/bin/python"), str(other / "app.py")]
        _print_head(len(programs) > 1)
        for kind, options in KINDS.items():
            with ExitStack() as stack:
                servers = {
                    label: stack.enter_context(
                        _served(settings, [*program, "-t", "serve"], options)
                    )
                    for label, program in programs.items()
                }
                time.sleep(SETTLE_SECONDS)
                for row in ROWS:
                    _print_row(kind, row, _by_turns(row, servers, given.rounds))
    return 0


def _by_turns(row: Row, servers: dict[str, Served], rounds: int) -> dict[str, Measured]:
    measured = {label: Measured() for label in servers}
    for served in servers.values():
        for _ in range(3):
            row.ask(served)
    for number in range(rounds):
        labels = list(servers) if number % 2 else list(servers)[::-1]
        for label in labels:
            _round(row, servers[label], measured[label])
    return measured


def _round(row: Row, served: Served, measured: Measured) -> None:
    def once(_: int) -> float:
        start = time.perf_counter()
        row.ask(served)
        return 1000 * (time.perf_counter() - start)

    cpu, start = served.cpu(), time.perf_counter()
    with ThreadPoolExecutor(row.clients) as pool:
        measured.took += pool.map(once, range(row.each))
    measured.seconds += time.perf_counter() - start
    measured.cpu.append(1000 * (served.cpu() - cpu) / row.each)


def _print_head(is_beside: bool) -> None:
    columns = ["serve", "what", "p50, ms", "p99, ms", "a second", "CPU, ms"]
    columns += ["before: p50, ms", "CPU, ms", "ratio: p50", "CPU"] if is_beside else []
    print("|", " | ".join(columns), "|")
    print("|", " | ".join(["---"] * 2 + ["---:"] * (len(columns) - 2)), "|")


def _print_row(kind: str, row: Row, measured: dict[str, Measured]) -> None:
    now, before = measured["now"], measured.get("before")
    p50, p99 = np.percentile(now.took, (50, 99))
    rate, cpu = len(now.took) / now.seconds, float(np.median(now.cpu))
    cells = [kind, row.what, f"{p50:.1f}", f"{p99:.1f}", f"{rate:.0f}", f"{cpu:.1f}"]
    if before is not None:
        was, had = float(np.median(before.took)), float(np.median(before.cpu))
        cells += [f"{was:.1f}", f"{had:.1f}", f"{p50 / was:.2f}", f"{cpu / had:.2f}"]
    print("|", " | ".join(cells), "|", flush=True)


def _filter() -> list[str]:
    """A filter that nobody has had; it keeps about half of the photos."""
    number = next(_numbers)
    return [f"width >= {600 + number % 100}", f"height < {5_000 + number}"]


def _prepared(folder: Path, rows: int) -> Settings:
    model, exports = folder / "model", folder / "exports"
    source = f"local-dir:{model}" if model.exists() else save_vit_b_32(model)
    if not exports.exists():
        export_model(source, place_for(source, exports), tell=lambda _: None)
    settings = load_settings(model=source, runtime="onnx", exports=str(exports), uploads="off")
    settings = settings.model_copy(update={"index": str(folder / "index")})
    if not (folder / "index").exists():
        fill(settings, rows, folder)
    return settings


def fill(settings: Settings, rows: int, folder: Path) -> None:
    """Put vectors into a new index. The first of those that were added last have thumbnails.

    They are made of pictures in the folder.
    """
    from photoseek.model import load_model

    pictures = write_photos(folder / "pictures", (320, 240), PAGE)
    jpegs = [picture.read_bytes() for picture in pictures]
    store: PhotoStore = open_store(settings.index, load_model(settings.model or "").identity)
    for start in range(0, rows, BATCH):
        vectors = clip_like.photos(min(BATCH, rows - start), seed=start)
        photos = [_photo(start + place, vector) for place, vector in enumerate(vectors)]
        if start + BATCH >= rows:
            newest = zip(photos[:PAGE], jpegs, strict=True)
            photos[:PAGE] = [replace(photo, thumbnail=jpeg) for photo, jpeg in newest]
        store.upsert(photos)
    store.maintain()


def _photo(number: int, vector: np.ndarray) -> EncodedPhoto:
    words = ("red", "blue", "old", "car", "dog", "house", "tree", "boat", "night", "beach", "snow")
    tags = (words[number % 11], words[number // 11 % 11])
    return EncodedPhoto(
        Photo(id=f"{number}", uri=f"/photos/{number}.jpg", caption=f"a {tags[0]} photo", tags=tags),
        content_hash=blake2b(b"%d" % number, digest_size=16).hexdigest(),
        width=600 + number % 200,
        height=480,
        vector=vector,
        thumbnail=b"",
    )


@contextmanager
def _served(settings: Settings, task: Sequence[str], options: Sequence[str]) -> Iterator[Served]:
    http, grpc = free_ports(2)
    own = settings.model_copy(update={"http_port": http, "grpc_port": grpc})
    environment = plain_environment() | own.to_environment()
    command = [*task, "--no-open", *options]
    url = f"http://127.0.0.1:{http}"
    quiet = subprocess.DEVNULL
    with running(command, env=environment, stdout=quiet, cwd=Path(task[1]).parent) as run:
        with Client(url) as client:
            while not client.ready():
                if run.poll() is not None:
                    raise subprocess.CalledProcessError(run.returncode, command)
                time.sleep(0.2)
        limits = httpx.Limits(max_connections=CLIENTS, max_keepalive_connections=CLIENTS)
        with httpx.Client(base_url=url, trust_env=False, timeout=60, limits=limits) as http_to:
            connections = [HTTPConnection("127.0.0.1", http) for _ in range(AT_ONCE)]
            served = Served(url, psutil.Process(run.pid), http_to, connections)
            newest = served.get("/api/search", top_k=PAGE).json()["hits"]
            served.thumbnails = [hit["links"]["thumbnail"] for hit in newest]
            yield served


if __name__ == "__main__":
    sys.exit(main())
