"""The command line: one module per task."""

from photoseek.cli.main import main

__all__ = ["main"]
