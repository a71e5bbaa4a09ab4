"""The health check by the name that deployments of version 0.3 and before call it by."""

import sys

from photoseek.flow.probe import main

if __name__ == "__main__":
    sys.exit(main())
