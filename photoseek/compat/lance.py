"""LanceDB as photoseek uses it.

It comes without its client for servers of namespaces, which takes a quarter of the time to load,
and without a check of its own code that each start would make again (`overrides`);
a process of photoseek's own leaves out all that has to do with such servers, as much again. What
waits for it minds the deadline of its thread: LanceDB by itself asks a silent S3 again and again
for minutes. What it warns of on standard error is nothing that a person could mend, such as a part
of an index that got no new photos; LANCEDB_LOG=warn shows it. Its threads share few arenas of the C
library, where they would keep several times what they use. On Linux Arrow has its memory from there
as well: an allocator of its own would keep megabytes for each thread. It computes with all
processors: by itself it leaves two to reading, and computes with one where there are two or three.
And it reads 64 MB ahead and not 2 GB, which it would hold at once where it reads faster than it
computes.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any, TypeVar

from photoseek.compat.imports import bare_package, hollow, leaves_out_more, no_collection, stand_ins
from photoseek.compat.late_models import built_when_used
from photoseek.helpers.allocator import keep_some_free, use_few_arenas
from photoseek.helpers.deadlines import is_hurried, seconds_left
from photoseek.helpers.machine import processors

_SERVERS = "lance_namespace_urllib3_client"
_LOG = "LANCEDB_LOG"
_READ_AHEAD = 64 << 20

Answer = TypeVar("Answer")


def _left_out() -> dict[str, ModuleType]:
    if not leaves_out_more():
        return {_SERVERS: bare_package(_SERVERS)}
    checks = ModuleType("overrides")
    checks.override = _unchanged  # type: ignore[attr-defined]
    checks.EnforceOverrides = object  # type: ignore[attr-defined]
    return {checks.__name__: checks} | hollow(
        *("lance_namespace", "lance_namespace.errors", "lancedb.namespace"),
        *("lancedb.remote", "lancedb.remote.db"),
    )


def _unchanged(method: Any) -> Any:
    return method


@contextmanager
def _errors_alone() -> Iterator[None]:
    """Inside, LanceDB takes it that errors are to be logged and no warnings, unless somebody says
    what is; it asks when it is imported.
    """
    is_said = _LOG in os.environ
    os.environ.setdefault(_LOG, "error")
    try:
        yield
    finally:
        if not is_said:
            del os.environ[_LOG]


def _say_how_much_to_use() -> None:
    """Tell Lance, which asks the environment, unless somebody says it there."""
    os.environ.setdefault("LANCE_CPU_THREADS", str(processors()))
    os.environ.setdefault("LANCE_DEFAULT_IO_BUFFER_SIZE", str(_READ_AHEAD))


def _say_where_from() -> None:
    """Tell Arrow where to take memory from, as long as nobody has imported it, unless somebody
    says it there.
    """
    if sys.platform == "linux":
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


use_few_arenas()
keep_some_free()
_say_how_much_to_use()
_say_where_from()

with no_collection(), built_when_used(), stand_ins(_left_out()), _errors_alone():
    import lancedb
    from lancedb.background_loop import LOOP

if leaves_out_more():  # a search for words asks whether its table is one of a server
    sys.modules.update(hollow("lancedb.remote", "lancedb.remote.table"))


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Wait for work in LanceDB's own thread, and cancel it when the time is over.

    What was cancelled leaves neither a thread nor a connection behind.

    Raises:
        TimeoutError: the time is over.
    """
    answer = asyncio.run_coroutine_threadsafe(work, LOOP.loop)
    try:
        return answer.result(max(0.0, seconds_left()) if is_hurried() else None)
    except BaseException:
        answer.cancel()
        raise


LOOP.run = _run


def vector_search(table: Any, query: Any) -> Any:
    """A search by vector, to be told more before `found` runs it.

    That of a table which waits asks for its schema three times, and hands each batch to another
    thread; this is the one below it.
    """
    return table._table.vector_search(query)


def indexed_rows(table: Any, predicate: str, columns: Sequence[str]) -> Any:
    """A search for rows that indexes tell of, and no others; `found` runs it.

    Only the table below one that waits can be told so.
    """
    return table._table.query().where(predicate).select(list(columns)).fast_search()


def found(search: Any) -> Any:
    """The Arrow table that a search gives."""
    return LOOP.run(search.to_arrow())


def below(table: Any, ask: Callable[[Any], Coroutine[Any, Any, Answer]]) -> Answer:
    """What is told by the table below one that waits, in LanceDB's own thread."""
    answer: Answer = LOOP.run(ask(table._table))
    return answer


def brought_up(table: Any) -> int:
    """The version of a table, which is its newest one from now on.

    A table which waits would wake LanceDB's thread for each of the two.
    """
    return below(table, _newest)


async def _newest(table: Any) -> int:
    await table.checkout_latest()
    version: int = await table.version()
    return version


def moved(table: Any, opened: Any) -> None:
    """Have an open table go on as another one of the same place, which was opened after it.

    What runs meanwhile ends with the connection that it has begun with.
    """
    table._conn, table._table = opened._conn, opened._table


__all__ = ["below", "brought_up", "found", "indexed_rows", "lancedb", "moved", "vector_search"]
