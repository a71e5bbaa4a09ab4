"""Elasticsearch and OpenSearch for tests: one that runs already, or else one that is installed.

TEST_ELASTICSEARCH and TEST_OPENSEARCH are the URLs of servers that run, such as
http://127.0.0.1:9200; their official images are the shortest way to have one. Without them a server
is started out of the folder ELASTICSEARCH_HOME or OPENSEARCH_HOME, the one that
`tests/servers/install.py` fills, or that of the command `elasticsearch` or `opensearch` on the
PATH. OpenSearch needs its k-NN plugin. Both run with their own Java, or the newest that is here.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from photoseek.store.elastic.engine_index import template_of
from tests.servers.lane import leave_out, on_free_ports, running
from tests.servers.places import installed_at, java_home

# A server lives for minutes, in which what the thorough compiler makes does not pay. Nor does it to
# check classes that their makers have compiled, or to fill the memory before it is used.
_JAVA_OPTIONS = (
    *("-Xms512m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
    *("-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote", "-XX:-AlwaysPreTouch"),
)
_LOGGING = """\
status = error
appender.c.type = Console
appender.c.name = c
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = %d %p %c{1.} %m%n
rootLogger.level = warn
rootLogger.appenderRef.c.ref = c
"""
_SETTINGS = """\
cluster.name: photoseek-tests
node.name: node-{http}
network.host: 127.0.0.1
http.port: {http}
transport.port: {transport}
path.data: {folder}/data
path.logs: {folder}/logs
cluster.routing.allocation.disk.threshold_enabled: false
"""
# A plain node in the place of OpenSearch's own start, which refuses to run as root.
_NODE = """\
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;

public class Start {
    public static void main(String[] folders) throws Exception {
        Path home = Path.of(folders[0]), config = Path.of(folders[1]);
        LogConfigurator.registerErrorListener();
        var settings = Settings.builder().put("path.home", home.toString()).build();
        var environment =
            InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), config, () -> "node");
        LogConfigurator.configure(environment);
        new Node(environment, List.of(), true) {}.start();
        Thread.currentThread().join();
    }
}
"""


@dataclass(frozen=True)
class SearchEngine:
    """One of the two. `configure` writes what it needs into its folder; `start` is the command."""

    product: str
    url_variable: str
    home_variable: str
    command: str
    more_settings: str
    start: Callable[[Path, Path], list[str]]
    as_root: bool


def _start_elasticsearch(home: Path, folder: Path) -> list[str]:
    (folder / "config" / "jvm.options").write_text("\n".join(_JAVA_OPTIONS))
    return [
        *(str(_java(home) / "bin" / "java"), "-Xmx64m", *_JAVA_OPTIONS[2:], "-Dcli.name=server"),
        *("-Dcli.script=bin/elasticsearch", "-Dcli.libs=lib/tools/server-cli"),
        *(f"-Des.path.home={home}", f"-Des.path.conf={folder}/config"),
        *("-Des.distribution.type=tar", "-cp", f"{home}/lib/*:{home}/lib/cli-launcher/*"),
        "org.elasticsearch.launcher.CliToolLauncher",
    ]


def _start_opensearch(home: Path, folder: Path) -> list[str]:
    source = folder / "Start.java"
    source.write_text(_NODE)
    options = (*_JAVA_OPTIONS, "-Dlog4j2.disable.jmx=true")
    program = [str(source), str(home), f"{folder}/config"]
    return [str(_java(home) / "bin" / "java"), *options, "-cp", f"{home}/lib/*", *program]


ENGINES = {
    "elastic": SearchEngine(
        "Elasticsearch",
        "TEST_ELASTICSEARCH",
        "ELASTICSEARCH_HOME",
        "elasticsearch",
        "xpack.security.enabled: false\n",
        _start_elasticsearch,
        as_root=False,
    ),
    "opensearch": SearchEngine(
        "OpenSearch",
        "TEST_OPENSEARCH",
        "OPENSEARCH_HOME",
        "opensearch",
        "",
        _start_opensearch,
        as_root=True,
    ),
}
"""By the dialect in a location."""


@contextmanager
def running_search_engine(dialect: str) -> Iterator[str]:
    """The URL of a server; without any, the test is left out."""
    engine = ENGINES[dialect]
    if url := os.environ.get(engine.url_variable, "").rstrip("/"):
        httpx.get(f"{url}/_cluster/health?wait_for_status=yellow").raise_for_status()
        yield url
        return
    home = home_of(engine)
    with _started(engine, home) as url:
        yield url


def home_of(engine: SearchEngine) -> Path:
    """Where it is installed; without any, the test is left out."""
    home = installed_at(engine.home_variable, engine.command)
    if home is None:
        leave_out(
            f"No {engine.product}: set {engine.url_variable} to the URL of one that runs, or "
            f"{engine.home_variable} to the folder of one, or run python -m tests.servers.install."
        )
    return home


@contextmanager
def _started(engine: SearchEngine, home: Path) -> Iterator[str]:
    alone = "discovery.type: single-node\n"
    with ExitStack() as stack:

        def started(http: int, transport: int) -> str:
            folder = stack.enter_context(engine_folder())
            return stack.enter_context(running_node(engine, home, folder, http, transport, alone))

        yield on_free_ports(2, started)


@contextmanager
def engine_folder() -> Iterator[Path]:
    """A folder for what a node needs, gone afterwards."""
    # Elasticsearch takes no configuration below the folder for temporary files.
    folder = Path(tempfile.mkdtemp(prefix="photoseek-engine-", dir="/var/tmp"))
    try:
        for name in ("config", "data", "logs", "tmp"):
            (folder / name).mkdir()
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running_node(
    engine: SearchEngine,
    home: Path,
    folder: Path,
    http: int,
    transport: int,
    discovery: str,
    user: tuple[str, str] | None = None,
) -> Iterator[str]:
    """The URL of a node that answers. It is killed in the end; its data stay in the folder.

    `user` is a name and a password for a node that wants them.
    """
    settings = _SETTINGS.format(http=http, transport=transport, folder=folder)
    written = settings + discovery + engine.more_settings
    (folder / "config" / f"{engine.command}.yml").write_text(written)
    (folder / "config" / "log4j2.properties").write_text(_LOGGING)
    command = engine.start(home, folder)
    owner = "nobody" if os.geteuid() == 0 and not engine.as_root else None
    if owner:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, owner)
    url = f"http://127.0.0.1:{http}"
    temporary = {"ES_TMPDIR": f"{folder}/tmp"}
    with running(
        command, folder, lambda: _is_ready(url, user), cwd=home, environment=temporary, user=owner
    ):
        yield url


@contextmanager
def free_name(dialect: str, url: str) -> Iterator[str]:
    """The location of an index that is not there yet; what is made there goes afterwards."""
    name = f"test-{uuid.uuid4().hex}"
    yield f"{dialect}+{url}/{name}"
    made = ",".join((f"{name}-reindex", *(f"{name}-{number:06}" for number in range(1, 5))))
    httpx.delete(f"{url}/{made}", params={"ignore_unavailable": "true"}).raise_for_status()
    httpx.delete(f"{url}/_index_template/{template_of(name)}")


def _is_ready(url: str, user: tuple[str, str] | None) -> bool:
    try:
        answer = httpx.get(f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s", auth=user)
    except httpx.HTTPError:
        return False
    return answer.is_success


def _java(home: Path) -> Path:
    """The JDK that a server brings, or the newest one here."""
    own = home / "jdk"
    found = own if (own / "bin" / "java").is_file() else java_home()
    if found is None:
        leave_out("A search engine needs a JDK of 17 or later.")
    return found
