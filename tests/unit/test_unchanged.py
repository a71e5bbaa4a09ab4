"""Which lanes may be left out of a run, told by what git knows."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from grimp import ImportGraph, build_graph

from scripts.unchanged import UNREAD, unchanged
from tests.conftest import INFRA

ROOT = Path(__file__).parents[2]
ALL = tuple(UNREAD)
NO_INFRA = ("engines", "flow", "page")
FILES = (
    "README.md",
    "compose.yaml",
    "docs/design.md",
    "infra/terraform/main.tf",
    "photoseek/search/query.py",
    "photoseek/settings/parts.py",
    "tests/deploy/test_host.py",
    "tests/unit/test_names.py",
    "web/src/app.ts",
)


@pytest.fixture(autouse=True)
def author(monkeypatch: pytest.MonkeyPatch) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone on a branch that has not left the remote's main yet."""
    origin, project = tmp_path / "origin", tmp_path / "project"
    origin.mkdir()
    git(origin, "init", "--quiet", "--initial-branch=main")
    for name in FILES:
        (origin / name).parent.mkdir(parents=True, exist_ok=True)
        (origin / name).write_text("as it was\n")
    commit(origin)
    git(tmp_path, "clone", "--quiet", str(origin), str(project))
    git(project, "switch", "--quiet", "--create", "mine")
    return project


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Change it")


def change(project: Path, *names: str) -> None:
    for name in names:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("another text\n")
    commit(project)


@pytest.mark.parametrize(
    ("names", "left_out"),
    [
        (["docs/design.md", "tests/unit/test_names.py"], "deploy engines flow infra page"),
        (["photoseek/search/query.py"], "engines infra"),
        (["photoseek/cli/index.py"], "engines infra page"),
        (["photoseek/download/journal.py"], "engines flow infra page"),
        (["web/src/app.ts", "docs/design.md"], "engines flow infra"),
        (["web/src/new.ts"], "engines flow infra"),
        (["infra/terraform/main.tf"], "engines flow page"),
        (["compose.yaml", "docs/design.md"], "engines flow page"),
        (["photoseek/store/memory.py"], "infra"),
        (["tests/contract/store/test_writing.py"], "deploy flow infra page"),
        (["tests/contract/test_photo_search.py"], "deploy engines infra page"),
        (["tests/servers/milvus.py"], ""),
        (["photoseek/settings/parts.py"], ""),
        (["requirements.txt"], ""),
        (["tests/deploy/test_host.py"], "engines flow page"),
        (["tests/support/s3.py"], ""),
        (["docs/deploy.md"], "engines flow page"),
        (["scripts/unchanged.py"], ""),
        (["docs/ü\n.md"], ""),
        (["nobody/knows.it"], ""),
    ],
)
def test_a_lane_that_reads_nothing_of_a_change_is_left_out(
    project: Path, names: list[str], left_out: str
) -> None:
    change(project, *names)
    assert unchanged(project) == tuple(left_out.split())


def test_main_may_have_gone_on(project: Path, tmp_path: Path) -> None:
    """What others have changed meanwhile is no change of this branch."""
    change(project, "docs/design.md")
    change(tmp_path / "origin", "infra/terraform/main.tf")
    git(project, "fetch", "--quiet")
    assert unchanged(project) == ALL


def test_what_is_not_committed_counts(project: Path) -> None:
    change(project, "docs/design.md")
    changed = project / "compose.yaml"
    changed.write_text("not committed\n")
    assert unchanged(project) == NO_INFRA
    git(project, "checkout", "--quiet", "compose.yaml")
    assert unchanged(project) == ALL
    (project / "infra" / "new.tf").write_text("not even known to git\n")
    assert unchanged(project) == NO_INFRA


def test_what_moves_away_counts(project: Path) -> None:
    git(project, "mv", "infra/terraform/main.tf", "docs/main.tf")
    commit(project)
    assert unchanged(project) == NO_INFRA


