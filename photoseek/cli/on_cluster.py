"""`index --on`: a run whose photos are encoded on a Ray cluster."""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial

from rich.console import Console
from rich.text import Text

from photoseek import __version__
from photoseek.cli.connection import with_model
from photoseek.cli.runs import SoFar, asked_back, indexing_bar
from photoseek.cluster.cluster_index import ClusterIndex
from photoseek.cluster.head_watch import watched
from photoseek.cluster.joint_commits import ROWS
from photoseek.cluster.questions import Questions
from photoseek.cluster.ray_connection import HERE, connected, head_of, knock
from photoseek.cluster.work_order import WorkOrder, order_for
from photoseek.cluster.workers import AT_ONCE, Workers
from photoseek.engine import PhotoSearch
from photoseek.indexing.source_run import index_source
from photoseek.indexing.suspects import left_out_of
from photoseek.records import IndexReport
from photoseek.settings import Settings
from photoseek.sources import Source

BATCHES = 8
"""Batches that go to a worker together, as a partition of the listing."""

MOST_PHOTOS = 1_024
"""The same in photos, unless a single batch has more."""

WAITING = 32
"""Partitions that are encoded and wait for a commit, beside those under way."""

FEWEST = 8
"""Workers that are counted with where there are fewer yet: more may come."""


def index_on_cluster(
    source: Source,
    options: argparse.Namespace,
    settings: Settings,
    console: Console,
    so_far: SoFar,
) -> IndexReport:
    """Bring the index up to date with a source, with the encoders of a cluster.

    Raises:
        MissingPackageError: Ray is not installed.
        ServiceError: the cluster cannot be used, or is lost.
    """
    with (
        connected(options.on) as ray,  # before LanceDB is there, which does not like to be forked
        PhotoSearch(with_model(settings, new_index=True)) as index,
    ):
        order = order_for(index.settings)
        questions = Questions(ray, index.contents) if order.made_with else None
        asks = questions.asking if questions else None
        # A model that the index gets meanwhile is that of the index, whatever they name.
        by_index = index.settings.model_copy(update={"model": None})

        def order_now() -> WorkOrder:
            return replace(order_for(by_index), asks=asks)

        suspects = left_out_of(settings.index, settings.state)
        workers = Workers(ray, replace(order, asks=asks), __version__, order_now=order_now)
        try:
            count = workers.begin()
            _tell(options.on, count, console)
            head = head_of(ray, options.on)
            with (
                watched(partial(knock, head), partial(workers.give_up, head)),
                indexing_bar(source, options.limit, console, so_far) as show,
            ):
                here = ClusterIndex(index, workers, workers_store=order.writes == "rows")
                report = index_source(
                    source,
                    here,
                    index.settings.model_copy(update=_many(settings.batch_size, count)),
                    limit=options.limit,
                    again=asked_back(options),
                    refresh=options.refresh,
                    prunes=options.prune,
                    originals_travel=order.writes == "nothing",
                    suspects=suspects,
                    on_progress=show,
                )
        finally:
            workers.end()
            if questions and not workers.are_lost:
                questions.end()
        for photo in here.crashing:
            suspects.accuse(photo)
    return report


def _many(batch: int, workers: int) -> dict[str, int]:
    """What of the listing goes to a worker at once, and how much is under way at all of them."""
    partition = max(batch, min(BATCHES * batch, MOST_PHOTOS))
    in_flight = min(ROWS // partition, WAITING) + 2 * AT_ONCE * max(FEWEST, workers)
    return {"batch_size": partition, "batches_in_flight": in_flight}


def _tell(cluster: str, encoders: int, console: Console) -> None:
    place = "Ray" if cluster == HERE else cluster
    count = f"{encoders:,} encoder{'s' if encoders != 1 else ''}"
    console.print(Text(f"{place}: {count} to begin with."), soft_wrap=True)
