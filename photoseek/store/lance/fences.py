"""Who may still write to a table that a reindex fills: not a run whose work was taken over.

A run may sleep at any moment, and wake up when another one has finished its work, and people use
the table. So whoever goes on with a table puts a name of its own at it, and then restores it as it
is. Lance commits nothing that was begun before a restore; and what begins later finds the name.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from photoseek.errors import StoreError
from photoseek.store.lance.commits import committed
from photoseek.store.lance.rewording import WORDS

if TYPE_CHECKING:
    import pyarrow as pa

_FENCE = b"photoseek:fence"


def fence_of(schema: pa.Schema) -> str:
    """The name that the last one has put there who went on with the table; "" where nobody has."""
    return str((schema.field(WORDS).metadata or {}).get(_FENCE, b""), "ascii")


def put_fence(table: Any) -> None:
    """Shut out all who have opened the table before. Where a lock keeps writers apart, hold it."""
    noted = {"path": WORDS, "metadata": {_FENCE.decode(): uuid.uuid4().hex}}
    committed(lambda: table.update_field_metadata(noted), again=table.checkout_latest)
    table.checkout_latest()
    committed(lambda: table.restore(table.version), again=table.checkout_latest)


def check_fence(schema: pa.Schema, opened: str, location: str) -> None:
    """Look whether the table at a location has the name still that it was `opened` with.

    Raises:
        StoreError: somebody else fills it by now.
    """
    if fence_of(schema) != opened:
        raise StoreError(
            f"Somebody else fills {location} since this program has opened it, and nothing more "
            "is changed here. Run the same command again."
        )
