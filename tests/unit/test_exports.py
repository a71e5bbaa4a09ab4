"""What `import photoseek` gives, and what it does not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import photoseek

HEAVY = {"torch", "open_clip", "lancedb", "pyarrow", "jina", "docarray", "boto3", "fastapi"}
"""Packages that take long to import."""


def loaded(code: str, cwd: Path) -> set[str]:
    """Which packages a Python has loaded that has run this."""
    program = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=cwd,
        env={"PYTHONPATH": str(Path(photoseek.__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return set(run.stdout.splitlines()[-1].split())


def test_every_exported_name_is_there_and_named_in_all() -> None:
    module = ast.parse(Path(photoseek.__file__).read_text("utf-8"))
    for_types = next(node for node in module.body if isinstance(node, ast.If))
    typed = {
        alias.name
        for node in for_types.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert {*typed, "__version__"} == set(photoseek.__all__)
    assert set(photoseek.__all__) <= set(dir(photoseek))
    for name in photoseek.__all__:
        assert getattr(photoseek, name)


def test_no_other_name_is_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = photoseek.nonsense


@pytest.mark.parametrize(
    "code",
    [
        "import photoseek",
        "import photoseek; photoseek.PhotoSearch.open('index').close()",
        "import photoseek; photoseek.PhotoSearch.open('s3://bucket/index').close()",
        "import photoseek; photoseek.Client('http://127.0.0.1:9').close()",
        "from photoseek import Hit, Photo, load_settings, open_source",
    ],
)
def test_importing_and_opening_load_nothing_heavy(code: str, tmp_path: Path) -> None:
    assert not HEAVY & loaded(code, tmp_path)


def test_photosearch_needs_no_jina(drawings: Path, tmp_path: Path) -> None:
    code = f"""
from photoseek import PhotoSearch
with PhotoSearch.open('index', model='demo') as photos:
    assert photos.index({str(drawings)!r}, limit=4).indexed == 4
    assert photos.search('a red car', top_k=2).hits
"""
    packages = loaded(code, tmp_path)
    assert {"torch", "lancedb"} <= packages
    assert not {"jina", "docarray", "fastapi", "boto3"} & packages


def test_what_needs_no_model_loads_none(drawings: Path, tmp_path: Path) -> None:
    """A run that finds nothing new, a list, facets, the status, a deletion."""
    with photoseek.PhotoSearch.open(tmp_path / "index", model="demo") as photos:
        photos.index(str(drawings), limit=4)
        ids = [hit.stored.photo.id for hit in photos.search().hits]
    code = f"""
from photoseek import PhotoSearch
with PhotoSearch.open('index') as photos:
    assert photos.index({str(drawings)!r}, limit=4).unchanged == 4
    assert photos.status().photos == photos.search().total == photos.facets().total == 4
    assert photos.thumbnail({ids[0]!r})
    assert photos.delete([{ids[0]!r}]) == 1
"""
    assert not {"torch", "open_clip", "jina", "docarray"} & loaded(code, tmp_path)
