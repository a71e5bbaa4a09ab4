"""Changes of the rows of a Lance table, each in one commit.

Two things keep writers apart. Where a lock excludes all others, the ids of a batch are looked up
first: photos that are all new are only added, and others are replaced by way of the index on `id`,
so that no commit reads what grows with the table. Where there is no such lock, Lance's own conflict
detection serves everybody, but only when `id` is declared the primary key and the merge does not go
through that index. Measured with LanceDB 0.40, three processes merging the same new ids: duplicates
without a key and an index, and with both; none in four races with the key and without the index.
That reads the ids of all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from photoseek.helpers.deadlines import unhurried
from photoseek.helpers.idset import keys_of
from photoseek.records import KnownPhoto, StoredPhoto
from photoseek.store.escaping import from_text
from photoseek.store.lance import rewording, schema
from photoseek.store.lance.commits import committed
from photoseek.store.lance.id_lookups import IdLookups
from photoseek.store.lance.last_adder import LastAdder
from photoseek.store.lance.layout import IndexLayout
from photoseek.store.lance.predicates import in_sql
from photoseek.store.lance.queries import Queries

if TYPE_CHECKING:
    import pyarrow as pa

Result = TypeVar("Result")

_ROUNDS = 20


class RowWrites:
    """Writes to one table."""

    def __init__(
        self, table: Any, queries: Queries, layout: IndexLayout, look_again: Callable[[], None]
    ) -> None:
        """`look_again` brings the table to its newest version, or raises: it may not be written."""
        self._table = table
        self._look_again = look_again
        self._queries = queries
        self._lookups = IdLookups(table, queries, LastAdder(layout.place, layout.table))
        self._alone = layout.excludes_writers

    def known(self, ids: Collection[str]) -> dict[str, KnownPhoto]:
        """What is stored of photos that are about to be put; nothing where others write as well."""
        return self._lookups.known(ids) if self._alone else {}

    def put(self, rows: pa.Table, *, all_new: bool) -> int:
        """Add rows, in the place of those with their ids; gives how many were replaced.

        `all_new` says that there were none when the block began in which nobody else writes.
        """
        if self._alone:
            self._lookups.adding()
        if self._alone and all_new:
            self._commit(lambda: self._table.add(rows), _ids(rows))
            return 0
        merge = self._merge().when_matched_update_all().when_not_matched_insert_all()
        return self._merged(merge, rows)

    def replace(self, rows: pa.Table, only_where: str) -> int:
        """Put rows in the place of those with their ids that satisfy a condition on both."""
        if self._alone:
            self._lookups.changing()
        return self._merged(self._merge().when_matched_update_all(where=only_where), rows)

    def change(
        self, ids: Iterable[str], revise: Callable[[StoredPhoto], StoredPhoto | None]
    ) -> int:
        """Put in the place of rows what is made of their photos, where that is not None.

        Without a lock, it is made once more of what another writer has changed meanwhile. New bytes
        that one has brought stay as they are.

        Raises:
            RuntimeError: others change the same photos again and again.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        changed, waiting, bytes_of = 0, ids, dict[str, str]()
        for _ in range(_ROUNDS):
            table = self._table.schema
            if not (found := list(self._queries.tables(waiting, table.names))):
                return changed
            stored = pa.concat_tables(found)
            hashes = zip(_ids(stored), stored["content_hash"].to_pylist(), strict=True)
            same = [bytes_of.setdefault(photo_id, each) == each for photo_id, each in hashes]
            stored = stored.filter(pa.array(same, pa.bool_()))
            rows = schema.revised(stored, revise, rewording.fields_of(table))
            if not rows.num_rows:
                return changed
            if self._alone:
                return self.replace(rows, "true")
            before = stored.filter(pc.is_in(stored["id"], rows["id"]))["record"].to_pylist()
            replaced = self.replace(rows, in_sql("target.record", map(from_text, before)))
            changed += replaced
            if replaced == rows.num_rows:
                return changed
            self._look_again()
            waiting = self._overtaken(rows)
            if not waiting:
                return changed
        raise RuntimeError("others change the same photos again and again")

    def _overtaken(self, rows: pa.Table) -> list[str]:
        """The ids of those rows in whose place other ones are by now."""
        written = dict(zip(_ids(rows), rows["record"].to_pylist(), strict=True))
        there = self._queries.tables(written, ("id", "record"))
        pairs = (pair for t in there for pair in zip(_ids(t), t["record"].to_pylist(), strict=True))
        return [photo_id for photo_id, record in pairs if record != written[photo_id]]

    def delete(self, ids: Iterable[str]) -> None:
        """Remove the rows with these ids; at least one is given."""
        predicate = in_sql("id", ids)
        if self._alone:
            self._lookups.changing()
        self._commit(lambda: self._table.delete(predicate), ())

    def _merge(self) -> Any:
        return self._table.merge_insert("id").use_index(self._alone)

    def _merged(self, merge: Any, rows: pa.Table) -> int:
        return int(self._commit(lambda: merge.execute(rows), _ids(rows)).num_updated_rows)

    def _commit(self, commit: Callable[[], Result], ids: Iterable[str]) -> Result:
        """What a commit gives that writes rows of these ids."""
        result = committed(commit, again=self._look_again)
        if self._alone:
            with unhurried():  # it is committed: who waits is told so, when the time is over too
                self._lookups.wrote(keys_of(ids))
        return result


def _ids(rows: pa.Table) -> Iterable[str]:
    return map(from_text, rows["id"].to_pylist())
