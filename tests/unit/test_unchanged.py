"""Which lanes may be left out of a run, told by what git knows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.unchanged import UNREAD, unchanged
from tests.conftest import INFRA

ROOT = Path(__file__).parents[2]
ALL = tuple(UNREAD)
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
        (["docs/design.md", "tests/unit/test_names.py"], "deploy engines infra"),
        (["photoseek/search/query.py"], "engines infra"),
        (["web/src/app.ts", "docs/design.md"], "engines infra"),
        (["web/src/new.ts"], "engines infra"),
        (["infra/terraform/main.tf"], "engines"),
        (["compose.yaml", "docs/design.md"], "engines"),
        (["photoseek/store/memory.py"], "infra"),
        (["tests/contract/store/test_writing.py"], "deploy infra"),
        (["tests/contract/test_photo_search.py"], "deploy engines infra"),
        (["tests/servers/milvus.py"], ""),
        (["photoseek/settings/parts.py"], ""),
        (["requirements.txt"], ""),
        (["tests/deploy/test_host.py"], "engines"),
        (["tests/support/s3.py"], ""),
        (["docs/deploy.md"], "engines"),
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
    assert unchanged(project) == ("engines",)
    git(project, "checkout", "--quiet", "compose.yaml")
    assert unchanged(project) == ALL
    (project / "infra" / "new.tf").write_text("not even known to git\n")
    assert unchanged(project) == ("engines",)


def test_what_moves_away_counts(project: Path) -> None:
    git(project, "mv", "infra/terraform/main.tf", "docs/main.tf")
    commit(project)
    assert unchanged(project) == ("engines",)


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


def test_tests_of_infra_read_settings_alone_of_the_program() -> None:
    """Whatever those import of photoseek, with all that it imports in turn, counts as a change.

    Of the worker they take one number, which no other module has a part in.
    """
    tests = [ROOT / "tests" / "deploy" / f"{name}.py" for name in INFRA]
    read = {
        name
        for path in tests
        for name in re.findall(r"^ *(?:from|import) (photoseek[\w.]*)", path.read_text(), re.M)
    }
    one_number = "photoseek.events.worker"
    assert read == {"photoseek.settings", "photoseek.settings.parts", one_number}
    assert_counts("infra", "photoseek.settings")
    assert not UNREAD["infra"].match(f"{one_number.replace('.', '/')}.py")


def test_all_that_stores_in_engines_import_is_read_by_their_tests() -> None:
    assert_counts("engines", "photoseek.store.elastic.engine_store")
    assert_counts("engines", "photoseek.store.milvus.milvus_store")
    assert_counts("engines", "photoseek.indexing.copying")
    for path in (ROOT / "tests").glob("engines/*.py"):
        assert not UNREAD["engines"].match(path.relative_to(ROOT).as_posix()), path


def assert_counts(lane: str, module: str) -> None:
    """A change of anything that a module imports makes a lane run."""
    printed = subprocess.run(
        [sys.executable, "-c", IMPORTED, module],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert f"{module.replace('.', '/')}" in {
        path.partition(".py")[0].removesuffix("/__init__") for path in printed
    }
    for path in printed:
        assert not UNREAD[lane].match(path), path


IMPORTED = """
import importlib, sys
from pathlib import Path
importlib.import_module(sys.argv[1])
for name, module in sys.modules.items():
    if name.startswith("photoseek"):
        print(Path(module.__file__).relative_to(Path.cwd()))
"""
