"""The tasks that measure models and make one of one's own, and what people said of hits."""

from __future__ import annotations

from photoseek.catalogue.presets import PRESETS
from photoseek.cli.library_options import clicks_options, evaluate_options, tune_options
from photoseek.cli.task_record import EVERYWHERE, NO_GATEWAY, OF_AN_INDEX, PHOTOS, Task

TUNING = (
    Task(
        "evaluate",
        "measure how well a model finds photos, and which of two is better",
        (PHOTOS, EVERYWHERE),
        evaluate_options,
        examples=(
            "",
            "--source captions.csv --model demo",
            "--queries queries.csv --save before.json",
            "--against before.json",
            "--calibrate",
        ),
        rules=(
            NO_GATEWAY,
            (
                lambda o: o.calibrate and (o.source or o.queries or o.against),
                "--calibrate goes by the captions of the index alone: leave --source, "
                "--queries and --against out",
            ),
        ),
        more="Without --source the photos are those of the index, with its vectors: no photo is\n"
        "opened. What the figures mean, and when two runs differ, stands in\n"
        "docs/guide/evaluate.md.",
        unused=OF_AN_INDEX,
    ),
    Task(
        "tune",
        "train a model on your own photos and captions, and measure it before and after",
        (PHOTOS, EVERYWHERE),
        tune_options,
        examples=(
            "--source photos.csv --to models/ours",
            "--source photos.csv --model demo --to models/ours --seed 1",
            "--from clicks --index data/index --to models/ours",
        ),
        rules=(
            NO_GATEWAY,
            (lambda o: not o.to, "say where to: --to FOLDER"),
            (lambda o: o.origin and o.source, "--from clicks needs no --source; leave it out"),
            (lambda o: o.origin and o.limit, "--from clicks takes all of them; leave -n out"),
            (lambda o: o.batch == 1, "--batch takes 2 or more: one photo differs from no other"),
        ),
        more="Without --model it begins with the one that a new index gets here; by --from clicks\n"
        "with that of --index. A third of the photos is kept for the test. A training that\n"
        "was stopped or killed goes on where it was; Ctrl-C keeps the best so far. Exit code\n"
        "1 says that the tuned model is not surely better, and that none was written.",
        unused=(*OF_AN_INDEX, "batch_size", "precision", "runtime"),
        helps=(
            (
                "model",
                f"what to begin with: {', '.join(PRESETS)}, ARCHITECTURE:WEIGHTS, hf-hub:"
                "ORGANISATION/NAME, local-dir:FOLDER or demo (default: the one that a new index "
                "gets; by --from clicks that of the index)",
            ),
        ),
    ),
    Task(
        "clicks",
        "show what people said of hits, write it to a file, or remove it",
        (EVERYWHERE,),
        clicks_options,
        examples=("", "--to clicks.csv"),
        rules=(
            NO_GATEWAY,
            (lambda o: o.to and o.forget, "write them first by --to, then remove them by --forget"),
        ),
        more="They are kept where the page is served with PHOTOSEEK_CLICKS=true. The file is what\n"
        "evaluate takes by --queries.",
    ),
)
"""In the order in which people are told of them."""
