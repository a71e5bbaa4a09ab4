"""An index on a file system without hard links."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from photoseek.errors import StoreWriteError
from photoseek.store.lance.hard_links import lacks_links
from photoseek.store.lance.lance_errors import writing

REFUSED = RuntimeError(
    "lance error: LanceError(IO): Operation not permitted (os error 1), x.rs:1:2"
)


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    def refuse(*_: object) -> None:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr("os.link", refuse)


def test_a_usual_disk_has_them(tmp_path: Path) -> None:
    assert not lacks_links(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not lacks_links(tmp_path / "gone")
    with (
        pytest.raises(StoreWriteError, match="this user may not write there"),
        writing(str(tmp_path)),
    ):
        raise REFUSED


@pytest.mark.parametrize("no_links", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS], indirect=True)
@pytest.mark.usefixtures("no_links")
def test_what_lacks_them_is_said(tmp_path: Path) -> None:
    assert lacks_links(tmp_path)
    with (
        pytest.raises(StoreWriteError, match="the file system of that folder has no hard links"),
        writing(str(tmp_path)),
    ):
        raise REFUSED
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("no_links", [errno.ENOSPC, errno.EROFS], indirect=True)
@pytest.mark.usefixtures("no_links")
def test_a_full_disk_is_another_matter(tmp_path: Path) -> None:
    assert not lacks_links(tmp_path)
