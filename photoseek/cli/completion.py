"""`completion`: what a shell needs to complete tasks, options and files."""

from __future__ import annotations

import argparse

import shtab

from photoseek.cli.arguments import with_tasks

FILES = {"source", "index", "image", "to", "origin", "words"}
"""What may be files or folders: the words of a query name pictures."""

PROGRAM = "photoseek"
"""What is completed, also where it is called by its path now: shells complete commands by name."""


def run(options: argparse.Namespace) -> int:
    """Print the script for one shell. No setting is read: a wrong one must not greet each shell."""
    parser = with_tasks()
    parser.prog = PROGRAM
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
