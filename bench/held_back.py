"""How fast photos are indexed with the instructions that most processors have.

    python -m bench.held_back

`bench.limit` in one process as it is, and with torch held to older instructions, each in a process
of its own, in one run. ONNX Runtime has no switch of that kind (its library knows no variable and
no option of a session that names one), so that its row is that of this machine alone.
"""

from __future__ import annotations

import argparse
import os
import sys

from bench.running import printed

HELD_BACK = {
    "all": {},
    "AVX-512": {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_VNNI", "MKL_ENABLE_INSTRUCTIONS": "AVX512"},
    "AVX2": {
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    },
}
"""What holds torch to older instructions; AVX-512 is without bfloat16, AVX2 is what all have."""


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.held_back", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", action="append", help="of bench.limit; default: all that it has")
    parser.add_argument("--count", type=int, help="photos of a round; default: by their size")
    given = parser.parse_args()
    sizes = [option for size in given.size or () for option in ("--size", size)]
    sizes += ["--count", str(given.count)] if given.count else []
    print("| instructions | photos | runtime | way | limit, CPU ms | CPU ms | of it | /s | limit |")
    print("| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for runtime, held in (("torch", HELD_BACK), ("onnx", {"all": {}})):
        for name, variables in held.items():
            options = ["--rounds", str(given.rounds), "--runtime", runtime, *sizes]
            command = [sys.executable, "-W", "ignore", "-m", "bench.limit", "--in-process"]
            found = printed([*command, *options], env=os.environ | variables)
            for line in found.splitlines()[2:]:
                print(f"| {name} {line}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
