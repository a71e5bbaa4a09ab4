"""The page of `bench peers`, out of what was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.processes import Cost

FEW = 8
"""Photos whose run is taken for what a program needs to start."""

_HEAD = """# Beside other programs

`python -m bench peers --environments FOLDER` writes this page: {names}, on the same {photos} photos
of 0.2 MP, with random weights of one architecture (ViT-B-32-256, 256 pixels), by turns, each as a
command without a server. Medians of {rounds}. {about}

Seconds are those on the clock, in brackets those on the processor, which hardly change where other
work runs. "Beyond the first 8" leaves out what a program needs to start: it is the difference of
two runs. The loop and clip-retrieval do not know what they have done before. rclip asks in the same
command that indexes, so its rows have a query in them. Memory is what all processes of a program
have at once, with what they share counted once.
"""


@dataclass(frozen=True, slots=True)
class Round:
    """What one program took in one round: for a few photos, for all of them, and what else it does.

    Memory is in MB. What a program does not do is None.
    """

    few: Cost
    whole: Cost
    finished: Cost | None
    again: Cost | None
    asked: Cost
    memory: float


@dataclass(frozen=True, slots=True)
class Measured:
    """All rounds by program, its size on the disk, and why programs are left out."""

    about: str
    photos: int
    rounds: Mapping[str, Sequence[Round]]
    sizes: Mapping[str, str]
    left_out: Sequence[str]


def write_page(measured: Measured, folder: Path) -> str:
    """Write peers.md, and give back its text."""
    rounds = measured.rounds
    count = len(next(iter(rounds.values())))
    times = "one round" if count == 1 else f"{count} rounds"
    names = ", ".join(rounds)
    head = _HEAD.format(names=names, photos=measured.photos, rounds=times, about=measured.about)
    more = measured.photos - FEW

    def row(what: str, cell: Callable[[Sequence[Round]], str]) -> str:
        return f"| {what} | {' | '.join(cell(each) for each in rounds.values())} |"

    def cost(of: Callable[[Round], Cost | None]) -> Callable[[Sequence[Round]], str]:
        return lambda each: _cost([found for one in each if (found := of(one)) is not None])

    def rate(each: Sequence[Round]) -> str:
        seconds = median(one.whole.seconds - one.few.seconds for one in each)
        return f"{more / seconds:.1f}" if seconds > 0 else "not told"

    def cpu(each: Sequence[Round]) -> str:
        return f"{1000 * median(one.whole.cpu - one.few.cpu for one in each) / more:.1f}"

    lines = [
        f"| what | {' | '.join(rounds)} |",
        f"| --- | {' | '.join('---:' for _ in rounds)} |",
        row(f"photos/s beyond the first {FEW}", rate),
        row("CPU ms of such a photo", cpu),
        row(f"{measured.photos} photos, a new index, s", cost(lambda one: one.whole)),
        row(f"{FEW} photos, a new index, s", cost(lambda one: one.few)),
        row("more, until it can be asked, s", cost(lambda one: one.finished)),
        row("nothing new, s", cost(lambda one: one.again)),
        row("a query's first answer, s", cost(lambda one: one.asked)),
        row("memory while indexing, MB", lambda each: f"{median(m.memory for m in each):,.0f}"),
        f"| installed, MB | {' | '.join(measured.sizes[name] for name in rounds)} |",
    ]
    text = "\n".join([head, *lines, *(f"\n{each}" for each in measured.left_out)]) + "\n"
    (folder / "peers.md").write_text(text, "utf-8")
    return text


def _cost(found: Sequence[Cost]) -> str:
    if not found:
        return "-"
    return (
        f"{median(each.seconds for each in found):.1f} ({median(each.cpu for each in found):.1f})"
    )
