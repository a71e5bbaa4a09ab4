"""The Dockerfile: its rules, and its steps as far as they go without a container engine."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from photoseek.flow.probe import PARTS
from photoseek.settings import load_settings
from tests.support.deploy.compose import SOURCES, USER
from tests.support.deploy.dockerfile import DOCKERFILE, ROOT, stages, the
from tests.support.web_server import QuietHandler, QuietServer, serving

BIN = Path(sys.executable).parent
INSTALL = ROOT / "infra" / "docker" / "install.sh"


def test_it_follows_the_rules() -> None:
    result = subprocess.run(
        [BIN / "hadolint", "--config", ROOT / ".hadolint.yaml", DOCKERFILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_its_scripts_are_clean() -> None:
    scripts = INSTALL.parent.glob("*.sh")
    result = subprocess.run([BIN / "shellcheck", *scripts], capture_output=True, check=False)
    assert result.returncode == 0, result.stdout


def test_it_runs_as_nobody_in_particular() -> None:
    assert the("USER").text == f"{USER}:{USER}"
    last = [i.keyword for i in stages()["photoseek"]]
    assert last.index("USER") < last.index("ENTRYPOINT")


def test_every_base_can_be_pinned() -> None:
    arguments = {name for i in stages()[""] for name in i.pairs()}
    assert arguments == {"PYTHON_IMAGE", "NODE_IMAGE"}
    for name in ("page", "packages", "photoseek"):
        [base] = [i.text.split()[0] for i in stages()[name] if i.keyword == "FROM"]
        assert base.strip("${}") in arguments


def test_it_has_the_python_that_the_project_wants() -> None:
    [python] = [i.pairs()["PYTHON_IMAGE"] for i in stages()[""] if "PYTHON" in i.text]
    wanted = re.search(r'requires-python = ">=([\d.]+),', (ROOT / "pyproject.toml").read_text())
    assert wanted
    assert python.startswith(f"python:{wanted[1]}-slim")


def test_what_it_is_made_of_is_there_and_nothing_else_is() -> None:
    """.dockerignore lets through what is copied, and no .env, data or tests."""
    copied = set()
    for stage in stages().values():
        for instruction in stage:
            if instruction.keyword == "COPY" and "--from" not in instruction.text:
                copied |= set(instruction.text.split()[:-1])
    assert set(SOURCES) <= copied
    for path in copied:
        assert (ROOT / path).exists(), path
        assert not ignored(path), path
    for path in (".env", "data/index", "tests/conftest.py", ".git", "web/node_modules/react"):
        assert ignored(path), path


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path out; the last line that fits decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!").strip()
        parents = [path, *map(str, Path(path).parents)]
        if pattern and not line.startswith("#") and fits(pattern, parents):
            out = not line.startswith("!")
    return out


def fits(pattern: str, paths: list[str]) -> bool:
    return any(fnmatch.fnmatch(path, pattern) for path in paths)


def test_what_it_writes_by_default_lies_in_its_volumes(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = the("ENV").pairs()
    for name, value in environment.items():
        if name.startswith("PHOTOSEEK_"):
            monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.index, settings.uploads) == ("/data/index", "/data/uploads")
    assert environment["HF_HOME"] == environment["TORCH_HOME"] == "/models"
    exposed = {int(port) for port in the("EXPOSE").text.split()}
    parts = (settings.encoder, settings.indexer)
    assert exposed == {
        settings.http_port,
        settings.grpc_port,
        *(int(part.rpartition(":")[2]) for part in parts),
    }


def test_its_start_and_its_health_check_are_commands_of_ours() -> None:
    assert the("ENTRYPOINT").words() == ["tini", "--", "python", "/app/app.py", "-t"]
    assert the("CMD").words() == ["serve"]
    _, _, check = the("HEALTHCHECK").text.partition(" CMD ")
    assert check == f'["python", "-m", "photoseek.flow.probe", "{PARTS[0]}"]'


def test_only_the_torch_that_is_asked_for_is_installed(tmp_path: Path) -> None:
    """The script itself, with a pip that writes down what it is asked for."""
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    pip = tmp_path / "pip"
    pip.write_text('#!/bin/sh\necho "$@" >>calls.txt\n')
    pip.chmod(0o755)
    environment = os.environ | {"PIP": str(pip)}
    subprocess.run(
        [INSTALL, "cu130", "https://wheels.example"], cwd=tmp_path, env=environment, check=True
    )
    others, torch, check = (tmp_path / "calls.txt").read_text().splitlines()
    assert others.endswith("--no-deps --requirement others.txt")
    assert "--index-url https://wheels.example/cu130 " in torch
    assert check == "check"
    locked = pins(ROOT / "requirements.txt")
    left, chosen = pins(tmp_path / "others.txt"), pins(tmp_path / "torch.txt")
    assert set(chosen) == {"torch", "torchvision"}
    assert chosen.items() <= locked.items()
    gone = set(locked) - set(left) - set(chosen)
    assert gone == {n for n in locked if n.startswith(("nvidia-", "cuda-"))} | {"triton"}
    assert {"open-clip-torch", "jina", "lancedb", "sympy", "filelock"} <= set(left)


class Index(QuietHandler):
    """An index of packages that has PyTorch for processors."""

    def do_GET(self) -> None:  # noqa: N802 -- the name that http.server asks for
        self.answer(200 if self.path == "/cpu/torch/" else 404)


@pytest.mark.skipif(Path("/proc/driver/nvidia").exists(), reason="there is an NVIDIA card")
def test_without_a_card_the_small_torch_is_taken_where_it_can_be_had(tmp_path: Path) -> None:
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    pip = tmp_path / "pip"
    pip.write_text('#!/bin/sh\necho "$@" >>calls.txt\n')
    pip.chmod(0o755)
    environment = os.environ | {"PIP": str(pip), "no_proxy": "127.0.0.1"}
    with serving(QuietServer(Index)) as server:
        index = server.url
        subprocess.run([INSTALL, "auto", index], cwd=tmp_path, env=environment, check=True)
    calls = tmp_path / "calls.txt"
    assert f"--index-url {index}/cpu --requirement torch.txt" in calls.read_text()
    calls.unlink()
    away = subprocess.run(
        [INSTALL, "auto", index],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "cannot be reached" in away.stdout
    assert calls.read_text().endswith("--requirement requirements.txt\n")


def pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ ;\n]+)", path.read_text("utf-8"), re.MULTILINE))


def test_what_is_installed_without_pytorchs_index_fits_together(tmp_path: Path) -> None:
    """The resolver's own word for it; PyPI's torch stands in for the build of another index."""
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    script = '#!/bin/sh\n[ "$1" = check ] || for a; do case $a in *.txt) cat "$a";; esac; done\n'
    pip = tmp_path / "pip"
    pip.write_text(script)
    pip.chmod(0o755)
    result = subprocess.run(
        [INSTALL, "cpu"],
        cwd=tmp_path,
        env=os.environ | {"PIP": str(pip)},
        capture_output=True,
        check=True,
    )
    (tmp_path / "all.txt").write_bytes(result.stdout)
    resolved = subprocess.run(
        [BIN / "uv", "pip", "install", "--dry-run", "--python", sys.executable, "-r", "all.txt"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert resolved.returncode == 0, resolved.stderr
    assert "Would make no changes" in resolved.stderr, "tests run with what the image has"
