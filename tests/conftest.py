"""What tests of several rooms share: drawn photos, a running Flow, a clean environment."""

from __future__ import annotations

import atexit
import gc
import inspect
import os
import signal
import uuid
from collections.abc import Generator, Iterator
from functools import cache
from itertools import count
from pathlib import Path

import httpx
import hypothesis
import pytest

from photoseek import PhotoSearch
from photoseek.client import Client
from photoseek.demo.library import write_library
from photoseek.flow.process import FlowProcess
from photoseek.indexing.run import index_photos
from photoseek.settings import PREFIX, load_settings
from photoseek.sources import open_source
from tests.servers.shared import SERVED, SharedServers
from tests.support import left_open
from tests.support.certificates import read_once
from tests.support.forked_flow import ForkedFlow
from tests.support.in_process import Running, running_service
from tests.support.s3 import (
    ENVIRONMENT,
    FaultyS3,
    forget_everything,
    make_bucket,
    running_proxy,
    running_s3,
)
from tests.support.servers import HeldBackPhoto, held_back_photo
from tests.support.waiting import PATIENCE

DRAWINGS = 60

# Several workers share the processors. Threads of torch and NumPy that wait for one another there
# do so busily; programs that tests start take this over.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

# This machine may be busy, and what failed once is printed to be written down as a test.
hypothesis.settings.register_profile("calm", deadline=None, database=None)
hypothesis.settings.load_profile("calm")

# Else a request of a test is given up after five seconds, which a busy machine may need.
_patience = inspect.signature(httpx.get).parameters["timeout"].default
_patience.connect = _patience.read = _patience.write = _patience.pool = PATIENCE


LANES = ("commands", "deploy", "engines", "flow", "page", "s3")
"""Tests that take long, by their folder or by what they need. All others are `quick`."""

INFRA = (
    "test_host",
    "test_kubernetes",
    "test_kubernetes_access",
    "test_kubernetes_docs",
    "test_releases",
    "test_terraform",
    "test_terraform_rules",
    "test_terraform_variables",
    "test_undeploy",
)
"""Files of `deploy` that never run the program: scripts/unchanged.py has what they read."""

LONG = (
    "test_engine_cluster",
    "test_deploy",
    "test_parts",
    "test_terraform",
    "test_service",
    "test_command",
    "test_guide",
    "test_like_windows",
    "test_package",
    "test_readme",
    "test_whole_path",
    "test_uploads",
    "test_cluster_run",
    "test_work",
    "test_reindex",
    "test_site",
    "test_memory",
    "test_importing",
    "test_exports",
    "test_clicked",
    "test_told_nearest",
    "test_lance_answers",
)
"""Files that begin first, in this order, so that all workers end together."""

_SERVERS = pytest.StashKey[SharedServers]()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(left_open)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while everything is imported, nor later among what stays of that.

    That takes a third of the time that each worker needs before its first test.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        atexit.register(gc.unfreeze)  # extensions complain of what is left at the end


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with its lane, keep those of a file together, and begin with long files."""
    for item in items:
        for lane in _lanes(item) or ["quick"]:
            item.add_marker(lane)
        if item.path.stem in INFRA:
            item.add_marker("infra")
        if engine := _engine(item):  # all of one in one process, which starts it
            item.add_marker(pytest.mark.xdist_group(engine))
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=lambda item: _place(item.path.stem))


def _lanes(item: pytest.Item) -> list[str]:
    needs_s3 = "s3_url" in getattr(item, "fixturenames", ()) or any(
        word in item.name.partition("[")[2] for word in ("bucket", "on-s3")
    )
    needs = {"s3": needs_s3, "engines": _engine(item) is not None}
    folder = _folder(item.path)
    return [
        lane
        for lane in LANES
        if lane == folder or needs.get(lane, False) or item.get_closest_marker(lane)
    ]


@cache
def _place(stem: str) -> int:
    return next((place for place, long in enumerate(LONG) if stem.startswith(long)), len(LONG))


@cache
def _folder(file: Path) -> str:
    return file.relative_to(Path(__file__).parent).parts[0]


def _engine(item: pytest.Item) -> str | None:
    """The engine whose server a test needs, by what it is parametrized with."""
    given = getattr(item, "callspec", None)
    texts = [value for value in given.params.values() if isinstance(value, str)] if given else []
    for engine in SERVED:
        if any(text == engine or f"{{{engine}}}" in text for text in texts):
            return engine
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """End an engine's server after the last test of its group.

    Only a worker of `--dist loadgroup` has them one after the other; elsewhere those of several
    engines take turns.
    """
    result = yield
    servers, engine = item.session.stash.get(_SERVERS, None), _engine(item)
    is_last = engine and nextitem and _engine(nextitem) != engine
    has_group = getattr(item.config.option, "loadgroup", False)  # of xdist, in its workers
    if servers and engine and is_last and has_group:
        servers.stop(engine)
    return result


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are no name for a test: some hold a random number, another one in each worker."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(autouse=True, scope="session")
def interruptible() -> None:
    """A shell makes what runs behind `&` deaf to Ctrl-C, and all its children with it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def certificates() -> Iterator[None]:
    with read_once():
        yield


