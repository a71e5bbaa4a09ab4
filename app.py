"""photoseek: search your own stock photos by meaning. `python app.py --help` shows how."""

import sys

from photoseek.cli import main

if __name__ == "__main__":
    sys.exit(main())
