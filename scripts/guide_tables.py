"""Writes the tables of the guide that follow from the code: `python -m scripts.guide_tables`.

Each stands in its page between two comments that name it. A test compares them.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from photoseek.cli.arguments import task_parser
from photoseek.cli.task_groups import GROUPS
from photoseek.cli.task_options import ALIASES, TASKS
from photoseek.cli.task_record import EVERYWHERE, Task
from photoseek.photos.origins import ORIGINS, Origin
from photoseek.settings import (
    OPTIONS,
    AccessSettings,
    DownloadSettings,
    EncoderSettings,
    EngineSettings,
    FetchSettings,
    HostSettings,
    IndexSettings,
    ModelSettings,
    PartsSettings,
    RootsSettings,
    RunSettings,
    ServiceSettings,
    Settings,
    SharingSettings,
    StockSettings,
    UploadSettings,
    variable,
)
from photoseek.store.fields import FIELDS
from scripts.model_runs import counted
from scripts.model_table import pair_rows, preset_rows
from scripts.runtime_table import runtime_rows

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "guide"

_PARTS = {
    "The index": (IndexSettings, UploadSettings),
    "Indexes in an engine": (EngineSettings,),
    "The model": (ModelSettings, EncoderSettings),
    "Indexing": (RunSettings,),
    "Fetching photos": (FetchSettings, DownloadSettings),
    "Stock services": (StockSettings,),
    "The server": (Settings, RootsSettings, ServiceSettings),
    "Who may use it": (HostSettings, AccessSettings),
    "Addresses and parts": (PartsSettings,),
    "Several gateways": (SharingSettings,),
}
"""The headings of the settings, with the classes that have their fields."""


def fields() -> str:
    """What can be filtered by."""
    rows = (
        (f"`{field.name}`", f"`{' '.join(field.kind.operators)}`", field.about) for field in FIELDS
    )
    return _table(("field", "operators", "what it is"), rows)


def routes() -> str:
    """The routes of the API, by the document that the gateway gives."""
    document = json.loads((ROOT / "web" / "openapi.json").read_text("utf-8"))
    rows = (
        (f"`{method.upper()} {path}`", operation["summary"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    )
    return _table(("route", "what it does"), rows)


def settings() -> str:
    """All settings, below the headings of what they are about."""
    sections = []
    for title, parts in _PARTS.items():
        names = [name for part in parts for name in part.__annotations__ if name in _FIELDS]
        sections.append(f"## {title}\n\n{_table(_SETTINGS_HEAD, map(_setting, names))}")
    return "\n".join(sections)


_FIELDS = Settings.model_fields
_SETTINGS_HEAD = ("variable", "default", "option", "what it means")


def _setting(name: str) -> tuple[str, ...]:
    field = _FIELDS[name]
    default = "" if field.default is None else f"`{_shown(field.default)}`"
    option = f"`{_flag(name, field.default is True)}`" if name in OPTIONS else ""
    return f"`{variable(name)}`", default, option, _plain(field.description or "")


def _shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def commands() -> str:
    """Every task with its options, and those that every task takes."""
    shared = _options(TASKS["status"], lambda title: title == EVERYWHERE)
    sections = [*(_group(*each) for each in GROUPS.items()), *map(_section, TASKS.values())]
    return "\n".join([*sections, f"## Options of every task\n\n{_table(_OPTIONS_HEAD, shared)}"])


def _group(heading: str, tasks: Iterable[Task]) -> str:
    rows = ((f"[`{task.name}`](#{task.name})", _plain(task.about)) for task in tasks)
    return f"**{heading[0].upper()}{heading[1:]}**\n\n{_table(('task', 'what it does'), rows)}"


_OPTIONS_HEAD = ("option", "what it does")


def _section(task: Task) -> str:
    """One task: what it is for, examples, and the options that are its own."""
    about = f"{_plain(task.about[0].upper() + task.about[1:])}."
    others = [alias for alias, name in ALIASES.items() if name == task.name]
    about += "".join(f" Also called `{alias}`." for alias in others)
    examples = "\n".join(f"photoseek {task.name} {line}".strip() for line in task.examples)
    own = list(_options(task, lambda title: title != EVERYWHERE))
    parts = [f"## {task.name}", about]
    parts += [f"```text\n{examples}\n```"] * bool(examples)
    parts += [_table(_OPTIONS_HEAD, own).rstrip()] * bool(own)
    return "\n\n".join(parts) + "\n"


def _options(task: Task, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """The options of a task in those groups whose title is wanted."""
    for group in task_parser(task)._action_groups:
        for action in group._group_actions:
            shown = action.help != argparse.SUPPRESS and "--help" not in action.option_strings
            if shown and wanted(group.title or ""):
                yield _written(action), _plain(action.help or "")


def _written(action: argparse.Action) -> str:
    """An option as it is typed."""
    if not action.option_strings:
        return f"`{action.dest}`"
    choices = f"{{{','.join(map(str, action.choices))}}}" if action.choices else ""
    value = action.metavar or choices or action.dest.upper()
    takes = "" if action.nargs == 0 else f" {value}"
    takes = f" [{value} ...]" if action.nargs == "*" else takes
    return f"`{', '.join(action.option_strings)}{takes}`"


def _flag(name: str, on: bool) -> str:
    """The option of a setting: of one that is on, the one that turns it off."""
    return ("--no-" if on else "--") + name.replace("_", "-")


def _plain(text: str) -> str:
    """A text in which nothing is meant for Markdown."""
    return re.sub(r"([*<|])", r"\\\1", " ".join(text.split()))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    lines = [head, ["---"] * len(head), *rows]
    written = ("".join(f"| {cell} " if cell else "| " for cell in line) for line in lines)
    return "".join(f"{line}|\n" for line in written)


def written() -> str:
    """Which part of a photo's file says what, in the order in which they are asked."""
    head = ("what", "side-car or XMP", "IPTC", "EXIF", "text of a PNG")
    return _table(head, map(_origin, ORIGINS))


