"""Disks that are full, read-only or gone: one clear sentence, and what was there stays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from photoseek.errors import StoreError, StoreWriteError
from photoseek.store import PhotoStore, open_store
from tests.support.stored_photos import MODEL, WRITES, encoded, photo, vector_of


def filled(location: Path) -> PhotoStore:
    store = open_store(location, MODEL)
    store.upsert([encoded(number) for number in range(100)])
    return store


def assert_unharmed(store: PhotoStore) -> None:
    for view in (store, open_store(store.location)):
        assert view.count() == 100
        assert len(view.search(vector_of(0), 200)) == 100
        assert view.get(["p00001"])["p00001"].photo == photo(1)
        assert view.thumbnail("p00001") == b"thumbnail of 1"


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A small disk of its own; only root may mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("this user may not mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("write", WRITES)
def test_a_full_disk(tmp_path: Path, write: str) -> None:
    with disk(tmp_path / "disk", "1m") as folder:
        store = filled(folder / "index")
        with suppress(OSError), (folder / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(1024))
        with pytest.raises(StoreWriteError, match=r"cannot be written: the disk is full\. Make"):
            WRITES[write](store)
        assert_unharmed(store)
        with pytest.raises(StoreWriteError, match="the disk is full"):
            open_store(folder / "new", MODEL)
        (folder / "ballast").unlink()
        store.upsert([encoded(200)])
        assert store.count() == 101


@pytest.mark.parametrize("write", WRITES)
def test_a_read_only_disk(tmp_path: Path, write: str) -> None:
    with disk(tmp_path / "disk", "4m") as folder:
        store = filled(folder / "index")
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        for refused in (WRITES[write], lambda store: store.maintain()):
            with pytest.raises(StoreWriteError, match="read-only. Choose another --index"):
                refused(store)
        assert_unharmed(store)
        assert_unharmed(open_store(folder / "index", MODEL))
        with pytest.raises(StoreWriteError, match="read-only"):
            open_store(folder / "new", MODEL)


@pytest.mark.parametrize("write", WRITES)
def test_a_forbidden_folder(tmp_path: Path, write: str) -> None:
    store = filled(tmp_path / "index")
    folders = [tmp_path / "index", *(tmp_path / "index").rglob("*/")]
    locked = [path for path in folders if path.is_dir()] + [tmp_path / "index" / "writer.lock"]
    for path in locked:
        path.chmod(0o555)
    try:
        if os.access(tmp_path / "index", os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(StoreWriteError, match="this user may not write there"):
            WRITES[write](store)
        assert_unharmed(store)
    finally:
        for path in locked:
            path.chmod(0o755)


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    # Works for every user, and breaks off a write that has begun. In a process of its own,
    # since the limit holds for all that a process writes.
    store = filled(tmp_path / "index")
    code = """
import resource, sys
from photoseek.errors import StoreWriteError
from photoseek.store import open_store
from tests.support.stored_photos import WRITES
store = open_store(sys.argv[1])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
try:
    WRITES["upsert"](store)
except StoreWriteError as error:
    message = str(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
print(message)
"""
    arguments = [sys.executable, "-c", code, store.location]
    root = Path(__file__).parents[3]
    run = subprocess.run(arguments, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    assert "cannot be written: a file would become larger than this system allows" in run.stdout
    assert_unharmed(store)


@pytest.mark.parametrize("write", WRITES)
def test_a_folder_that_is_gone_stays_gone(tmp_path: Path, write: str) -> None:
    store = filled(tmp_path / "index")
    shutil.rmtree(tmp_path / "index")
    with pytest.raises(StoreWriteError, match=r"its folder, or a part of it, is gone\. Index"):
        WRITES[write](store)
    with pytest.raises(StoreError, match="cannot be read"):
        store.search(vector_of(0), 1)
    assert not (tmp_path / "index").exists()
