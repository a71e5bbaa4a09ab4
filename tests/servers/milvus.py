"""Milvus for tests: a server that runs already, or else one of a package that is installed.

TEST_MILVUS is HOST:PORT of a server that runs. Without it the package `milvus` (2.3.5, a whole
server, without keywords) is started. TEST_MILVUS_LITE and the package `milvus-lite` (slow, with
keywords) are the other way. A package is where its command lies: beside the Python of the tests, in
the folder that `tests/servers/install.py` fills, or on the PATH. Whatever runs, the tests need
pymilvus.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.servers.lane import leave_out, on_free_ports, running
from tests.servers.places import SERVERS

# Each gets a folder and a port, and serves until its standard input ends.
_STANDALONE = """
import fcntl, os, signal, socket, sys, threading
from pathlib import Path

import milvus

folder, port = Path(sys.argv[1]), int(sys.argv[2])
ended, alive = os.pipe()
if os.fork() == 0:  # the server does not end with whoever started it: what watches that does
    os.close(alive)
    os.read(ended, 1)
    os.killpg(0, signal.SIGKILL)

def unpack():  # 200 MB take four seconds of CPU: once for this package, not for each server
    try:
        with open(Path(sys.prefix) / "unpacking.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            milvus._initialize_data_files(sys.prefix + "/unpacked")
        folder.mkdir(exist_ok=True)
        (folder / "bin").symlink_to(Path(sys.prefix) / "unpacked" / "bin")
    except OSError:  # not ours to write in: it is unpacked in the folder
        pass

def free_ports():
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    found = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return found

unpack()
# Its etcd listens on 2379 and 2380 whatever it is told, where no file says otherwise.
client, peer = (f"http://127.0.0.1:{number}" for number in free_ports())
etcd = folder.with_name("etcd.yaml")
etcd.write_text(
    f"listen-client-urls: {client}\\nadvertise-client-urls: {client}\\n"
    f"listen-peer-urls: {peer}\\ninitial-advertise-peer-urls: {peer}\\n"
    f"initial-cluster: default={peer}\\n"
)
os.environ |= {"ETCD_CONFIG_PATH": str(etcd), "LOG_LEVEL": "error"}
server = milvus.MilvusServer(wait_for_started=False)
server.set_base_dir(str(folder))
server.listen_port = port
server.start()

def tell():  # what it has said, to whoever waits for it
    server.server_proc.wait()
    for log in sorted((folder / "logs").iterdir()):
        print(log.name, log.read_text("utf-8", "replace")[-1500:], flush=True)
    os._exit(1)

threading.Thread(target=tell, daemon=True).start()
sys.stdin.read()
server.server_proc.kill()  # to stop takes it a minute while clients are connected
os._exit(0)
"""
_LITE = """
import sys
from runpy import run_module

sys.argv = ["milvus-lite", "server", "--data-dir", sys.argv[1], "--host", "127.0.0.1", "--port",
            sys.argv[2]]
run_module("milvus_lite", run_name="__main__")
"""


@dataclass(frozen=True)
class MilvusKind:
    """One of the two: the variable, its package, the command of that, and what starts it."""

    variable: str
    package: str
    command: str
    program: str

    @property
    def python(self) -> Path | None:
        """The Python that has the package."""
        beside, ours = Path(sys.executable).parent, SERVERS / "milvus" / "bin"
        places = f"{beside}:{ours}:{os.environ.get('PATH', '')}"
        found = shutil.which(self.command, path=places)
        return Path(found).resolve().parent / "python" if found else None


KINDS = {
    "milvus": MilvusKind("TEST_MILVUS", "milvus==2.3.5", "milvus-server", _STANDALONE),
    "milvus_lite": MilvusKind("TEST_MILVUS_LITE", "milvus-lite", "milvus-lite", _LITE),
}


@contextmanager
def running_milvus(name: str, folder: Path) -> Iterator[str]:
    """HOST:PORT of a server; without any, the test is left out."""
    kind = KINDS[name]
    if find_spec("pymilvus") is None:
        leave_out('Nothing here speaks to Milvus: pip install ".[milvus]"')
    if given := os.environ.get(kind.variable):
        yield given
    else:
        with ExitStack() as stack:
            yield on_free_ports(
                1, lambda port: stack.enter_context(running_package(name, folder, port))
            )


@contextmanager
def running_package(name: str, folder: Path, port: int) -> Iterator[str]:
    """HOST:PORT of a server of our own, whatever runs already, with its data in the folder."""
    kind = KINDS[name]
    if kind.python is None or find_spec("pymilvus") is None:
        leave_out(
            f"No Milvus server: set {kind.variable}=HOST:PORT to one that runs, or install "
            f"pymilvus, and run python -m tests.servers.install."
        )
    address = f"127.0.0.1:{port}"
    command = [str(kind.python), "-c", kind.program, str(folder / "data"), str(port)]
    with running(command, folder, lambda: _answers(address)):
        yield address


def drop_collection(location: str) -> None:
    """Remove an index that a test has made: a server holds all of them in memory."""
    from pymilvus import MilvusClient

    server, _, name = location.removeprefix("milvus://").partition("/")
    client = MilvusClient(uri=f"http://{server}")
    if client.has_collection(name) and (found := client.describe_collection(name)):
        for alias in client.list_aliases(found["collection_name"])["aliases"]:
            client.drop_alias(alias)
        client.drop_collection(found["collection_name"])


def _answers(address: str) -> bool:
    from pymilvus import MilvusClient
    from pymilvus.exceptions import MilvusException

    with socket.socket() as probe:
        host, _, port = address.rpartition(":")
        if probe.connect_ex((host, int(port))):
            return False
    try:
        MilvusClient(uri=f"http://{address}", timeout=5).list_collections(timeout=5)
    except MilvusException:
        return False
    return True