def _origin(origin: Origin) -> tuple[str, ...]:
    sources = (origin.xmp, [f"2:{origin.iim:02}"] if origin.iim else (), origin.exif, origin.png)
    told = (", ".join(f"`{name.split('/')[-1]}`" for name in names) for names in sources)
    return f"{origin.label} (`{origin.field}`)", *told


def presets() -> str:
    """The models that have a short name."""
    head = ("`--model`", "model", "languages", "licence", "download", "what it is for")
    return _table(head, preset_rows())


def pairs() -> str:
    """Every pair that OpenCLIP knows weights for, and how many of them were run."""
    head = ("`--model`", "dimensions", "pixels", "tokens", "languages", "licence", "download")
    return f"{counted()}\n\n{_table((*head, 'activation', 'works'), pair_rows())}"


def runtimes() -> str:
    """Which architectures run without PyTorch and without an export."""
    head = ("ONNX Runtime runs", "architectures", "which")
    return _table(head, runtime_rows())


TABLES: dict[str, tuple[Callable[[], str], ...]] = {
    "api": (routes,),
    "commands": (commands,),
    "filters": (fields,),
    "metadata": (written,),
    "model_table": (pairs,),
    "models": (presets, runtimes),
    "settings": (settings,),
}
"""What makes the tables of a page, by its name. A table has the name of what makes it."""


def page(name: str) -> str:
    """A page of the guide with its tables made again.

    Raises:
        ValueError: the page has no place for one of them.
    """
    text = path_of(name).read_text("utf-8")
    for make in TABLES[name]:
        text = _with_table(text, name, make)
    return text


def _with_table(text: str, name: str, make: Callable[[], str]) -> str:
    head, end = f"<!-- {make.__name__} -->\n", f"<!-- end of {make.__name__} -->"
    place = re.compile(re.escape(head) + ".*?" + re.escape(end), re.DOTALL)
    if not place.search(text):
        raise ValueError(f"{path_of(name)} has no {head.strip()} with {end} behind it")
    return place.sub(lambda _: f"{head}\n{make()}\n{end}", text)


def path_of(name: str) -> Path:
    """Where a page of the guide is."""
    return GUIDE / f"{name}.md"


if __name__ == "__main__":
    for each in TABLES:
        path_of(each).write_text(page(each), encoding="utf-8")
