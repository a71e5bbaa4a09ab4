"""`completion`: what a shell needs to complete tasks, options and files."""

from __future__ import annotations

import argparse

import shtab

from photoseek.cli.arguments import with_tasks
from photoseek.settings import Settings

FILES = {"source", "index", "image", "to"}
"""Options whose values are files or folders."""


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print the script for one shell."""
    parser = with_tasks()
    for action in _all_actions(parser):
        if action.dest in FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(parser, options.words[0]))
    return 0


def _all_actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    found = []
    for action in parser._actions:
        found.append(action)
        if isinstance(action, argparse._SubParsersAction):
            for task in action.choices.values():
                found += _all_actions(task)
    return found
