"""The command line: one module per task."""

from cli.main import main

__all__ = ["main"]
