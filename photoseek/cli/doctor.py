"""`doctor`: look at all that photoseek needs, and say what mends what is missing."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from importlib import import_module

from rich.console import Console
from rich.table import Table
from rich.text import Text

from photoseek.catalogue import resolved
from photoseek.cli.any_console import json_line
from photoseek.cli.checks.findings import Finding, State, Subject, findings_of
from photoseek.cli.output import new_console, print_row
from photoseek.settings import OPTIONS

LOOKS = (
    ("Python", "program_checks", "look_at_python"),
    ("packages", "program_checks", "look_at_packages"),
    ("settings", "settings_checks", "look_at_settings"),
    ("key", "access_checks", "look_at_key"),
    ("extras", "program_checks", "look_at_extras"),
    ("page", "program_checks", "look_at_page"),
    ("memory", "machine_checks", "look_at_memory"),
    ("disk", "machine_checks", "look_at_disk"),
    ("folders", "machine_checks", "look_at_folders"),
    ("open files", "machine_checks", "look_at_open_files"),
    ("clock", "machine_checks", "look_at_clock"),
    ("source", "access_checks", "look_at_source"),
    ("index", "index_checks", "look_at_index"),
    ("Redis", "sharing_checks", "look_at_redis"),
    ("ports", "port_checks", "look_at_ports"),
    ("torch", "model_checks", "look_at_torch"),
    ("runtime", "runtime_checks", "look_at_runtime"),
    ("devices", "model_checks", "look_at_devices"),
    ("weights", "model_checks", "look_at_weights"),
    ("licence", "model_checks", "look_at_licence"),
    ("speed", "model_checks", "look_at_speed"),
)
"""What is looked at, the module that does it, and its function. A module is imported when its turn
comes: what it imports may be what is missing."""

MARKS: dict[State, tuple[str, str]] = {
    "ok": ("✓", "green"),
    "warn": ("!", "yellow"),
    "wrong": ("✗", "bold red"),
}
WIDTH_OF_NAMES = 17


def run(options: argparse.Namespace) -> int:
    """Look at everything. Returns 1 when something is wrong.

    The settings are read here: they may be what is wrong.
    """
    console = new_console()
    subject = _subject({name: getattr(options, name, None) for name in OPTIONS})
    states: Counter[State] = Counter()
    for name, module, function in LOOKS:
        shown = console.is_terminal and not options.json
        with console.status(f"Looking at: {name}") if shown else nullcontext():
            findings = list(findings_of(name, partial(_look, module, function, subject)))
        for finding in findings:
            states[finding.state] += 1
            if options.json:
                print(json_line(asdict(finding)), flush=True)
            else:
                _show(finding, console)
    if console.is_terminal and not options.json:
        console.print(_sum(states))
    return 1 if states["wrong"] else 0


def _subject(given: dict[str, object]) -> Subject:
    from photoseek.cli.checks.settings_checks import usable_settings

    settings = usable_settings(given)
    try:
        from photoseek.cli.checks.model_checks import model_name

        model = model_name(settings)
    except ImportError:  # which the look at the packages tells
        model = settings.model or resolved("standard")
    return Subject(settings, given, model)


def _look(module: str, function: str, subject: Subject) -> Iterable[Finding]:
    findings: Iterable[Finding] = getattr(
        import_module(f"photoseek.cli.checks.{module}"), function
    )(subject)
    return findings


def _show(finding: Finding, console: Console) -> None:
    if not console.is_terminal:
        print_row(console, finding.state, finding.name, finding.found, finding.mend)
        return
    mark, style = MARKS[finding.state]
    if not (console.encoding or "").startswith("utf"):
        mark = "ok" if finding.state == "ok" else mark if mark.isascii() else "x"
    row = Table.grid(padding=(0, 1))
    row.add_column(width=2)
    row.add_column(width=WIDTH_OF_NAMES)
    row.add_column()
    row.add_row(Text(mark, style), finding.name, Text(finding.found))
    console.print(row, highlight=False)
    if finding.mend:  # alone on its line, so that it can be copied whole
        console.print(Text(f"     {finding.mend}", "cyan"), soft_wrap=True)


def _sum(states: Counter[State]) -> Text:
    wrong, warned = states["wrong"], states["warn"]
    if not wrong and not warned:
        return Text("\nAll is well.", "green")
    parts = [f"{wrong} to mend"] if wrong else []
    parts += [f"{warned} to look at"] if warned else []
    return Text(f"\n{', '.join(parts)}.", "bold red" if wrong else "yellow")
