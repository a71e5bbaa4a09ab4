"""photoseek beside other programs that search photos by meaning: `python -m bench peers`.

    python -m bench peers --environments FOLDER

The same photos and random weights of one architecture, ViT-B-32-256, which is the only one that
rclip has. Programs come by turns. Other programs are installed into the named folder, which may be
kept for the next time; one that cannot be had is left out with a sentence. Nothing is downloaded
but packages.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.material import FAST, SIZES, save_random, write_photos
from bench.peer_programs import (
    ClipRetrieval,
    Loop,
    Photoseek,
    Program,
    RclipProgram,
    save_for_rclip,
    weights_of,
)
from bench.peers_installed import (
    CLIP_RETRIEVAL,
    RCLIP,
    environment,
    installed_mb,
    python_for_rclip,
)
from bench.peers_page import FEW, Measured, Round, write_page
from bench.processes import most_memory

TORCH = ("torch", "torchvision", "open-clip-torch")


def main(arguments: Sequence[str]) -> int:
    """Measure, print Markdown and write it."""
    parser = argparse.ArgumentParser(prog="python -m bench peers", description=__doc__)
    parser.add_argument("--environments", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--rclip-python", metavar="PROGRAM", help="3.12 or later; default: found")
    parser.add_argument("--photos", type=int, default=200, help="default: 200")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without", action="append", default=[], metavar="NAME", help="leave out")
    parser.add_argument("--to", type=Path, default=Path("docs/benchmarks"), metavar="FOLDER")
    parser.add_argument("--about", default="", help="what the page says of machine and date")
    given = parser.parse_args(arguments)
    given.environments.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        model = save_random(work / "model", FAST)
        ways = _ways(given.environments.resolve(), given.rclip_python, model, work)
        programs: dict[str, Program] = {}
        sizes: dict[str, str] = {}
        left_out = []
        for name, way in ways.items():
            if name in given.without:
                left_out.append(f"{name} was left out by --without.")
                continue
            try:
                programs[name], sizes[name] = way()
            except (OSError, subprocess.CalledProcessError, LookupError) as error:
                left_out.append(f"{name} is left out, as it cannot be had here: {error}")
        few, many = work / "few", work / "many"
        write_photos(few, SIZES["0.2 MP"], FEW)
        write_photos(many, SIZES["0.2 MP"], given.photos)
        rounds: dict[str, list[Round]] = {name: [] for name in programs}
        for number in range(given.rounds):
            for name in _in_turn(list(programs), number):
                try:
                    found = _round(programs[name], few, many, work / f"{number}-{name}")
                except (OSError, subprocess.CalledProcessError) as error:
                    left_out.append(f"{name} is left out, as it did not get through: {error}")
                    del programs[name], rounds[name]
                    continue
                rounds[name].append(found)
                print(f"round {number + 1}, {name}: {found}", file=sys.stderr)
    if not any(rounds.values()):
        print(*left_out, sep="\n")
        return 1
    print(write_page(Measured(given.about, given.photos, rounds, sizes, left_out), given.to))
    return 0


def _in_turn(names: list[str], number: int) -> list[str]:
    """The order of a round: each comes first once."""
    first = number % len(names)
    return names[first:] + names[:first]


def _round(program: Program, few: Path, many: Path, place: Path) -> Round:
    """What one program takes, from nothing."""
    small = program.index(few, place.with_name(f"{place.name}-few"))
    with most_memory() as memory:
        whole = program.index(many, place)
    finished = program.finish(place)
    again = program.index(many, place) if program.knows_photos else None
    asked = program.ask(many, place)
    return Round(small, whole, finished, again, asked, max(memory))


def _ways(
    environments: Path, rclip_python: str | None, model: str, work: Path
) -> Mapping[str, Callable[[], tuple[Program, str]]]:
    """How each program is had, with what it takes on the disk."""

    def photoseek() -> tuple[Program, str]:
        whole, small = installed_mb("photoseek"), installed_mb("photoseek", without=TORCH)
        return Photoseek(model), f"{whole:,.0f}; without PyTorch {small:,.0f}"

    def loop() -> tuple[Program, str]:
        return Loop(model), f"{installed_mb('open-clip-torch'):,.0f}"

    def clip_retrieval() -> tuple[Program, str]:
        python = environment(environments, "clip-retrieval", sys.executable, CLIP_RETRIEVAL)
        size = installed_mb("clip-retrieval", python=str(python))
        return ClipRetrieval(python, weights_of(model)), f"{size:,.0f}"

    def rclip() -> tuple[Program, str]:
        if (own := rclip_python or python_for_rclip()) is None:
            raise LookupError("it needs Python 3.12 or later. Name one by --rclip-python")
        python = environment(environments, "rclip", own, RCLIP)
        save_for_rclip(model, work / "rclip-weights")
        size = installed_mb("rclip", python=str(python))
        return RclipProgram(python, work / "rclip-weights", work), f"{size:,.0f}"

    return {
        Photoseek.name: photoseek,
        Loop.name: loop,
        ClipRetrieval.name: clip_retrieval,
        RclipProgram.name: rclip,
    }
