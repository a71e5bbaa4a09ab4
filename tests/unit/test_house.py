"""The plan of the house: names, sizes, and what importing a module does, which is nothing."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from scripts import architecture_picture

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "photoseek"
NO_NAMES = {"__init__", "__main__"}
LONGEST = 300
SHORT = 40

MODULES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({path.parent for path in MODULES})


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_no_two_modules_have_one_name() -> None:
    names = Counter(path.stem for path in MODULES if path.stem not in NO_NAMES)
    assert {name for name, count in names.items() if count > 1} == set()


def test_no_two_test_modules_have_one_name() -> None:
    """pytest imports them by their names alone."""
    names = Counter(path.stem for path in (ROOT / "tests").rglob("test_*.py"))
    assert {name for name, count in names.items() if count > 1} == set()


def test_no_module_is_too_long_to_read() -> None:
    long = {str(path.relative_to(ROOT)): _lines(path) for path in MODULES}
    too_long = {name for name, lines in long.items() if lines > LONGEST}
    assert not too_long


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_folder_is_full_of_scraps(folder: Path) -> None:
    modules = [path for path in folder.glob("*.py") if path.stem != "__init__"]
    short = [path.name for path in modules if _lines(path) < SHORT]
    assert len(short) * 3 < len(modules) or not modules, short


def test_the_picture_of_the_rooms_is_up_to_date() -> None:
    assert architecture_picture.PICTURE.read_text("utf-8") == architecture_picture.picture(), (
        "run: python scripts/architecture_picture.py"
    )


CRYPTIC = re.compile(r"\b(so many|anew|dear|come by|came by|a word why)\b", re.IGNORECASE)


def test_plain_words_are_used() -> None:
    sources = [*MODULES, *(ROOT / "executors").rglob("*.py"), *(ROOT / "training").rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if CRYPTIC.search(line)
    ]
    assert found == []


OPENING = {
    **dict.fromkeys(("peek_model", "engine_of", "LazyStore", "reindexing_engine"), 2),
    **dict.fromkeys(("open_thumbnails", "open_originals"), 2),
    **dict.fromkeys(("open_store", "switch_index", "open_target"), 3),
}
"""Functions that open an index, and the number of arguments up to the settings."""


def test_who_opens_an_index_says_by_which_settings() -> None:
    """Else it would go by those of the environment, and not by those that it was given."""
    calls = [
        (path, node, node.func.id)
        for path in (*MODULES, *(ROOT / "executors").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    opening = [call for call in calls if call[2] in OPENING]
    assert len(opening) > 20
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {name}"
        for path, node, name in opening
        if len(node.args) < OPENING[name] and "settings" not in {key.arg for key in node.keywords}
    ]
    assert silent == []


LOOK = """
import logging, os, signal, socket, sys, threading, warnings
import importlib

def state():
    return {
        "environment": dict(os.environ),
        "handlers": list(logging.getLogger().handlers),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
        "threads": threading.active_count(),
        "working folder": os.getcwd(),
        "files": sorted(os.listdir()),
    }

class NoSocket(socket.socket):
    def __init__(self, *arguments, **named):
        raise AssertionError("an import opens a socket")

socket.socket = NoSocket
before = state()
for name in sys.argv[1:]:
    importlib.import_module(name)
    after = state()
    for what, found in after.items():
        assert found == before[what], (name, what)
"""

# What these import from others sets variables and starts threads: Jina, OpenCLIP, LanceDB.
OF_OTHERS = ("photoseek.flow.", "photoseek.model.", "photoseek.compat.", "photoseek.tuning.")
LAUNCHERS = ("compat", "environment", "one_part", "parts_secret", "process", "startup")


def test_importing_a_module_does_nothing(tmp_path: Path) -> None:
    paths = (path.relative_to(ROOT).with_suffix("") for path in MODULES)
    names = [".".join(path.parts) for path in paths if path.stem not in NO_NAMES]
    light = [name for name in names if not name.startswith(OF_OTHERS)]
    light += [f"photoseek.flow.{name}" for name in LAUNCHERS]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    looked = subprocess.run(
        [sys.executable, "-c", LOOK, *light],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert looked.returncode == 0, looked.stderr


def test_tests_of_a_file_run_in_one_worker(request: pytest.FixtureRequest) -> None:
    """Else each worker starts each server, which takes three times as long and mixes them up."""
    if request.config.getoption("loadgroup", default=False):
        assert request.node.nodeid.endswith("@test_house")
