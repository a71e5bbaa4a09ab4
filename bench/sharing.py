"""What two gateways of one index save by what they share in Redis, and what it costs.

    python -m bench.sharing

Two processes of `serve --in-process` over an index of vectors that lie in clusters, with a ViT-B-32
of random weights (speed does not depend on them), and a Redis of their own (`redis-server`).
Medians of milliseconds over HTTP: texts that nobody has asked for; texts whose embedding the other
gateway has made, and that are asked for with another page size; and what the other gateway has
answered. Then the questions to Redis themselves, and to the index for its version.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx
import psutil

from bench.material import save_vit_b_32
from bench.processes import APP, plain_environment
from bench.running import running
from bench.store import fill, make_vectors
from photoseek.helpers.ports import free_ports
from photoseek.indexing.choosing_model import model_of
from photoseek.settings import load_settings
from photoseek.sharing.redis_state import RedisState
from photoseek.sharing.state_of_settings import redis_client
from photoseek.store import open_store

QUESTIONS = 40


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.sharing", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000, help="vectors that are searched")
    rows: int = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        work = Path(folder)
        model = save_vit_b_32(work / "model")
        identity = model_of(load_settings(model=model), on_demand=True).identity
        store = open_store(work / "index", identity)
        fill(store, make_vectors("clustered", rows, identity.dimensions))
        redis = stack.enter_context(_redis(work))
        one, other = (stack.enter_context(_gateway(work / "index", redis)) for _ in "ab")
        print("| a search over HTTP | p50, ms | CPU of the gateway, ms |\n| --- | ---: | ---: |")
        for label, gateway, top_k in (
            ("a text that nobody has asked for", one, 20),
            ("its embedding is the other gateway's", other, 21),
            ("its answer is the other gateway's", other, 20),
        ):
            wall, cpu = _searches(gateway, top_k)
            print(f"| {label} | {wall:.1f} | {cpu:.1f} |", flush=True)
        for label, milliseconds in asyncio.run(_questions(redis)):
            print(f"| {label} | {milliseconds:.2f} | |")
        print(f"| the index, for its version | {_median(store.version):.2f} | |")
    return 0


@dataclass(frozen=True)
class _Gateway:
    url: str
    process: psutil.Process


def _searches(gateway: _Gateway, top_k: int) -> tuple[float, float]:
    """The median of milliseconds, and those of CPU time for each search."""
    url, before = gateway.url, sum(gateway.process.cpu_times()[:2])
    with httpx.Client(trust_env=False, timeout=60) as http:
        http.get(f"{url}/healthz")
        times = []
        for number in range(QUESTIONS):
            asked: dict[str, str | int] = {"q": f"photo {number} of a boat", "limit": top_k}
            start = time.perf_counter()
            http.get(f"{url}/api/search", params=asked).raise_for_status()
            times.append(1e3 * (time.perf_counter() - start))
    cpu = sum(gateway.process.cpu_times()[:2]) - before
    return median(times), 1e3 * cpu / QUESTIONS


async def _questions(redis: str) -> list[tuple[str, float]]:
    client = redis_client(load_settings(redis=redis))
    state = RedisState(client, "bench:", answer_seconds=10)
    await state.put("key", bytes(20_000), 60)
    took: dict[str, list[float]] = {"limit": [], "20 kB": []}
    for _ in range(200):
        start = time.perf_counter()
        await state.take("a", 1_000_000)
        middle = time.perf_counter()
        await state.get("key")
        took["limit"].append(1e3 * (middle - start))
        took["20 kB"].append(1e3 * (time.perf_counter() - middle))
    await state.close()
    return [(f"Redis, {what}", median(times)) for what, times in took.items()]


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(200):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return median(times)


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    [port] = free_ports(1)
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    with _running(["redis-server", *options], {}):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _gateway(index: Path, redis: str) -> Iterator[_Gateway]:
    [port] = free_ports(1)
    options = ["--in-process", "--no-open", "--index", str(index), "--http-port", str(port)]
    command = [sys.executable, str(APP), "-t", "serve", *options]
    url = f"http://127.0.0.1:{port}"
    # Threads of several processes that wait for one another do so busily.
    given = {"PHOTOSEEK_REDIS": redis, "PHOTOSEEK_UPLOADS": "off", "OMP_NUM_THREADS": "1"}
    with _running(command, given) as process:
        while not _is_ready(url):
            time.sleep(0.2)
        time.sleep(10)  # the rest of the model is loaded in the background
        yield _Gateway(url, psutil.Process(process.pid))


def _running(
    command: list[str], environment: dict[str, str]
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    quiet = subprocess.DEVNULL
    environment = {**plain_environment(), **environment}
    return running(command, stdout=quiet, stderr=quiet, env=environment)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).is_success
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    sys.exit(main())
