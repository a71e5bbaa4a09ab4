"""A store of somebody else's: a package outside of the project, found by its entry point."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from photoseek.client import Client
from photoseek.helpers.ports import free_ports
from photoseek.records import Condition
from photoseek.store import open_store
from tests.support.stored_photos import MODEL, encoded
from tests.support.terminal import ROOT, command, photoseek
from tests.support.waiting import PATIENCE
from tests.support.zygote import Forked

pytestmark = pytest.mark.timeout(600)  # it runs a whole suite, and a Flow

TOY = '''
"""Photos in memory, and a journal of what was written, by which they are there again."""

import pickle
from pathlib import Path

from photoseek.files.filestore import FolderFiles
from photoseek.store import Blobs, MemoryStore, StoreEngine


class ToyStore(MemoryStore):
    def __init__(self, path, model):
        super().__init__(model, f"toy:{path}")
        self._journal = path / "journal"
        if self._journal.exists():
            with self._journal.open("rb") as lines:
                while lines.peek(1):
                    name, given = pickle.load(lines)
                    getattr(MemoryStore, name)(self, given)

    def upsert(self, photos):
        super().upsert(photos)
        self._note("upsert", list(photos))

    def describe(self, photos):
        self._note("describe", list(photos))
        return super().describe(photos)

    def delete(self, ids):
        ids = list(ids)
        self._note("delete", ids)
        return super().delete(ids)

    def _note(self, name, given):
        with self._journal.open("ab") as journal:
            pickle.dump((name, given), journal)


class ToyEngine(StoreEngine):
    def canonical(self, location):
        return f"toy:{self._path(location)}"

    def peek_model(self, location):
        made = self._path(location) / "model"
        return pickle.loads(made.read_bytes()) if made.exists() else None

    def create(self, location, model):
        path = self._path(location)
        path.mkdir(parents=True, exist_ok=True)
        (path / "model").write_bytes(pickle.dumps(model))

    def open(self, location):
        return ToyStore(self._path(location), self.peek_model(location))

    def blobs(self, location):
        path = self._path(location)
        return Blobs(FolderFiles(path / "thumbnails"), FolderFiles(path / "originals"))

    def run_state(self, location):
        return None

    def _path(self, location):
        return Path(location.partition(":")[2]).absolute()
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a Python in which that package is installed."""
    site = tmp_path_factory.mktemp("site")
    (site / "toystore.py").write_text(TOY)
    about = site / "toystore-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: toystore\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[photoseek.stores]\ntoy = toystore:ToyEngine\n")
    return {"PYTHONPATH": os.pathsep.join((str(site), str(ROOT)))}


def test_it_keeps_the_contract(installed: dict[str, str]) -> None:
    result = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "tests/contract/store", "-q"),
            *("-p", "no:cacheprovider", "--store", "toy:{folder}/index"),
        ],
        env=os.environ | installed,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-5_000:]
    assert " passed" in result.stdout
    assert "skipped" not in result.stdout


def test_without_its_package_there_is_no_such_store(tmp_path: Path) -> None:
    result = photoseek("-t", "status", "--index", f"toy:{tmp_path}")
    assert result.returncode != 0
    assert "A store for toy: may come with a package that is not installed" in result.stderr


def test_an_index_is_copied_into_it_and_back(installed: dict[str, str], tmp_path: Path) -> None:
    index, toy, back = str(tmp_path / "index"), f"toy:{tmp_path / 'toy'}", str(tmp_path / "back")
    photos = open_store(index, MODEL)
    photos.upsert([encoded(number, tags=("sea",)) for number in range(30)])
    for origin, place, copied in ((index, toy, 30), (index, toy, 0), (toy, back, 30)):
        run = photoseek(
            *("copy", "--json", "--from", origin, "--to", place),
            environment=installed,
            cwd=tmp_path,
        )
        assert run.returncode == 0, run.stderr
        report = json.loads(run.stdout)
        assert (report["copied"], report["photos"], report["compared"]) == (copied, 30, 30)
    there = open_store(back)
    assert there.browse(99) == photos.browse(99)
    assert there.thumbnail("p00007") == photos.thumbnail("p00007")
    same = there.vectors(["p00007"])["p00007"] == photos.vectors(["p00007"])["p00007"]
    assert same.all()


def test_it_is_filled_and_served(installed: dict[str, str], drawings: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for path in sorted(drawings.parent.rglob("*.jpg"))[:6]:
        shutil.copy(path, photos)
    ports = free_ports(2)
    index = f"toy:{tmp_path / 'index'}"
    options = ["--index", index, "--model", "demo", "--http-port", str(ports[0])]
    environment = os.environ | installed | {"PHOTOSEEK_GRPC_PORT": str(ports[1])}

    for said in ("6 indexed", "6 unchanged"):
        run = photoseek(
            "-t", "index", "--source", photos, *options, environment=installed, cwd=tmp_path
        )
        assert run.returncode == 0, run.stderr
        assert said in run.stdout
    notes = list((tmp_path / "data" / "state").glob("*/sources/*/*.gz"))
    assert len(notes) == 1, "what a source lists is noted apart from such an index"

    serving = Forked(
        command("-t", "serve", *options),
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    try:
        assert serving.stdout is not None
        assert any("Ctrl-C stops" in line for line in serving.stdout)
        with Client(f"http://127.0.0.1:{ports[0]}") as client:
            status = client.status()
            assert (status.location, status.photos) == (index, 6)
            hits = client.search("a red car", top_k=9).hits
            assert len(hits) == 6
            best = hits[0].stored
            assert client.thumbnail(best.photo.id).startswith(b"\xff\xd8")
            same = Condition("content_hash", "=", best.content_hash)
            assert client.search(where=same).total == 1
            assert client.facets().total == 6
            assert client.delete([best.photo.id]) == 1
    finally:
        serving.send_signal(signal.SIGINT)
        serving.communicate(timeout=PATIENCE)
    left = photoseek("-t", "status", *options[:2], environment=installed, cwd=tmp_path)
    assert "5" in left.stdout, left.stderr
