"""`python -m photoseek TASK ...`, where the command `photoseek` is not on the path."""

import sys

from photoseek.cli import main

if __name__ == "__main__":
    sys.exit(main())
