"""No module relies on what Linux alone has, nor on the encoding that a system has for files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.like_windows.lacking import MODULES, OF_OS, OF_SIGNAL

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "photoseek").rglob("*.py"), ROOT / "app.py"]

HAS_ANOTHER_WAY = {
    "cli/checks/machine_checks.py": "nothing is said of a limit on files",
    "cli/forked.py": "cli/spawned.py, where `can_fork` is false",
    "cli/query.py": "a prompt without history",
    "fetch/local.py": "`_open_and_look`, where `_can_walk` is false",
    "flow/": "no Flow: `runs_here` is false, and serve answers in one process",
    "gateway/connections.py": "no limit on files",
    "helpers/locks.py": "filelock",
    "helpers/machine.py": "os.cpu_count, and what Windows says of its memory",
    "model/helper_places.py": "helpers run where the system likes",
}
"""Modules that use such names, and what they do where there are none."""

OPENS = {"open": 1, "fdopen": 1, "read_text": 0, "write_text": 1, "TextIOWrapper": 1}
"""What opens a text, with the place of its encoding or, for the first two, of its mode."""


def test_what_windows_lacks_is_used_where_there_is_another_way() -> None:
    found = {
        f"{path.relative_to(ROOT / 'photoseek')}:{line}: {name}"
        for path in SOURCES
        for line, name in _lacking(ast.parse(path.read_text("utf-8")))
        if not str(path).startswith(tuple(str(ROOT / "photoseek" / it) for it in HAS_ANOTHER_WAY))
    }
    assert not found


@pytest.mark.parametrize("module", HAS_ANOTHER_WAY)
def test_the_list_names_no_others(module: str) -> None:
    paths = [path for path in SOURCES if str(path).startswith(str(ROOT / "photoseek" / module))]
    assert any(list(_lacking(ast.parse(path.read_text("utf-8")))) for path in paths)


def _lacking(tree: ast.Module) -> Iterator[tuple[int, str]]:
    names = {f"os.{name}" for name in OF_OS} | {f"signal.{name}" for name in OF_SIGNAL}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, each.name) for each in node.names if each.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in (*MODULES, "os", "signal"):
            for each in node.names:
                if node.module in MODULES or f"{node.module}.{each.name}" in names:
                    yield node.lineno, f"{node.module}.{each.name}"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in names:
            yield node.lineno, ast.unparse(node)


def test_texts_are_read_and_written_in_an_encoding_that_is_named() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and _opens_text(node) and not _names_encoding(node)
    ]
    assert found == []


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _opens_text(call: ast.Call) -> bool:
    name = _called(call)
    if name not in ("open", "fdopen"):
        return name in OPENS
    if isinstance(call.func, ast.Attribute) and name == "open":
        if not _is_path(call):
            return False
        given = call.args[:1]
    else:
        given = call.args[1:2]
    modes = [*given, *(word.value for word in call.keywords if word.arg == "mode")]
    return not any("b" in ast.unparse(mode) for mode in modes)


def _is_path(call: ast.Call) -> bool:
    """Whether `x.open(...)` opens a file: its first argument, if any, is a mode."""
    first = call.args[0] if call.args else None
    is_mode = isinstance(first, ast.Constant) and set(str(first.value)) <= set("rwxab+t")
    return is_mode or (first is None and any(word.arg == "newline" for word in call.keywords))


def _names_encoding(call: ast.Call) -> bool:
    by_place = len(call.args) > OPENS[_called(call)] and _called(call) not in ("open", "fdopen")
    return by_place or any(word.arg == "encoding" for word in call.keywords)
