"""Which fields the full-text column holds the words of, noted at the column itself.

Every writer goes by that note, so what one process says holds for all. While rows are being
brought up to date with it, the note says so: whoever finds it that way later does the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from photoseek.store.fulltext import words_of
from photoseek.store.lance.commits import committed
from photoseek.store.lance.escaping import from_text, without_unfit
from photoseek.store.record_json import from_record

if TYPE_CHECKING:
    import pyarrow as pa

WORDS = "words"
_FIELDS, _STATE = "photoseek:fields", "photoseek:state"
_BEGUN, _DONE = "begun", "done"
_ROWS_AT_ONCE = 4096


def fields_of(schema: pa.Schema) -> tuple[str, ...]:
    """The fields that are found by keywords beside those that always are."""
    metadata = schema.field(WORDS).metadata or {}
    return tuple(json.loads(metadata.get(_FIELDS.encode(), b"[]")))


def bring(
    table: Any, fields: Sequence[str], reword: Callable[[list[str], Sequence[str]], int]
) -> int:
    """Note the fields, and bring all rows up to date; gives how many that were.

    `reword` writes the words of some rows, by their ids.
    """
    schema = table.schema
    state = (schema.field(WORDS).metadata or {}).get(_STATE.encode())
    if fields_of(schema) == tuple(fields) and state != _BEGUN.encode():
        return 0
    _note(table, fields, _BEGUN)
    changed = sum(reword(ids, fields) for ids in _outdated(table, fields))
    _note(table, fields, _DONE)
    return changed


def _note(table: Any, fields: Sequence[str], state: str) -> None:
    metadata = {_FIELDS: json.dumps(fields), _STATE: state}
    committed(lambda: table.update_field_metadata({"path": WORDS, "metadata": metadata}))


def _outdated(table: Any, fields: Sequence[str]) -> Iterator[list[str]]:
    """The ids of photos whose row has other words than the fields have, some at a time."""
    rows = table.search().select(["id", "record", WORDS]).to_batches(batch_size=_ROWS_AT_ONCE)
    for batch in rows:
        columns = (batch[name].to_pylist() for name in ("id", "record", WORDS))
        ids = [
            from_text(row_id)
            for row_id, record, words in zip(*columns, strict=True)
            if words != _words(record, fields)
        ]
        if ids:
            yield ids


def reworded(rows: pa.Table, fields: Sequence[str]) -> pa.Table:
    """The rows with the words that the fields have."""
    import pyarrow as pa

    words = pa.array((_words(each, fields) for each in rows["record"].to_pylist()), pa.string())
    place = rows.schema.get_field_index(WORDS)
    return rows.set_column(place, rows.schema.field(place), words)


def _words(record: str, fields: Sequence[str]) -> str:
    return without_unfit(words_of(from_record(record), fields))