def test_all_runs_where_nothing_can_be_told(project: Path, tmp_path: Path) -> None:
    assert unchanged(project) == (), "a commit of main"
    change(project, "docs/design.md")
    assert unchanged(project) == ALL
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=mine", f"file://{project}", "shallow")
    assert unchanged(shallow) == ()
    git(project, "branch", "--quiet", "--force", "main", "mine")
    git(project, "switch", "--quiet", "main")
    assert unchanged(project) == (), "main itself, further than the remote knows it"
    git(project, "switch", "--quiet", "mine")
    git(project, "remote", "remove", "origin")
    assert unchanged(project) == (), "no remote"
    assert unchanged(tmp_path) == (), "no git"


MARKED = re.compile(r"=pytest\.mark\.flow")

LATER = ("photoseek.engine", "photoseek.client")
"""What the package itself imports when it is asked for."""


@cache
def graph() -> ImportGraph:
    """Who imports whom, also inside of functions."""
    names = ("photoseek", "executors", "tests")
    return build_graph(*names, cache_dir=None, exclude_type_checking_imports=True)


def read_with(*modules: str) -> set[str]:
    """The files of these modules and of all that they import, in turn."""
    seen, waiting = set[str](), list(modules)
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += graph().find_modules_directly_imported_by(module)
            waiting += [module.rpartition(".")[0]] if "." in module else []
    return {file_of(module) for module in seen}


def file_of(module: str) -> str:
    path = ROOT.joinpath(*module.split("."))
    found = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return found.relative_to(ROOT).as_posix()


def below(package: str) -> set[str]:
    return {module for module in graph().modules if module.startswith(f"{package}.")}


def assert_counts(lane: str, *modules: str) -> None:
    """A change of anything that a module imports makes a lane run."""
    read = read_with(*modules)
    assert {file_of(module) for module in modules} <= read
    assert [path for path in sorted(read) if UNREAD[lane].match(path)] == []


def test_tests_of_infra_read_settings_alone_of_the_program() -> None:
    """Whatever those import of photoseek, with all that it imports in turn, counts as a change.

    Of the worker they take one number, which no other module has a part in.
    """
    imported = {
        module
        for name in INFRA
        for module in graph().find_modules_directly_imported_by(f"tests.deploy.{name}")
        if module.startswith("photoseek.")
    }
    one_number = "photoseek.events.worker"
    assert imported <= {"photoseek.settings", "photoseek.settings.parts", one_number}
    assert_counts("infra", "photoseek.settings")
    assert not UNREAD["infra"].match(file_of(one_number))


def test_all_that_stores_in_engines_import_is_read_by_their_tests() -> None:
    assert_counts("engines", "photoseek.store.elastic.engine_store")
    assert_counts("engines", "photoseek.store.milvus.milvus_store")
    assert_counts("engines", "photoseek.indexing.copying")
    for path in (ROOT / "tests").glob("engines/*.py"):
        assert not UNREAD["engines"].match(path.relative_to(ROOT).as_posix()), path


def test_all_that_tests_of_the_page_import_is_read_by_them() -> None:
    assert_counts("page", *LATER, "tests.conftest", *below("tests.page"))
    starting = {"tests.support.terminal", "tests.support.zygote", "tests.support.shell"}
    assert not {file_of(one) for one in starting} & read_with(*below("tests.page")), "a command"


def test_all_that_tests_with_a_flow_import_is_read_by_them() -> None:
    """Wherever they stand: those of other folders are marked. A Flow itself runs executors."""
    marked = {
        module
        for module in graph().modules
        if module.startswith(("tests.api.", "tests.contract.", "tests.unit.", "tests.commands."))
        and (ROOT / file_of(module)).is_file()
        and MARKED.search((ROOT / file_of(module)).read_text("utf-8"))
    }
    assert "tests.contract.test_photo_search" in marked
    everywhere = {*marked, *below("tests.flow"), *below("tests.api")}
    assert_counts("flow", *LATER, "tests.conftest", *everywhere)
    assert_counts("flow", "photoseek.cli.serve", *below("photoseek.flow"), *below("executors"))
    assert not UNREAD["flow"].match("flows/photoseek.yml")
