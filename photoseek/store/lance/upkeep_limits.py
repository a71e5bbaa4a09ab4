"""When a Lance table is put in order, and what is too young to be removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class UpkeepLimits:
    """From when on there is something to do, and what is too young to be removed."""

    index_from_rows: int = 10_000
    """Rows from which indexes pay. Measured at 512 dimensions: at 2,000 they gain nothing, at
    10,000 a search takes a third of the time and they are built within a second. With fewer rows
    the vectors are kept in memory instead."""

    partition_rows: int = 4096
    """Vectors to a partition of the index when it is made; they grow to `outgrown` times as many.
    Lance itself joins a partition of fewer than 2,048 vectors to others: of 195 with 2,048 on the
    average half are left, of 97 with 4,096 there are 85."""

    outgrown: int = 4
    """How many times the partitions that an index has would be made now, when it is made again.
    With 2 that takes twice the time, and what is found is alike. Lance itself splits a partition of
    32,768 vectors, and joins all segments for that."""

    segments: int = 16
    """Segments of the index: rows that are brought in get one more, and a search opens them all, in
    0.3 to 0.8 ms each: 16 double a search of 400,000 photos, 48 take five times as long."""

    unindexed_rows: int = 2_000
    """Rows that the index may lack: they are read one by one in less than 10 ms."""

    unindexed_share: float = 0.01
    """The same as a share of a large table, whose other indexes are written again each time."""

    fragments: int = 32
    """With 100 of them, to look up 2,000 ids took 350 ms instead of 44."""

    rows_to_a_fragment: int = 10_000
    """So that a large table, which is expensive to rewrite, is joined less often."""

    deleted_rows: int = 2_000
    """Rows that are deleted and still lie in the files, as do those that were replaced."""

    deleted_share: float = 0.25
    """The same as a share of all that lie there: a search passes over them, and takes nearly twice
    the time where half are deleted. Lance writes a file again of which more than a tenth is."""

    old_versions: int = 64
    """This number is removed as soon as `grace` allows, and fewer when they are `old_age` old."""

    grace: timedelta = timedelta(minutes=10)
    """How long a version stays readable after a newer one replaced it, where nobody knows who reads
    it; no query takes as long."""

    old_age: timedelta = timedelta(hours=1)

    clock_margin: timedelta = timedelta(minutes=1)
    """Lance counts a version's age at a moment of its own, and to the millisecond."""

    orphan_age: timedelta = timedelta(hours=1)
    """How old a blob must be that no row refers to, or a file that is half written, before it goes:
    a writer may be at work."""


DEFAULT_LIMITS = UpkeepLimits()
