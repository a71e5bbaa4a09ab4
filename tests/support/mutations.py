"""Thousands of pictures of all kinds, each broken in some way: `python -m tests.support.mutations`.

Says as JSON how many were read and how many refused, what was raised besides, and the most memory
that the process had. The same each time.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from photoseek.errors import PhotoError
from photoseek.photos import ImageLimits, InputShape, decode
from tests.support.picture_kinds import every_kind

SHAPE = InputShape(32)
LIMITS = ImageLimits(max_megapixels=4)


def mutated(data: bytes, dice: random.Random) -> bytes:
    """A few changes, more of them near the start, where headers are."""
    changed = bytearray(data)
    for _ in range(dice.choice([1, 1, 1, 2, 4, 8])):
        reach = max(1, min(len(changed), dice.choice([32, 200, 1_000, len(changed)])))
        at = dice.randrange(reach)
        match dice.randrange(8):
            case 0 | 1:
                changed[at : at + 1] = bytes([dice.randrange(256)])
            case 2:
                changed[at : at + 1] = bytes(
                    [(changed or b"\0")[min(at, len(changed) - 1)] ^ 1 << dice.randrange(8)]
                )
            case 3:  # a length, a count or an offset
                size = dice.choice([2, 4, 4, 8])
                value = dice.choice([0, 1, 255, 65_535, 2**31 - 1, 2**31, 2**32 - 1, len(data)])
                order = dice.choice(["big", "little"])
                changed[at : at + size] = (value % 256**size).to_bytes(size, order)
            case 4:
                del changed[dice.randrange(len(changed)) + 1 :]
            case 5:
                changed[at:at] = dice.randbytes(dice.choice([1, 2, 4, 40]))
            case 6:
                changed[at:at] = changed[at : at + dice.randint(1, 200)]
            case 7:
                del changed[at : at + dice.randint(1, 40)]
        if not changed:
            break
    return bytes(changed)


def main(count: int) -> None:
    """Break and decode so many pictures."""
    dice = random.Random(17)
    kinds = list(every_kind().items())
    told: Counter[str] = Counter()
    surprises = []
    slowest = 0.0
    for number in range(count):
        name, data = kinds[number % len(kinds)]
        broken = mutated(data, dice)
        begun = time.process_time()
        try:
            photo = decode(broken, SHAPE, LIMITS)
            told["read" if photo.pixels.shape == (32, 32, 3) else "odd"] += 1
        except PhotoError as error:
            told[type(error).__name__] += 1
        except BaseException as error:
            surprises.append(f"{number}: {name}: {error!r}")
        slowest = max(slowest, time.process_time() - begun)
    peak = most_memory()
    print(json.dumps({"told": told, "surprises": surprises, "peak": peak, "slowest": slowest}))


def most_memory() -> int:
    """The most bytes that this process had. On Linux its resource usage counts its parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 1024 * int(status.read_text().partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main(int(sys.argv[1]))
