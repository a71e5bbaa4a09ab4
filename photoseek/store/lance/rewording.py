"""Which fields the full-text column holds the words of, noted at the column itself.

Every writer goes by that note, so what one process says holds for all. While rows are being
brought up to date with it, the note says so: whoever finds it that way later does the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from photoseek.records import StoredPhoto
from photoseek.store.escaping import without_unfit
from photoseek.store.fulltext import words_of
from photoseek.store.lance.commits import committed
from photoseek.store.record_json import from_record
from photoseek.store.word_forms import with_forms

if TYPE_CHECKING:
    import pyarrow as pa

WORDS = "words"
_FIELDS, _STATE = "photoseek:fields", "photoseek:state"
_BEGUN, _DONE = "begun", "done"
_WORDING, _TODAYS = "photoseek:wording", "2"
"""How texts become words: 2 tells words apart that have no spaces between, and has file names."""
_ROWS_AT_ONCE = 4096  # each commit takes half a second at 100,000 rows

UNCHANGED = "target.record = source.record AND target.indexed_at = source.indexed_at"
"""Whether nobody wrote a row since it was read; what was written since has the words already."""


def fields_of(schema: pa.Schema) -> tuple[str, ...]:
    """The fields that are found by keywords beside those that always are."""
    metadata = schema.field(WORDS).metadata or {}
    return tuple(json.loads(metadata.get(_FIELDS.encode(), b"[]")))


def new_words() -> pa.Field:
    """The full-text column of a new table."""
    import pyarrow as pa

    return pa.field(WORDS, pa.string(), nullable=False, metadata={_WORDING: _TODAYS})


def bring(
    table: Any,
    fields: Sequence[str],
    writer: Callable[[], AbstractContextManager[None]],
    write: Callable[[pa.Table], int],
) -> int:
    """Note the fields, and bring all rows up to date; gives how many that were.

    `write` puts rows in the place of those that are `UNCHANGED` since they were read. Inside of
    `writer` nobody else writes, and the table is at its newest version: so what is written by the
    note of before is there before the rows are read. Where others note other fields meanwhile, they
    bring all rows up to date with these, and nothing more is written here.
    """

    def written(rows: pa.Table) -> int:
        with writer():
            return write(rows) if fields_of(table.schema) == tuple(fields) else 0

    schema = table.schema
    noted = schema.field(WORDS).metadata or {}
    is_done = noted.get(_STATE.encode()) != _BEGUN.encode()
    is_of_today = noted.get(_WORDING.encode()) == _TODAYS.encode()
    if fields_of(schema) == tuple(fields) and is_done and is_of_today:
        return 0
    with writer():
        _note(table, fields, _BEGUN)
    changed = sum(map(written, _reworded(table, fields)))
    with writer():
        if fields_of(table.schema) == tuple(fields):
            _note(table, fields, _DONE)
    return changed


def _note(table: Any, fields: Sequence[str], state: str) -> None:
    metadata = {_FIELDS: json.dumps(fields), _STATE: state, _WORDING: _TODAYS}
    noted = {"path": WORDS, "metadata": metadata}
    committed(lambda: table.update_field_metadata(noted), again=table.checkout_latest)


def _reworded(table: Any, fields: Sequence[str]) -> Iterator[pa.Table]:
    """The rows that have other words than the fields have, with these, some at a time."""
    import pyarrow as pa

    names = table.schema.names
    rows = table.search().select(names).to_batches(batch_size=_ROWS_AT_ONCE)
    for batch in rows:
        words = pa.array(
            (words_column(from_record(each), fields) for each in batch["record"].to_pylist()),
            pa.string(),
        )
        is_other = [old != new for old, new in zip(batch[WORDS], words, strict=True)]
        if any(is_other):
            found = pa.Table.from_batches([batch.select(names)])
            column = found.schema.field(WORDS)
            place = found.schema.get_field_index(WORDS)
            yield found.set_column(place, column, words).filter(pa.array(is_other))


def words_column(stored: StoredPhoto, fields: Sequence[str]) -> str:
    """What the full-text column holds of a photo; the index splits it where no letter stands."""
    return with_forms(without_unfit(words_of(stored, fields)))
