"""Parts of libraries that are left out while something is loaded, and are there afterwards."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from photoseek.compat.imports import bare_package, no_collection, stand_ins


def runs_here(program: str) -> None:
    """A new process runs this without an error."""
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=__file__.partition("/tests/")[0],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_what_stands_in_is_gone_afterwards() -> None:
    sys.modules.pop("this", None)
    with stand_ins({"this": ModuleType("this")}):
        import this

        assert not hasattr(this, "s")
    assert "this" not in sys.modules


def test_none_is_a_module_that_is_not_installed() -> None:
    sys.modules.pop("this", None)
    with stand_ins({"this": None}), pytest.raises(ModuleNotFoundError):
        import this  # noqa: F401


def test_a_module_that_is_loaded_stays() -> None:
    with stand_ins({"json": ModuleType("json")}):
        import json

        assert json.loads("1") == 1
    assert sys.modules["json"] is json


def test_the_modules_of_a_bare_package_can_be_imported() -> None:
    package = bare_package("wsgiref")
    assert not hasattr(package, "headers")
    assert package.__path__ == __import__("wsgiref").__path__
    assert bare_package("no_such_package").__dict__.get("__path__") is None


def test_garbage_is_looked_for_again_afterwards() -> None:
    with no_collection():
        assert not gc.isenabled()
        with no_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_process_of_our_own_never_looks_at_what_it_has_imported() -> None:
    program = (
        "import gc\n"
        "from photoseek.compat.imports import leave_out_more, no_collection\n"
        "with no_collection():\n"
        "    import http.client\n"
        "assert not gc.get_freeze_count()\n"
        "leave_out_more()\n"
        "with no_collection():\n"
        "    import asyncio\n"
        "assert gc.get_freeze_count() > 1000\n"
    )
    runs_here(program)


@pytest.mark.parametrize(
    ("ours", "left_out", "works"),
    [
        ("photoseek.model", "torch._dynamo", "torch._dynamo.is_compiling() is False"),
        ("photoseek.compat.lance", "lance_namespace_urllib3_client.api", "{}.table_api.TableApi"),
    ],
)
def test_a_library_is_whole_again_for_whoever_wants_it(
    ours: str, left_out: str, works: str
) -> None:
    program = (
        f"import sys, {ours}\n"
        f"assert {left_out!r} not in sys.modules\n"
        f"import {left_out}\n"
        f"assert {works.format(left_out)}\n"
    )
    runs_here(program)


def test_what_is_left_out_comes_back_for_who_cannot_do_without(tmp_path: Path) -> None:
    (tmp_path / "pandas.py").write_text("__version__ = '3.0'\n")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from photoseek.compat.imports import bring_back, leave_out_more\n"
        "leave_out_more()\n"
        "import photoseek.compat.lance\n"
        "assert 'pandas' not in sys.modules\n"
        "bring_back('pandas')\n"
        "import pandas\n"
    )
    runs_here(program)


def test_a_library_comes_without_its_command_line_in_a_process_of_our_own() -> None:
    program = (
        "import sys\n"
        "from photoseek.compat.imports import leave_out_more\n"
        "leave_out_more()\n"
        "import httpx\n"
        "assert httpx.Client and 'click' not in sys.modules\n"
    )
    runs_here(program)
