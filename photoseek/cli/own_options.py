"""The options that tasks have of their own; each function adds some of them."""

from __future__ import annotations

import argparse

from photoseek.cli.option_values import (
    cluster,
    hours,
    positive,
    seconds,
    table_file,
)


def index_options(group: argparse._ArgumentGroup) -> None:
    """Those of `index`."""
    limit_option(group)
    group.add_argument(
        "--prune",
        action="store_true",
        help="remove from the index, without a question, what vanished from the source",
    )
    group.add_argument(
        "--again",
        nargs="*",
        metavar="ID",
        help="index photos that were deleted on purpose too: those with these ids, or all",
    )
    group.add_argument(
        "--refresh",
        action="store_true",
        help="read again what the files of stored photos say: captions, keywords, rights; nothing "
        "of them is encoded. For indexes of versions that did not read them, and after an update",
    )
    group.add_argument(
        "--on",
        type=cluster,
        metavar="CLUSTER",
        help="have a Ray cluster encode the photos: ray://HEAD:10001, or ray for the cluster of "
        "RAY_ADDRESS or of this machine, which is started where none runs",
    )
    _watch(group, "for new, changed and vanished photos (with -n nothing is removed)")
    json_option(group)


def work_options(group: argparse._ArgumentGroup) -> None:
    """Those of `work`."""
    group.add_argument(
        "--queue",
        metavar="QUEUE",
        help="sqs://NAME or the URL of a queue of SQS, which gets the events of the bucket",
    )
    group.add_argument(
        "--hold",
        type=positive,
        default=120,
        metavar="SECONDS",
        help="how long the messages of a worker that dies stay hidden from others (default: 120)",
    )
    group.add_argument(
        "--sweep",
        type=hours,
        default=24.0,
        metavar="HOURS",
        help="how often one of all workers lists the whole bucket, for what no message told of; "
        "0 is never (default: 24)",
    )
    group.add_argument("--until-empty", action="store_true", help="end when no message is left")
    json_option(group)


def download_options(group: argparse._ArgumentGroup) -> None:
    """Those of `download`."""
    group.add_argument(
        "--to",
        metavar="PLACE",
        help="folder or s3://BUCKET/PREFIX; manifest.csv there lists what arrived, failures.csv "
        "what did not and why",
    )
    group.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="go on where an earlier run stopped (default), or start over",
    )
    limit_option(group)
    _watch(group, "for what was added to the list")
    json_option(group)


def copy_options(group: argparse._ArgumentGroup) -> None:
    """Those of `copy`."""
    group.add_argument(
        "--from",
        dest="origin",
        metavar="PLACE",
        help="the index that is copied (default: the one of --index)",
    )
    group.add_argument(
        "--to",
        metavar="PLACE",
        help="where the copy is to be: folder, s3://BUCKET/PREFIX, or SCHEME:... of another store",
    )
    json_option(group)


def switch_options(group: argparse._ArgumentGroup) -> None:
    """Those of `switch`."""
    group.add_argument(
        "--to", metavar="PLACE", help="the index that gets the name; it lies in the same engine"
    )
    json_option(group)


def reindex_options(group: argparse._ArgumentGroup) -> None:
    """Those of `reindex`."""
    group.add_argument(
        "--back",
        action="store_true",
        help="return to the index of before, with all that came since",
    )
    group.add_argument(
        "--drop-old",
        action="store_true",
        help="remove the index beside the one in use: the one of before, or an unfinished one",
    )
    group.add_argument(
        "--leave-out",
        action="store_true",
        help="let the new index take over without the photos that cannot be read anywhere",
    )
    group.add_argument(
        "--from-thumbnails",
        action="store_true",
        help="encode the thumbnails of photos whose server or disk is away, and do not wait for it",
    )
    json_option(group)


def export_options(group: argparse._ArgumentGroup) -> None:
    """Those of `export`."""
    group.add_argument(
        "--to",
        type=table_file,
        default="-",
        metavar="FILE",
        help="where to write: FILE.csv or FILE.parquet (default: CSV to standard output)",
    )
    filter_option(group)
    group.add_argument(
        "--vectors",
        action="store_true",
        help="write the vectors too: a column of FILE.parquet, or FILE.npy beside FILE.csv",
    )
    json_option(group)


def export_model_options(group: argparse._ArgumentGroup) -> None:
    """Those of `export-model`."""
    group.add_argument(
        "--to",
        metavar="FOLDER",
        help="where to write (default: where every run looks for the model: PHOTOSEEK_EXPORTS)",
    )
    json_option(group)


def filter_option(group: argparse._ArgumentGroup) -> None:
    """Which photos are meant."""
    from photoseek.store.fields import BY_NAME

    group.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="CONDITION",
        help='such as "tags = beach" or "width >= 2000"; several are joined by AND; on '
        + ", ".join(BY_NAME)
        + ", and columns of your manifest",
    )


def query_options(group: argparse._ArgumentGroup) -> None:
    """Those of `search`."""
    from photoseek.store.sorting import SORTABLE

    group.add_argument("--image", metavar="FILE", help="search by this picture, too")
    group.add_argument("--like", metavar="ID", help="search by this photo of the index, too")
    group.add_argument(
        "-k", "--top-k", type=positive, default=10, metavar="K", help="how many (default: 10)"
    )
    filter_option(group)
    group.add_argument(
        "--hybrid",
        action="store_true",
        help="prefer photos whose caption, tags, file or folder have the words",
    )
    group.add_argument("--dedupe", action="store_true", help="take copies of a photo together")
    group.add_argument(
        "--sort",
        default="",
        metavar="ORDER",
        help="the good hits, or all photos without a query, by "
        + ", ".join(SORTABLE)
        + ": the latest or largest first, or with :asc (taken:asc) the earliest or smallest",
    )
    json_option(group)


def limit_option(group: argparse._ArgumentGroup) -> None:
    """How many photos at most."""
    group.add_argument(
        "-n", "--limit", type=positive, metavar="N", help="look at the first N photos only"
    )


def json_option(group: argparse._ArgumentGroup) -> None:
    """Whether scripts read what is printed."""
    group.add_argument("--json", action="store_true", help="JSON, one object a line, for scripts")


def _watch(group: argparse._ArgumentGroup, what: str) -> None:
    group.add_argument(
        "--watch", type=seconds, metavar="SECONDS", help=f"stay, and look again so often: {what}"
    )
