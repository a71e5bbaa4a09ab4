"""How long the command line takes without a server: `python -m bench.commands`.

Four commands, by turns with those of rclip where its program is given: 400 photos that are
unchanged, a query over 100,000 vectors, 8 photos for a new index, and the 400 with other names;
with random weights for `fast`, whose kind rclip runs as well, or for `standard`. Each figure is a
median: seconds from start to end, and seconds of CPU time. rclip has one command that indexes and
asks: all rows but the second have its query in them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path
from statistics import median

from bench.material import FAST, SIZES, save_random, save_siglip_2, write_photos
from bench.processes import APP, Cost, measure, plain_environment
from bench.rclip import QUERY, Rclip
from bench.store import BATCH, Matrix, encoded, make_vectors
from photoseek.records import ModelIdentity
from photoseek.store import open_store, peek_model

KNOWN = 400
NEW = 8
VECTORS = 100_000

Commands = dict[str, tuple[Callable[[int], Cost], Callable[[int], Cost]]]
"""What each row measures: the command line, and rclip; both are told the number of the round."""


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.commands", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--known", type=int, default=KNOWN, help=f"default: {KNOWN}")
    parser.add_argument("--vectors", type=int, default=VECTORS, help=f"default: {VECTORS}")
    parser.add_argument("--standard", action="store_true", help="its model, and not that of fast")
    parser.add_argument("--rclip", type=Path, metavar="PROGRAM", help="default: left out")
    parser.add_argument("--rclip-data", type=Path, metavar="FOLDER", help="with its weights")
    options = parser.parse_args()
    if bool(options.rclip) != bool(options.rclip_data):
        parser.error("--rclip and --rclip-data belong together")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        rclip = Rclip(options.rclip, options.rclip_data, work) if options.rclip else None
        model = _save(work / "model", standard=options.standard)
        commands = _prepare(work, model, rclip, options.known, options.vectors)
        print("| command | photoseek: s | CPU, s | rclip: s | CPU, s | ratio: s | CPU |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for name, (ours, theirs) in commands.items():
            _measure(name, ours, theirs if rclip else None, options.rounds)
    return 0


def _save(folder: Path, *, standard: bool) -> str:
    return save_siglip_2(folder) if standard else save_random(folder, FAST)


def _prepare(work: Path, model: str, rclip: Rclip | None, known: int, count: int) -> Commands:
    """Write all that is measured on, and index what is to be known already."""
    write_photos(work / "photos", SIZES["0.2 MP"], known)
    write_photos(work / "few", SIZES["0.2 MP"], NEW)
    _photoseek("-t", "index", "--source", work / "photos", "--model", model, "--index", work / "i")
    identity = peek_model(work / "i")
    assert identity is not None
    vectors = make_vectors("clustered", count, identity.dimensions)
    _fill(work / "many", identity, vectors)
    if rclip:
        rclip.ask("known", work / "photos", indexing=True)
        rclip.fill("many", work / "elsewhere", vectors)

    def unchanged(_: int) -> Cost:
        return _photoseek("-t", "index", "--source", work / "photos", "--index", work / "i")

    def query(_: int) -> Cost:
        return _photoseek("-t", "query", QUERY, "--index", work / "many")

    def new(number: int) -> Cost:
        index = ("--model", model, "--index", work / f"new-{number}")
        return _photoseek("-t", "index", "--source", work / "few", *index)

    def renamed(number: int) -> Cost:
        """All of them have other names than before; rclip's turn comes after it."""
        for path in list((work / "photos").iterdir()):
            path.rename(path.with_name(f"{number}-{path.name}"))
        return unchanged(number)

    def theirs(name: str, photos: str, *, indexing: bool = True) -> Callable[[int], Cost]:
        def ask(_: int) -> Cost:
            assert rclip is not None
            if name == "new":
                rclip.forget(name)
            return rclip.ask(name, work / photos, indexing=indexing)

        return ask

    return {
        f"{known} photos, unchanged": (unchanged, theirs("known", "photos")),
        f"a query, {count:,} vectors": (query, theirs("many", "elsewhere", indexing=False)),
        f"{NEW} photos, a new index": (new, theirs("new", "few")),
        f"{known} photos, renamed": (renamed, theirs("known", "photos")),
    }


def _fill(place: Path, model: ModelIdentity, vectors: Matrix) -> None:
    """An index of photos that were never there; a query looks at none."""
    store = open_store(place, model)
    for start in range(0, len(vectors), BATCH):
        batch = enumerate(vectors[start : start + BATCH], start)
        store.upsert([replace(encoded(*row), thumbnail=b"", keep="none") for row in batch])
    store.maintain()


def _measure(
    name: str, ours: Callable[[int], Cost], theirs: Callable[[int], Cost] | None, rounds: int
) -> None:
    pairs = [(ours(number), theirs(number) if theirs else None) for number in range(rounds)]
    mine = _median([mine for mine, _ in pairs])
    cells = [mine.seconds, mine.cpu]
    if theirs:
        other = _median([other for _, other in pairs if other])
        cells += [other.seconds, other.cpu, mine.seconds / other.seconds, mine.cpu / other.cpu]
    print(f"| {name} |", " | ".join(f"{cell:.2f}" for cell in cells), "|", flush=True)


def _median(costs: list[Cost]) -> Cost:
    return Cost(*map(median, zip(*map(astuple, costs), strict=True)))


def _photoseek(*arguments: str | Path) -> Cost:
    command = [sys.executable, str(APP), *map(str, arguments)]
    return measure(command, plain_environment(), APP.parent)


if __name__ == "__main__":
    sys.exit(main())
