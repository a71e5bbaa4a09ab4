"""What the command line understands."""

from __future__ import annotations

import argparse

from photoseek.cli.setting_options import add_settings, positive
from photoseek.store.fields import BY_NAME

TASKS = {
    "index": "bring the index up to date with a folder, a bucket or a manifest of photos",
    "download": "fetch the photos of a list of URLs into a folder or a bucket",
    "query": "find photos by a text, a picture, a photo that is indexed, or all of them mixed",
    "serve": "keep the model loaded and answer over HTTP and gRPC until Ctrl-C",
    "gateway": "answer for an encoder and an indexer that run as processes of their own",
    "encoder": "turn photos and queries into vectors, for a gateway",
    "indexer": "keep the index, for a gateway",
    "status": "show what the index holds",
    "delete": "forget photos by id (their files stay)",
    "demo": "draw a small library, index it, search it, serve it",
    "evaluate": "measure how well a model finds captioned photos",
}

PARTS = ("gateway", "encoder", "indexer")
"""Tasks that are one part of `serve` each."""

LONGEST_PAUSE = 24 * 3600
"""Seconds between two looks at a source."""

EXAMPLES = """
examples:
  python app.py -t demo
  python app.py -t index --source ~/Pictures
  python app.py -t index --source photos.csv -n 10000
  python app.py -t index --source ~/Pictures --watch 60
  python app.py -t index --source s3://bucket/photos --index s3://bucket/index
  python app.py -t download --source urls.txt --to photos
  python app.py -t download --source photos/failures.csv --to photos
  python app.py -t index --source photos/manifest.csv
  python app.py -t query "red car at night"
  python app.py -t query '"red car" + ./pool.jpg - 0.5:"snow"'
  python app.py -t query --image beach.jpg --top-k 5
  python app.py -t query --like 4f1c09ab22d0e6b7 --filter "width >= 2000"
  python app.py -t query "harbour" --json | jq .uri
  python app.py -t serve
  python app.py -t serve --in-process
  python app.py -t evaluate --source captions.csv --model demo

A query uses the gateway that runs on --http-port, and loads the model for itself when there is
none, which takes a second or two. `python app.py -t serve` keeps it loaded and answers at once.
Every option can be set as PHOTOSEEK_* in the environment or in .env; README.md lists them.
"""


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line as a namespace; ends the process with a message when it is wrong."""
    parser = _parser()
    options = parser.parse_intermixed_args(arguments)
    if options.task == "delete" and not options.words:
        parser.error("name the ids to delete: python app.py -t delete ID [ID ...]")
    _check_upkeep(parser, options)
    if options.task == "download" and not options.to:
        parser.error("say where to: python app.py -t download --source urls.txt --to FOLDER")
    if options.gateway and options.task not in ("index", "query", "status", "delete"):
        parser.error("--gateway belongs to -t index, query, status and delete")
    if options.in_process and options.task != "serve":
        parser.error("--in-process belongs to -t serve")
    if options.words and options.task not in ("query", "delete"):
        parser.error(f"{options.task} takes no {' '.join(options.words)!r}")
    return options


def _check_upkeep(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.watch and options.task not in ("index", "download"):
        parser.error("--watch belongs to -t index and -t download")
    if options.again is not None and options.task != "index":
        parser.error("--again belongs to -t index")
    if options.prune and options.task != "index":
        parser.error("--prune belongs to -t index")
    if options.prune and options.limit:
        parser.error("--prune must see the whole source; leave -n out")
    if options.watch and options.prune:
        parser.error("--watch removes by itself what has vanished; leave --prune out")


def _parser() -> argparse.ArgumentParser:
    tasks = "\n".join(f"  {name:10}{text}" for name, text in TASKS.items())
    parser = argparse.ArgumentParser(
        prog="app.py",
        description=f"Search your own stock photos by meaning.\n\ntasks:\n{tasks}",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-t", "--task", required=True, choices=TASKS, metavar="TASK")
    parser.add_argument("words", nargs="*", help="the text of a query, or the ids to delete")
    _add_index_options(parser.add_argument_group("index, evaluate and download"))
    _add_download_options(parser.add_argument_group("download"))
    _add_query_options(parser.add_argument_group("query"))
    add_settings(parser.add_argument_group("serve"))
    add_settings(parser.add_argument_group("everywhere"))
    return parser


def _add_index_options(group: argparse._ArgumentGroup) -> None:
    add_settings(group)
    group.add_argument(
        "-n", "--limit", type=positive, metavar="N", help="look at the first N photos only"
    )
    group.add_argument(
        "--prune", action="store_true", help="remove from the index what vanished from the source"
    )
    group.add_argument(
        "--again",
        nargs="*",
        metavar="ID",
        help="index photos that were deleted on purpose too: those with these ids, or all",
    )
    group.add_argument(
        "--watch",
        type=_seconds,
        metavar="SECONDS",
        help="stay, and look again so often: index for new, changed and vanished photos (with -n "
        "nothing is removed), download for what was added to the list",
    )


def _add_download_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--to",
        metavar="PLACE",
        help="folder or s3://BUCKET/PREFIX; manifest.csv there lists what arrived, failures.csv "
        "what did not and why",
    )
    add_settings(group)
    group.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="go on where an earlier run stopped (default), or start over",
    )


def _add_query_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--image", metavar="FILE", help="search by this picture, too")
    group.add_argument("--like", metavar="ID", help="search by this photo of the index, too")
    group.add_argument(
        "-k", "--top-k", type=positive, default=10, metavar="K", help="how many (default: 10)"
    )
    group.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="CONDITION",
        help='such as "tags = beach" or "width >= 2000"; several are joined by AND; on '
        + ", ".join(BY_NAME)
        + ", and columns of your manifest",
    )
    group.add_argument(
        "--hybrid", action="store_true", help="prefer photos whose caption or tags have the words"
    )
    group.add_argument("--dedupe", action="store_true", help="take copies of a photo together")
    group.add_argument("--json", action="store_true", help="one JSON object per line, for scripts")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= LONGEST_PAUSE:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds up to a day")
    return seconds
