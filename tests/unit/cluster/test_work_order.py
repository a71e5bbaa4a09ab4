"""What travels to other machines: what is needed there, and no key more."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from photoseek.cluster.remote_encoder import RemoteEncoder
from photoseek.cluster.work_order import Partition, order_for, written_by_workers
from photoseek.errors import ModelMismatchError
from photoseek.files.filestore import open_files
from photoseek.records import Photo
from photoseek.settings import SECRETS, Settings, load_settings
from photoseek.store import open_store
from tests.support.pictures import drawing, saved
from tests.support.stored_photos import MODEL

KEYS = {
    "api_key": "a-secret-of-the-gateway",
    "unsplash_access_key": "unsplash-secret",
    "engine_api_key": "engine-secret",
}
MILVUS = "milvus://127.0.0.1:1/photos"


def given(index: str, **more: str) -> Settings:
    return load_settings(index=index, model="demo", **KEYS, **more)


@pytest.mark.parametrize(
    ("index", "blobs", "writes"),
    [
        ("data/index", None, "nothing"),
        ("s3://bucket/index", None, "blobs"),
        (MILVUS, None, "nothing"),
        (MILVUS, "/mnt/blobs", "nothing"),
        (MILVUS, "s3://bucket/blobs", "rows"),
    ],
)
def test_workers_write_what_all_of_them_reach(index: str, blobs: str | None, writes: str) -> None:
    settings = given(index) if blobs is None else given(index, blobs=blobs)
    assert written_by_workers(settings) == writes


def test_keys_stay_here_and_those_of_s3_go_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-key-of-s3")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "")
    order = order_for(given(str(tmp_path / "index")))
    assert [name for name in SECRETS if getattr(order.settings, name) is not None] == []
    assert order.access == {"AWS_SECRET_ACCESS_KEY": "the-key-of-s3"}
    assert "the-key-of-s3" not in repr(order)
    assert pickle.loads(pickle.dumps(order)) == order


def test_the_model_is_that_of_the_index(tmp_path: Path) -> None:
    index = str(tmp_path / "index")
    open_store(index, MODEL)
    order = order_for(load_settings(index=index))
    assert (order.settings.model, order.made_with) == (MODEL.name, MODEL)
    with pytest.raises(ModelMismatchError):
        order_for(load_settings(index=index, model="another"))


def test_thumbnails_of_an_index_in_a_bucket_are_written_there(bucket: str, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(saved(drawing(), "JPEG"))
    order = order_for(load_settings(index=f"{bucket}/index", model="demo"))
    partition = Partition((Photo("a", str(photo), "1"),), ("",), ("original",))
    encoded = RemoteEncoder(order, 1).index(partition)
    [only] = encoded.photos
    assert (only.thumbnail, only.original) == (b"", b"")
    names = {entry.name.partition("/")[0] for entry in open_files(f"{bucket}/index").entries()}
    assert names == {"thumbnails", "originals"}
