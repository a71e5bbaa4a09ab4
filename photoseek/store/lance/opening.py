"""The engine on LanceDB: where an index is, making an empty one, opening one."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

from typing_extensions import override

from photoseek.errors import (
    DamagedStoreError,
    StorageError,
    StoreError,
    UnreadableStoreError,
)
from photoseek.files.filestore import FileStore
from photoseek.helpers.extras import check_extra
from photoseek.helpers.uri import is_s3
from photoseek.records import ModelIdentity
from photoseek.store.base import PhotoStore
from photoseek.store.blobs import Blobs
from photoseek.store.index_errors import no_index
from photoseek.store.lance.dropping import drop_table, sweep_after
from photoseek.store.lance.fences import fence_of, put_fence
from photoseek.store.lance.index_upkeep import index_words
from photoseek.store.lance.lance_errors import cause_of, reading, writing
from photoseek.store.lance.layout import TABLE, IndexLayout
from photoseek.store.lance.local_layout import LocalLayout
from photoseek.store.lance.place_tables import (
    Tables,
    change_tables,
    location_of,
    named_table,
)
from photoseek.store.lance.schema import model_of, new_schema
from photoseek.store.lance.upkeep_limits import DEFAULT_LIMITS, UpkeepLimits
from photoseek.store.naming import Generations, no_name
from photoseek.store.standing import Look, Standing, standing_for_itself
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
        layout = _layout_in_use(location)
        if _is_free(layout):
            return None
        table = _open_table(layout, to_search=False)
        return model_of(table.schema, layout.location)

    @override
    def create(self, location: str, model: ModelIdentity) -> None:
        layout = _layout_in_use(location)
        with writing(layout.location):
            layout.prepare()
            with layout.writer():
                # Another process may have made it while we waited, or may be making it just now.
                if not layout.has_table():
                    layout.place.write(_made_of(layout), uuid.uuid4().hex.encode())
                    try:
                        table = layout.connect().create_table(
                            layout.table, schema=new_schema(model)
                        )
                        index_words(table)
                    except (ValueError, RuntimeError):
                        if not layout.has_table():
                            raise

    @override
    def open(self, location: str) -> PhotoStore:
        from photoseek.store.lance.store import LanceStore

        layout = _layout_in_use(location)
        standing = _standing(layout, location)  # first: whatever comes later is another table
        table = _open_table(layout)
        model = model_of(table.schema, layout.location)
        fence = None if named_table(location) is None else fence_of(table.schema)
        return LanceStore(layout, table, model, self._limits, standing, fence)

    @override
    def blobs(self, location: str) -> Blobs:
        return layout_of(location).blobs

    @override
    def run_state(self, location: str) -> FileStore | None:
        return layout_of(location).place

    def generations(self, location: str) -> Generations:
        """`ReindexingEngine.generations`: tables of one place."""
        layout = _layout_in_use(location)
        with reading(layout.location):
            tables = layout.tables()
        current, *others = (
            location_of(layout.root, name) for name in (tables.current, *tables.others)
        )
        before = tables.before and location_of(layout.root, tables.before)
        return Generations(current, tuple(others), before)

    def begin(self, location: str, model: ModelIdentity) -> str:
        """`ReindexingEngine.begin`."""
        layout = _layout_in_use(location)
        with writing(layout.location):
            # Noted first: whoever removes pixels from now on asks both tables whether they go.
            change_tables(layout.place, lambda tables: tables.with_next()[0])
            name = layout.tables().others[-1]
        target = location_of(layout.root, name)
        self.create(target, model)
        return target

    def hold(self, location: str, until: float, instead_of: float | None = None) -> bool:
        """`ReindexingEngine.hold`."""
        layout = layout_of(location)
        with writing(layout.location):
            if instead_of is None and layout.tables().held_until == until:
                return True
            return _hold(layout, until, instead_of)

    def switch(self, location: str, target: str) -> str | None:
        """`NamingEngine.switch`: between tables of one place."""
        return self._switched(location, target)[0]

    def switch_held(self, location: str, target: str, until: float) -> bool:
        """`ReindexingEngine.switch_held`: whether they wait is looked at in the same step."""
        return self._switched(location, target, until)[1]

    def fence(self, location: str, target: str) -> str:
        """`ReindexingEngine.fence`: of one that somebody is removing, a new one is made."""
        layout = layout_of(target)
        with reading(layout.location):
            is_going = layout.table in layout.tables().going
        if is_going and (model := self.peek_model(target)):
            self.drop(location, target)
            return self.begin(location, model)
        with writing(layout.location), layout.writer():
            put_fence(layout.connect().open_table(layout.table))
        return target

    def _switched(
        self, location: str, target: str, held_until: float | None = None
    ) -> tuple[str, bool]:
        """Switch, where writers wait until then if that is given; gives what the location stood
        for, and whether it is switched.
        """
        layout, other = _layout_in_use(location), layout_of(target)
        if named_table(target) is None or other.root != layout.root:
            raise no_name(location)
        if self.peek_model(target) is None:
            raise no_index(target)

        def switched(tables: Tables) -> Tables:
            if other.table not in (tables.current, *tables.others) or other.table in tables.going:
                raise StoreError(
                    f"Somebody removes {target} at this moment, so {location} is as it was. Run "
                    "the same command again."
                )
            is_still = held_until in (None, tables.held_until)
            return tables.switched(other.table) if is_still else tables

        with writing(layout.location):
            now = change_tables(layout.place, switched)
        return location_of(layout.root, layout.table), now.current == other.table

    def claims(self, location: str) -> FileStore:
        """`ReindexingEngine.claims`: in the place itself."""
        return layout_of(location).place

    def drop(self, location: str, target: str) -> None:
        """`ReindexingEngine.drop`."""
        layout, other = _layout_in_use(location), layout_of(target)
        with writing(layout.location):
            drop_table(layout, other.table)
            if layout.has_table():
                sweep_after(layout, _open_table(layout), self._limits.orphan_age)


def layout_of(location: str) -> IndexLayout:
    """The layout of an index, untouched; of a place with several the first one's.

    Raises:
        StoreError: for a location that makes no sense.
    """
    named = named_table(location)
    place, table = named or (location, TABLE)
    is_named = named is not None
    if not is_s3(location):
        return LocalLayout(Path(place).expanduser().absolute(), table, is_named=is_named)
    check_extra("s3")
    from photoseek.store.lance.s3_layout import S3Layout  # boto3 takes half a second to import

    try:
        return S3Layout(place, table, is_named=is_named)
    except StorageError as error:
        raise StoreError(str(error)) from error


def _layout_in_use(location: str) -> IndexLayout:
    """The layout of the index that a location stands for."""
    layout = layout_of(location)
    if named_table(location) is None:
        with reading(layout.location):
            layout.table = layout.tables().current
    return layout


def _standing(layout: IndexLayout, location: str) -> Standing:
    if named_table(location) is not None:
        return standing_for_itself(layout.location)

    def made() -> bytes:
        return layout.place.read(_made_of(layout)) or b""

    with reading(layout.location):
        opened = made()

    def look() -> Look:
        tables = layout.tables()
        is_same = made() in (opened, b"")  # b"" of an earlier version, and where all is gone
        return Look(is_same and tables.current == layout.table, tables.held_until)

    def lift(until: float) -> bool:
        _hold(layout, 0.0, until)
        return True

    return Standing(layout.location, look, lift)


def _hold(layout: IndexLayout, until: float, instead_of: float | None) -> bool:
    """Note until when writers wait; False where they do not wait until `instead_of`."""

    def held(tables: Tables) -> Tables:
        is_still = instead_of in (None, tables.held_until)
        return replace(tables, held_until=until) if is_still else tables

    return change_tables(layout.place, held).held_until == until


def _made_of(layout: IndexLayout) -> str:
    """The file that tells a table from another one of its name, which was made when it was gone.

    Their versions and rows have the same numbers, by which counts are kept.
    """
    return f"{layout.table}.lance/made"


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


def _open_table(layout: IndexLayout, *, to_search: bool = True) -> Any:
    with reading(layout.location), layout.reader():
        try:
            return layout.opened() if to_search else layout.connect().open_table(layout.table)
        except ValueError as error:  # LanceDB finds no manifest, or one that it cannot read
            if reason := cause_of(error).unreachable:
                raise UnreadableStoreError(f"The index at {layout.location}: {reason}") from error
            raise DamagedStoreError(
                f"The index at {layout.location} has lost the list of its files. "
                "Restore it from a backup, or remove the folder and index again."
            ) from error
