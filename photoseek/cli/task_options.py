"""The tasks of the command line, and the options that each of them takes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from photoseek.cli.option_values import hours, positive, seconds

PARTS = ("gateway", "encoder", "indexer")
"""Tasks that are one part of `serve` each."""

PHOTOS, DOWNLOAD, SERVING, EVERYWHERE = "photos", "download", "serving", "everywhere"
SETTINGS_GROUPS = (PHOTOS, DOWNLOAD, SERVING, EVERYWHERE)
"""The headings below which settings are listed, as their `Option.group` says."""

Adder = Callable[[argparse._ArgumentGroup], None]
Rule = tuple[Callable[[argparse.Namespace], object], str]


@dataclass(frozen=True, slots=True)
class Task:
    """One task: what it is for, what it takes, and what of that does not go together.

    `options` are those of its own, `settings` the groups of settings that it lists; `words` says
    what the words without an option are, "" where it takes none. A rule is what is wrong and the
    sentence that says so.
    """

    name: str
    about: str
    settings: tuple[str, ...] = (EVERYWHERE,)
    options: Adder | None = None
    words: str = ""
    examples: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    more: str = ""


def _index_options(group: argparse._ArgumentGroup) -> None:
    _limit(group)
    group.add_argument(
        "--prune", action="store_true", help="remove from the index what vanished from the source"
    )
    group.add_argument(
        "--again",
        nargs="*",
        metavar="ID",
        help="index photos that were deleted on purpose too: those with these ids, or all",
    )
    _watch(group, "for new, changed and vanished photos (with -n nothing is removed)")
    _json(group)


def _work_options(group: argparse._ArgumentGroup) -> None:
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
    _json(group)


def _download_options(group: argparse._ArgumentGroup) -> None:
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
    _limit(group)
    _watch(group, "for what was added to the list")
    _json(group)


def _copy_options(group: argparse._ArgumentGroup) -> None:
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
    _json(group)


def _query_options(group: argparse._ArgumentGroup) -> None:
    from photoseek.store.fields import BY_NAME

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
    _json(group)


def _evaluate_options(group: argparse._ArgumentGroup) -> None:
    _limit(group)
    _json(group)


def _limit(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "-n", "--limit", type=positive, metavar="N", help="look at the first N photos only"
    )


def _json(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--json", action="store_true", help="JSON, one object a line, for scripts")


def _watch(group: argparse._ArgumentGroup, what: str) -> None:
    group.add_argument(
        "--watch", type=seconds, metavar="SECONDS", help=f"stay, and look again so often: {what}"
    )


_SERVICE = (SERVING, EVERYWHERE)
_NO_GATEWAY: Rule = (lambda o: o.gateway, "--gateway belongs to index, search, status, delete")
_SHELLS = (["bash"], ["zsh"], ["tcsh"])
_ALL = (
    Task(
        "index",
        "bring the index up to date with a folder, a bucket or a manifest of photos",
        (PHOTOS, EVERYWHERE),
        _index_options,
        examples=(
            "--source ~/Pictures",
            "--source photos.csv -n 10000",
            "--source ~/Pictures --watch 60",
            "--source s3://bucket/photos --index s3://bucket/index",
            "--source photos/manifest.csv",
        ),
        rules=(
            (lambda o: o.prune and o.limit, "--prune must see the whole source; leave -n out"),
            (
                lambda o: o.watch and o.prune,
                "--watch removes by itself what has vanished; leave --prune out",
            ),
        ),
    ),
    Task(
        "work",
        "bring into the index what a queue tells of a bucket; any number of workers may do so",
        (PHOTOS, EVERYWHERE),
        _work_options,
        examples=(
            "--queue sqs://photos --source s3://bucket/photos --index s3://bucket/index",
            "--queue sqs://photos --source s3://bucket/photos --gateway http://photos:8080",
        ),
        rules=((lambda o: not o.queue, "name the queue: --queue sqs://NAME"),),
    ),
    Task(
        "download",
        "fetch the photos of a list of URLs into a folder or a bucket",
        (PHOTOS, DOWNLOAD, EVERYWHERE),
        _download_options,
        examples=(
            "--source urls.txt --to photos",
            "--source photos/failures.csv --to photos",
        ),
        rules=(
            _NO_GATEWAY,
            (lambda o: not o.to, "say where to: --source urls.txt --to FOLDER"),
        ),
    ),
    Task(
        "search",
        "find photos by a text, a picture, a photo that is indexed, or all of them mixed",
        options=_query_options,
        words="the text of the query; without any you are asked",
        examples=(
            '"red car at night"',
            '\'"red car" + ./pool.jpg - 0.5:"snow"\'',
            "--image beach.jpg --top-k 5",
            '--like 4f1c09ab22d0e6b7 --filter "width >= 2000"',
            '"harbour" --json | jq .uri',
        ),
        more="A search uses the gateway that runs on --http-port, and loads the model for itself\n"
        "when there is none, which takes a second or two. The task serve keeps it loaded and\n"
        "answers at once.",
    ),
    Task(
        "serve",
        "keep the model loaded and answer over HTTP and gRPC until Ctrl-C",
        _SERVICE,
        examples=("", "--in-process"),
        rules=(_NO_GATEWAY,),
    ),
    Task(
        "gateway",
        "answer for an encoder and an indexer that run as processes of their own",
        _SERVICE,
    ),
    Task("encoder", "turn photos and queries into vectors, for a gateway", _SERVICE),
    Task("indexer", "keep the index, for a gateway", _SERVICE),
    Task("status", "show what the index holds", options=_json),
    Task(
        "delete",
        "forget photos by id (their files stay)",
        words="the ids",
        examples=("4f1c09ab22d0e6b7",),
        rules=((lambda o: not o.words, "name the ids to delete: ID [ID ...]"),),
    ),
    Task(
        "copy",
        "copy an index to another place or store, without a model",
        options=_copy_options,
        examples=("--from data/index --to s3://bucket/copy",),
        rules=(
            _NO_GATEWAY,
            (lambda o: not o.to, "say where to: --from data/index --to PLACE"),
        ),
        more="A copy that was stopped goes on where it was. Run it again when the index has\n"
        "changed, and only what is new, changed or gone is dealt with. Exit code 1 says that the\n"
        "copy is not what it was made of.",
    ),
    Task(
        "demo",
        "draw a small library, index it, search it, serve it",
        _SERVICE,
        _limit,
        examples=("",),
        rules=(_NO_GATEWAY,),
    ),
    Task(
        "doctor",
        "look at all that photoseek needs, and say what mends what is missing",
        _SERVICE,
        _json,
        examples=("", "--json"),
        rules=(_NO_GATEWAY,),
        more="Speed is measured for ten seconds at most. Exit code 1 says that something is wrong.",
    ),
    Task(
        "evaluate",
        "measure how well a model finds captioned photos",
        (PHOTOS, EVERYWHERE),
        _evaluate_options,
        examples=("--source captions.csv --model demo",),
        rules=(_NO_GATEWAY,),
    ),
    Task(
        "completion",
        "print what a shell needs to complete tasks and options",
        (),
        words="bash, zsh or tcsh",
        examples=("bash",),
        rules=((lambda o: o.words not in _SHELLS, "name one shell: bash, zsh or tcsh"),),
        more='In ~/.bashrc: eval "$(photoseek completion bash)"',
    ),
)

TASKS = {task.name: task for task in _ALL}
"""All tasks, in the order in which people are told of them."""

ALIASES = {"query": "search"}
"""Other names of tasks."""
