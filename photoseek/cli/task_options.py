"""The tasks of the command line, and the options that each of them takes."""

from __future__ import annotations

from photoseek.cli.library_options import (
    keywords_options,
    ocr_options,
)
from photoseek.cli.own_options import (
    copy_options,
    download_options,
    export_model_options,
    export_options,
    index_options,
    json_option,
    limit_option,
    query_options,
    reindex_options,
    switch_options,
    work_options,
)
from photoseek.cli.task_record import (
    DOWNLOAD,
    EVERYWHERE,
    NO_GATEWAY,
    PHOTOS,
    SERVING,
    Task,
)
from photoseek.cli.tuning_tasks import TUNING

_SERVICE = (SERVING, EVERYWHERE)
_SHELLS = (["bash"], ["zsh"], ["fish"], ["tcsh"])
_ALL = (
    Task(
        "index",
        "bring the index up to date with a folder, a bucket or a manifest of photos",
        (PHOTOS, EVERYWHERE),
        index_options,
        examples=(
            "--source ~/Pictures",
            "--source photos.csv -n 10000",
            "--source ~/Pictures --watch 60",
            "--source ~/Pictures --refresh",
            "--source s3://bucket/photos --index s3://bucket/index",
            "--source photos/manifest.csv",
            "--source s3://bucket/photos --index s3://bucket/index --on ray://head:10001",
        ),
        rules=(
            (lambda o: o.on and o.watch, "--on is for one look at many photos; leave --watch out"),
            (
                lambda o: o.on and o.gateway,
                "--on writes to the index itself; leave --gateway out and name the --index",
            ),
            (lambda o: o.prune and o.limit, "--prune must see the whole source; leave -n out"),
            (
                lambda o: o.watch and o.refresh,
                "--refresh is done once; run it without --watch",
            ),
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
        work_options,
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
        download_options,
        examples=(
            "--source urls.txt --to photos",
            "--source photos/failures.csv --to photos",
        ),
        rules=(
            NO_GATEWAY,
            (lambda o: not o.to, "say where to: --source urls.txt --to FOLDER"),
        ),
    ),
    Task(
        "search",
        "find photos by a text, a picture, a photo that is indexed, or all of them mixed",
        options=query_options,
        words="the text of the query; without any, and without --filter and --sort, you are asked",
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
        rules=(NO_GATEWAY,),
    ),
    Task(
        "gateway",
        "answer for an encoder and an indexer that run as processes of their own",
        _SERVICE,
    ),
    Task("encoder", "turn photos and queries into vectors, for a gateway", _SERVICE),
    Task("indexer", "keep the index, for a gateway", _SERVICE),
    Task("status", "show what the index holds", options=json_option),
    Task(
        "models",
        "show the models that have a short name",
        options=json_option,
        examples=("", "--json"),
    ),
    Task(
        "delete",
        "forget photos by id (their files stay)",
        words="the ids",
        examples=("4f1c09ab22d0e6b7",),
        rules=((lambda o: not o.words, "name the ids to delete: ID [ID ...]"),),
    ),
    Task(
        "ocr",
        "read the text in the pictures of an index, without a model",
        options=ocr_options,
        examples=("", '--filter "tags = packaging" -n 1000'),
        rules=(NO_GATEWAY,),
        more="It is read in the original that is kept, else where the photo lies, else in its\n"
        "thumbnail. A run that was stopped goes on where it was. It takes photoseek[ocr].",
    ),
    Task(
        "keywords",
        "suggest keywords for the photos of an index, by its vectors",
        options=keywords_options,
        examples=(
            "--labels labels.txt --to tags.csv",
            "--write",
            '--to xmp --filter "folder = Travel/Italy"',
        ),
        rules=(
            NO_GATEWAY,
            (
                lambda o: (o.write + o.clear + (o.to != "-")) > 1,
                "choose one of --to, --write and --clear",
            ),
            (
                lambda o: o.json and o.to == "-" and not (o.write or o.clear),
                "--json needs another place for the keywords: --to FILE.csv, --to xmp or --write",
            ),
        ),
        more="No photo is opened. Keywords in the index stay apart from tags that people gave.\n"
        "Side-cars of before are added to, and never replaced.",
    ),
    Task(
        "copy",
        "copy an index to another place or store, without a model",
        options=copy_options,
        examples=("--from data/index --to s3://bucket/copy",),
        rules=(
            NO_GATEWAY,
            (lambda o: not o.to, "say where to: --from data/index --to PLACE"),
        ),
        more="A copy that was stopped goes on where it was. Run it again when the index has\n"
        "changed, and only what is new, changed or gone is dealt with. Exit code 1 says that the\n"
        "copy is not what it was made of.",
    ),
    Task(
        "export",
        "write the index as a table, which index takes again",
        options=export_options,
        examples=(
            "--to photos.csv",
            '--to italy.parquet --vectors --filter "folder = Travel/Italy"',
        ),
        rules=(
            NO_GATEWAY,
            (
                lambda o: o.to == "-" and (o.vectors or o.json),
                "--vectors and --json need a file: --to FILE.csv or --to FILE.parquet",
            ),
        ),
        more="The table has what photos were described by, and columns of your own manifests. In\n"
        "CSV a text that a spreadsheet takes for a formula has an apostrophe before it, which\n"
        "index takes away again.",
    ),
    Task(
        "export-model",
        "write a model as ONNX files, which run without PyTorch",
        options=export_model_options,
        examples=("", "--model demo --to models/demo"),
        rules=(NO_GATEWAY,),
        more="Without --model it is that of the index, which goes on with it: the vectors are the\n"
        "same. It takes PyTorch; the files then run without.",
    ),
    Task(
        "switch",
        "let the name of an index in an engine stand for another one",
        options=switch_options,
        examples=(
            "--index elastic+http://es1:9200/photos --to elastic+http://es1:9200/photos-large",
        ),
        rules=(
            NO_GATEWAY,
            (lambda o: not o.to, "say which index gets the name: --to PLACE"),
        ),
        more="So a new model takes over in one step: fill an index of another name with it, then\n"
        "switch. What serves the name follows within a second.",
    ),
    Task(
        "reindex",
        "make an index again with another model, while it is searched and written to",
        options=reindex_options,
        examples=(
            "--index data/index --model ViT-B-16:datacomp_xl_s13b_b90k",
            "--index data/index --back",
            "--index data/index --drop-old",
        ),
        rules=(
            NO_GATEWAY,
            (
                lambda o: not (o.model or o.back or o.drop_old),
                "name the new model: --model NAME; or --back, or --drop-old",
            ),
            (lambda o: (o.back or o.drop_old) and o.model, "leave --model out: it is known here"),
            (lambda o: o.back and o.drop_old, "--back or --drop-old, one of them"),
        ),
        more="Gateways that serve the index follow by themselves. A run that was stopped goes on\n"
        "where it was. Photos are read as the index keeps them, else where they lie, else their\n"
        "thumbnails.",
    ),
    Task(
        "demo",
        "draw a small library, index it, search it, serve it",
        _SERVICE,
        limit_option,
        examples=("",),
        rules=(NO_GATEWAY,),
    ),
    Task(
        "doctor",
        "look at all that photoseek needs, and say what mends what is missing",
        _SERVICE,
        json_option,
        examples=("", "--json"),
        rules=(NO_GATEWAY,),
        more="Speed is measured for ten seconds at most. Exit code 1 says that something is wrong.",
    ),
    *TUNING,
    Task(
        "completion",
        "print what a shell needs to complete tasks and options",
        (),
        words="bash, zsh, fish or tcsh",
        examples=("bash",),
        rules=((lambda o: o.words not in _SHELLS, "name one shell: bash, zsh, fish or tcsh"),),
        more='In ~/.bashrc: eval "$(photoseek completion bash)"\n'
        "In ~/.config/fish/config.fish: photoseek completion fish | source",
    ),
)

TASKS = {task.name: task for task in _ALL}
"""All tasks, in the order in which people are told of them."""

ALIASES = {"query": "search"}
"""Other names of tasks."""
