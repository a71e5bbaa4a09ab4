"""photoseek under a sampler: `python -m bench.sampled STACKS FLAG -t serve --in-process ...`.

While the file FLAG is there, CPU time is counted. At the end the stacks are written to STACKS.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.cpu_samples import sampling, write
from photoseek.cli.main import main

if __name__ == "__main__":
    output, flag, *arguments = sys.argv[1:]
    with sampling(Path(flag).exists) as stacks:
        status = main(arguments)
    write(stacks, Path(output))
    sys.exit(status)