@pytest.fixture(autouse=True, scope="module")
def empty_cloud() -> None:
    """What one file of tests leaves in a bucket, or names one, is not there for the next."""
    forget_everything()


@pytest.fixture(scope="session")
def new_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for each test. pytest's own way looks at all that are there, of which many come."""
    top = tmp_path_factory.mktemp("cwd")
    return (top / str(number) for number in count())


@pytest.fixture(autouse=True)
def clean_environment(new_folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine and no .env reaches a test, and no AWS credentials either."""
    for name in [name for name in os.environ if name.startswith((PREFIX, "AWS_"))]:
        monkeypatch.delenv(name)
    folder = next(new_folders)
    folder.mkdir()
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(folder)


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """An S3 server that all tests share; each takes a `bucket` of its own."""
    with running_s3() as url:
        yield url


@pytest.fixture
def bucket(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The s3:// URI of an empty bucket; the AWS settings of this test and its children fit it."""
    for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL": s3_url}.items():
        monkeypatch.setenv(name, value)
    name = f"bucket-{uuid.uuid4().hex}"
    make_bucket(s3_url, name)
    return f"s3://{name}"


@pytest.fixture
def faulty_s3(s3_url: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyS3]:
    """The way to `bucket` leads through this."""
    with running_proxy(s3_url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        yield proxy


@pytest.fixture(scope="session")
def engine_servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedServers]:
    servers = SharedServers(tmp_path_factory.mktemp)
    request.session.stash[_SERVERS] = servers
    yield servers
    servers.stop_all()


@pytest.fixture(scope="session")
def elastic_url(engine_servers: SharedServers) -> str:
    """An Elasticsearch that all tests share."""
    return engine_servers.address("elastic")


@pytest.fixture(scope="session")
def opensearch_url(engine_servers: SharedServers) -> str:
    """An OpenSearch that all tests share."""
    return engine_servers.address("opensearch")


@pytest.fixture(scope="session")
def milvus(engine_servers: SharedServers) -> str:
    """HOST:PORT of a Milvus server that all tests share."""
    return engine_servers.address("milvus")


@pytest.fixture(scope="session")
def milvus_lite(engine_servers: SharedServers) -> str:
    """HOST:PORT of the other kind of Milvus server that all tests share."""
    return engine_servers.address("milvus_lite")


@pytest.fixture(scope="session")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The manifest of a small demo library."""
    folder = tmp_path_factory.mktemp("drawings")
    write_library(folder, count=DRAWINGS, workers=1)  # a process for each takes longer
    return folder / "photos.csv"


@pytest.fixture(scope="session")
def in_process(drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One process with the demo model over the indexed drawings; leave its index as it is."""
    folder = tmp_path_factory.mktemp("in-process")
    index, uploads = str(folder / "index"), str(folder / "uploads")
    settings = load_settings(index=index, model="demo", uploads=uploads)
    with PhotoSearch(settings) as search:
        report = search.index(drawings)
    assert report.indexed == DRAWINGS, report
    with running_service(settings) as service:
        yield service


@pytest.fixture(scope="session")
def flow(drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlowProcess]:
    """A Flow with the demo model over the indexed drawings; leave its index as it is."""
    index = tmp_path_factory.mktemp("flow") / "index"
    settings = load_settings(index=str(index), model="demo")
    with ForkedFlow(settings, private=True) as process:
        with Client(process.url) as client:
            report = index_photos(open_source(str(drawings)), client)
        assert report.indexed == DRAWINGS, report
        yield process


@pytest.fixture
def held_back(drawings: Path) -> Iterator[HeldBackPhoto]:
    """A photo on the web that arrives when the test lets it."""
    with held_back_photo(next(drawings.parent.glob("*.jpg")).read_bytes()) as server:
        yield server


@pytest.fixture
def client(flow: FlowProcess) -> Iterator[Client]:
    with Client(flow.url) as client:
        yield client
