"""The engine on LanceDB: where an index is, making an empty one, opening one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typing_extensions import override

from photoseek.errors import DamagedStoreError, StorageError, StoreError
from photoseek.files.filestore import FileStore, open_files
from photoseek.helpers.extras import check_extra
from photoseek.helpers.uri import is_s3
from photoseek.records import ModelIdentity
from photoseek.store.base import PhotoStore
from photoseek.store.blobs import Blobs
from photoseek.store.lance.lance_errors import cause_of, reading, writing
from photoseek.store.lance.layout import TABLE, IndexLayout
from photoseek.store.lance.local_layout import LocalLayout
from photoseek.store.lance.maintenance import DEFAULT_LIMITS, UpkeepLimits, index_words
from photoseek.store.lance.schema import model_of, new_schema
from photoseek.store.store_engine import StoreEngine


class LanceEngine(StoreEngine):
    """Indexes in folders of this machine and at s3://BUCKET/PREFIX."""

    def __init__(self, limits: UpkeepLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits

    @override
    def canonical(self, location: str) -> str:
        if is_s3(location):
            return location.rstrip("/")
        return str(Path(location).expanduser().resolve())

    @override
    def peek_model(self, location: str) -> ModelIdentity | None:
        layout = layout_of(location)
        if _is_free(layout):
            return None
        return model_of(_open_table(layout).schema, layout.location)

    @override
    def create(self, location: str, model: ModelIdentity) -> None:
        layout = layout_of(location)
        with writing(layout.location):
            layout.prepare()
            with layout.writer():
                # Another process may have made it while we waited, or may be making it just now.
                if not layout.has_table():
                    try:
                        table = layout.connect().create_table(TABLE, schema=new_schema(model))
                        index_words(table)
                    except (ValueError, RuntimeError):
                        if not layout.has_table():
                            raise

    @override
    def open(self, location: str) -> PhotoStore:
        from photoseek.store.lance.store import LanceStore

        layout = layout_of(location)
        table = _open_table(layout)
        model = model_of(table.schema, layout.location)
        return LanceStore(layout, table, model, self._limits)

    @override
    def blobs(self, location: str) -> Blobs:
        return layout_of(location).blobs

    @override
    def run_state(self, location: str) -> FileStore | None:
        return open_files(location)


def layout_of(location: str) -> IndexLayout:
    """The layout of an index, untouched.

    Raises:
        StoreError: for a location that makes no sense.
    """
    if not is_s3(location):
        return LocalLayout(Path(location).expanduser().absolute())
    check_extra("s3")
    from photoseek.store.lance.s3_layout import S3Layout  # boto3 takes half a second to import

    try:
        return S3Layout(location)
    except StorageError as error:
        raise StoreError(str(error)) from error


def _is_free(layout: IndexLayout) -> bool:
    with reading(layout.location):
        if layout.is_free():
            return True
        if layout.has_table():
            return False
    raise DamagedStoreError(
        f"{layout.location} holds other things and no index. Choose an empty or new folder "
        "with --index."
    )


def _open_table(layout: IndexLayout) -> Any:
    with reading(layout.location):
        try:
            return layout.connect().open_table(TABLE)
        except ValueError as error:  # LanceDB finds no manifest, or one that it cannot read
            if reason := cause_of(error).unreachable:
                raise StoreError(f"The index at {layout.location}: {reason}") from error
            raise DamagedStoreError(
                f"The index at {layout.location} has lost the list of its files. "
                "Restore it from a backup, or remove the folder and index again."
            ) from error
