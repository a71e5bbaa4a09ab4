"""The tables of one place: the one that counts, and one beside it that another model has made.

They share thumbnails, originals and notes. The file `tables.json` says which one counts. It is not
there before a second table is, and is written whole, so that to let another one count is one step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from photoseek.errors import DamagedStoreError
from photoseek.files.filestore import FileStore
from photoseek.store.beside import INDEX_SIGN

TABLES = "tables.json"
FORMAT = 1

_FIRST = INDEX_SIGN.removesuffix(".lance")
_NAMED = re.compile(r"(?P<root>.+)[/\\]photos-(?P<number>\d{6})\.lance/?", re.DOTALL)
_FOLDER = re.compile(r"photos(-\d{6})?\.lance")


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of tables; `before` is the one that counted before the current one, or "".

    `last` is the number of the newest one, which no other one gets even when it is gone. Writers
    wait until the second `held_until` of the epoch. Those of the others that are `going` are being
    removed, and none of them comes to count again.
    """

    current: str = _FIRST
    others: tuple[str, ...] = ()
    before: str = ""
    last: int = 1
    held_until: float = 0.0
    format: int = FORMAT
    going: tuple[str, ...] = ()

    def switched(self, table: str) -> Tables:
        """The same with another one that counts, and nobody waiting."""
        others = [name for name in (*self.others, self.current) if name != table]
        before = self.before if self.current == table else self.current
        return replace(self, current=table, others=tuple(others), before=before, held_until=0.0)

    def without(self, table: str) -> Tables:
        """The same after another one was removed."""
        others = tuple(name for name in self.others if name != table)
        going = tuple(name for name in self.going if name != table)
        before = "" if self.before == table else self.before
        return replace(self, others=others, going=going, before=before)

    def without_soon(self, table: str) -> Tables:
        """The same with another one that is being removed."""
        return replace(self, going=tuple(dict.fromkeys((*self.going, table))))

    def with_next(self) -> tuple[Tables, str]:
        """The same with one more, and the name of that."""
        name = f"{_FIRST}-{self.last + 1:06}"
        return replace(self, others=(*self.others, name), last=self.last + 1), name


def read_tables(place: FileStore) -> Tables:
    """The tables of a place.

    Raises:
        DamagedStoreError: what is written there makes no sense.
        StorageError: the place cannot be read.
    """
    return _tables_of(place.read(TABLES), place)


def _tables_of(data: bytes | None, place: FileStore) -> Tables:
    if data is None:
        return Tables()
    try:
        told = json.loads(data)
        if told["format"] == FORMAT:
            current, others = str(told["current"]), tuple(map(str, told["others"]))
            before, last = str(told["before"]), int(told["last"])
            held, going = float(told["held_until"]), tuple(map(str, told.get("going", ())))
            return Tables(current, others, before, last, held, going=going)
    except (ValueError, LookupError, TypeError):
        pass
    raise DamagedStoreError(
        f"{place.uri}/{TABLES}, which says which table counts, cannot be read, or is of a newer "
        "photoseek. Upgrade photoseek, or restore that file from a backup."
    )


def change_tables(place: FileStore, change: Callable[[Tables], Tables]) -> Tables:
    """Write down other tables of a place, in one step, and give these.

    `change` makes them of those that are there, and nothing that others write meanwhile is lost.

    Raises:
        DamagedStoreError, StorageError: as `read_tables` does; or what `change` raises.
    """

    def written(data: bytes | None) -> bytes:
        changed = change(_tables_of(data, place))
        return json.dumps(asdict(changed)).encode() + b"\n"

    return _tables_of(place.update(TABLES, written, "application/json"), place)


def number_of(table: str) -> int:
    """The number of a table by its name; the first one is called by none."""
    return 1 if table == _FIRST else int(table.removeprefix(f"{_FIRST}-"))


def location_of(root: str, table: str) -> str:
    """The location that names one table, such as data/index/photos-000002.lance."""
    return f"{root.rstrip('/')}/{_FIRST}-{number_of(table):06}.lance"


def is_folder_of_table(name: str) -> bool:
    """Whether a table lies, or is to lie, in the folder of that name in its place."""
    return bool(_FOLDER.fullmatch(name))


def named_table(location: str) -> tuple[str, str] | None:
    """The place and the table that a location names; None where it leaves the table open."""
    found = _NAMED.fullmatch(location)
    if found is None:
        return None
    number = int(found["number"])
    return found["root"], _FIRST if number == 1 else f"{_FIRST}-{number:06}"
