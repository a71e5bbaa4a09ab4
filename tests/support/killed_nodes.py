"""Kills machines, encoders and drivers of runs on a Ray cluster, and looks at what is indexed.

`python -m tests.support.killed_nodes --times 20` does it twenty times, in a network of its own
where that can be had; a test does it once. The photos are in a bucket, behind a proxy that counts
how often each is fetched.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from photoseek.cluster.workers import AT_ONCE
from photoseek.engine import PhotoSearch
from photoseek.files.filestore import open_files
from photoseek.helpers.ports import free_ports
from photoseek.settings import load_settings
from tests.servers.search_engines import free_name, running_search_engine
from tests.support.pictures import drawing, saved
from tests.support.s3 import ENVIRONMENT, FaultyS3, make_bucket, running_proxy, running_s3
from tests.support.terminal import ROOT, kill_family
from tests.support.waiting import wait_until

NODES = 2
"""Machines with a processor, beside the head of the cluster."""

BATCH = 2
PARTITION = 16
"""Photos in a batch and in a partition of the listing."""

STAGE = 120
"""Photos that are new to the bucket each time that all are indexed."""

SLOW = 0.5
FOR_A_MINUTE = 250
"""Photos that last a minute, where each takes so many seconds to be fetched by two machines."""

KINDS = ("node", "encoder", "driver")
INDEXES = ("folder", "s3", "elastic")


@contextmanager
def running_cluster(client_port: int | None = None) -> Iterator[Any]:
    """A head without a processor and some machines with one, all on this machine.

    With a port, Ray's client server listens there.
    """
    from ray.cluster_utils import Cluster

    # Ray's own place is one for all, and nobody clears it.
    folder = tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True)
    head = {"num_cpus": 0, "temp_dir": folder.name, "ray_client_server_port": client_port}
    cluster = Cluster()
    try:
        _patiently(lambda: cluster.add_node(**head, **_SMALL))
        for _ in range(NODES):
            add_node(cluster)
        yield cluster
    finally:
        cluster.shutdown()
        folder.cleanup()


def add_node(cluster: Any) -> None:
    """Add a machine, with an address of its own: a driver joins the one that has its address."""
    taken = {node.node_ip_address for node in cluster.list_all_nodes()}
    addresses = (f"127.0.0.{number}" for number in range(2, 250))
    free = next(address for address in addresses if address not in taken)
    _patiently(lambda: cluster.add_node(num_cpus=1, node_ip_address=free, **_SMALL))


def _patiently(add: Callable[[], object]) -> None:
    """Add a machine; Ray gives up after 30 s, and this one may be busy."""
    for tries_left in reversed(range(4)):
        try:
            add()
        except Exception:
            if not tries_left:
                raise
        else:
            return


_SMALL = {"include_dashboard": False, "object_store_memory": 100 << 20}


class Runs:
    """The command that is killed and begun again, and what it works on."""

    def __init__(
        self, bucket: str, index: str, proxy: FaultyS3, cluster: Any, on: str = "ray"
    ) -> None:
        """`on` is what the command is told of the cluster."""
        self.cluster = cluster
        self.index = index
        self.proxy = proxy
        self.place = open_files(f"{bucket}/photos")
        self.names: list[str] = []
        self.again = 0
        """How many photos may have been fetched once more because of what was killed."""

        self._options = ["--source", self.place.uri, "--index", index, "--model", "demo"]
        self._options += ["--batch-size", str(BATCH), "--json", "--on", on]
        self._run: subprocess.Popen[str] | None = None

    def fetched(self) -> Counter[str]:
        """How often each photo was fetched."""
        seen = [each for each in self.proxy.seen if each.method == "GET"]
        paths = (each.path.partition("?")[0] for each in seen)
        return Counter(path.rpartition("/")[2] for path in paths if path.endswith(".jpg"))

    def stored(self) -> dict[str, int]:
        """The widths of the photos that are indexed, by their names, each once."""
        with PhotoSearch(load_settings(index=self.index)) as library:
            found = library.browse(top_k=10_000)
        names = [hit.stored.photo.uri.rpartition("/")[2] for hit in found.hits]
        assert found.total == len(names) == len(set(names)), "a photo is stored twice"
        widths = [hit.stored.width for hit in found.hits]
        return dict(zip(names, widths, strict=True))

    def more(self, count: int = STAGE) -> None:
        """Put further photos into the bucket."""
        for number in range(len(self.names), len(self.names) + count):
            self.names.append(f"{number:05}.jpg")
            self.place.write(self.names[-1], saved(drawing(64 + number), "JPEG"))

    def begin(self) -> None:
        """Begin a run."""
        command = [sys.executable, "-m", "photoseek", "index", *self._options]
        environment = os.environ | {"RAY_ADDRESS": self.cluster.address}
        pipe = subprocess.PIPE
        self._run = subprocess.Popen(
            command, env=environment, stdout=pipe, stderr=pipe, text=True, cwd=ROOT
        )

    def ended(self) -> bool:
        """Whether the run has ended; it must have ended well then."""
        assert self._run is not None
        if self._run.poll() is None:
            return False
        said, complaint = self._run.communicate()
        assert self._run.returncode == 0, complaint
        assert said.startswith("{"), (said, complaint)
        assert json.loads(said)["skipped"] == [], said
        return True

    def get_going(self, photos: int) -> None:
        """Return when a run has fetched so many photos more."""
        aim = self.fetched().total() + photos
        while self.fetched().total() < aim:
            if self._run is None or self.ended():
                self.more()
                self.begin()
            time.sleep(0.05)

    def end(self) -> None:
        """Wait for the end of the run."""
        wait_until(self.ended, "the run to end", 300, every=0.2)

    def broken_off(self) -> tuple[int, str]:
        """How a run ends that cannot go on, and what it says then."""
        assert self._run is not None
        _, complaint = self._run.communicate(timeout=400)
        code, self._run = self._run.returncode, None
        return code, complaint

    def stop(self) -> None:
        """Kill the run, where it goes on."""
        if self._run is not None and self._run.poll() is None:
            kill_family(self._run.pid)
            self._run.wait()

    def kill(self, kind: str, which: random.Random, *, is_last: bool) -> None:
        """Kill something, and note what was under way in it; machines but the last are replaced."""
        if kind == "driver":
            self.stop()
            self.again += len(self.fetched()) - len(self.stored())
            self.begin()
            return
        self.again += AT_ONCE * PARTITION
        if kind == "encoder":
            victims = [each for each in _processes() if "RemoteEncoder" in each.name()]
            if victims:
                which.choice(victims).kill()
            return
        node = which.choice(list(self.cluster.worker_nodes))
        self.cluster.remove_node(node, allow_graceful=False)
        if not is_last:
            add_node(self.cluster)


def _processes() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if process.name().startswith("ray::"):
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def kill_some(runs: Runs, kinds: list[str], seed: int, say: Callable[[str], None] = print) -> None:
    """Kill these one after the other, in mid-run; check what is indexed.

    Raises AssertionError when a photo is lost, doubled, or was encoded more often than can be.
    """
    which = random.Random(seed)
    try:
        for turn, kind in enumerate(kinds, start=1):
            runs.get_going(which.randrange(4, 40))
            runs.kill(kind, which, is_last=turn == len(kinds))
            say(f"kill {turn}: {kind}, {runs.fetched().total()} fetched of {len(runs.names)}")
        runs.end()
    finally:
        runs.stop()
    stored = runs.stored()
    assert stored == {name: 64 + number for number, name in enumerate(runs.names)}
    fetched = runs.fetched()
    again = fetched.total() - len(fetched)
    say(f"{len(stored)} photos stored once each; {again} fetched again, {runs.again} at most")
    assert again <= runs.again, (again, runs.again)


@contextmanager
def index_in(kind: str, folder: Path) -> Iterator[str]:
    """Where an index can be made. Workers write to one in Elasticsearch, which is started here."""
    if kind != "elastic":
        yield "s3://photos/index" if kind == "s3" else str(folder / "index")
        return
    os.environ.pop("TEST_ELASTICSEARCH", None)  # it may be out of reach of this network
    os.environ |= {"PHOTOSEEK_BLOBS": "s3://photos/blobs", "PHOTOSEEK_STATE": f"{folder}/state"}
    with running_search_engine(kind) as url, free_name(kind, url) as location:
        yield location


def lose_the_head(runs: Runs, port: int | None, say: Callable[[str], None] = print) -> None:
    """Kill the head in mid-run, which has to end with a sentence, and go on in another cluster.

    `port` is that of Ray's client server, where the run uses that.

    Raises AssertionError where it says something else, or a photo is lost or doubled.
    """
    runs.more(FOR_A_MINUTE)
    runs.begin()
    runs.get_going(10)
    head = runs.cluster.head_node
    head.kill_gcs_server()
    runs.cluster.remove_node(head, allow_graceful=False)
    say(f"the head is gone, {runs.fetched().total()} fetched of {len(runs.names)}")
    code, said = runs.broken_off()
    say(f"ended with {code}: {said.splitlines()[-1]}")
    assert code == 1, said
    assert "The Ray cluster is gone" in said
    assert "the same command goes on from there" in said
    assert "Traceback" not in said
    runs.cluster.shutdown()
    with running_cluster(port) as cluster:
        runs.cluster = cluster
        runs.begin()
        runs.end()
    assert runs.stored() == {name: 64 + number for number, name in enumerate(runs.names)}


def main() -> int:
    """Kill machines, encoders and drivers at random moments."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.killed_nodes", description=main.__doc__
    )
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--kind", choices=KINDS, help="what is killed (default: any)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--index", choices=INDEXES, default="folder")
    parser.add_argument("--head", action="store_true", help="kill the head, once")
    parser.add_argument("--client", action="store_true", help="through Ray's client server")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", "lancedb fork support")  # what is forked becomes Ray at once
    port = free_ports(1)[0] if options.client else None
    on = f"ray://127.0.0.1:{port}" if options.client else "ray"
    which = random.Random(options.seed)
    kinds = [options.kind or which.choice(KINDS) for _ in range(options.times)]
    with (
        tempfile.TemporaryDirectory() as folder,
        running_s3() as url,
        running_proxy(url, delay=SLOW if options.head else 0.1) as proxy,
        running_cluster(port) as cluster,
    ):
        os.environ.update({**ENVIRONMENT, "AWS_ENDPOINT_URL": proxy.url})
        os.environ["PHOTOSEEK_FETCH_THREADS"] = "1"
        make_bucket(url, "photos")
        with index_in(options.index, Path(folder)) as index:
            runs = Runs("s3://photos", index, proxy, cluster, on)
            if options.head:
                lose_the_head(runs, port)
                print("Nothing is lost with the head")
                return 0
            kill_some(runs, kinds, options.seed)
    print(f"{options.times} kills, and every photo is there once")
    return 0


def alone(arguments: list[str]) -> list[str]:
    """The command of this script, in a network of its own where that can be had."""
    command = [sys.executable, "-m", "tests.support.killed_nodes", *arguments]
    fence = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    can = shutil.which("unshare") and shutil.which("ip")
    if can and subprocess.run([*fence, "true"], capture_output=True, check=False).returncode == 0:
        return [*fence, *command]
    return command


if __name__ == "__main__":
    sys.exit(main())
