"""What a look at one part of photoseek found, also where the look itself goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from photoseek.errors import PhotoseekError
from photoseek.helpers.path_rules import HERE
from photoseek.settings import Settings

State = Literal["ok", "warn", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found.

    Attributes:
        name: what was looked at.
        state: ok; warn where something is missing, or slower than it might be; wrong where
            something will not work.
        found: sentences on it.
        mend: a command that mends it or tells more, "" where there is none.
    """

    name: str
    state: State
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at.

    Attributes:
        settings: with the defaults of those that are wrong.
        given: those that the command line gave; None for each that it did not.
        model: the name of the model that would be loaded.
    """

    settings: Settings
    given: Mapping[str, object]
    model: str


def findings_of(name: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What a look finds; whatever goes wrong in it is a finding too."""
    try:
        yield from look()
    except PhotoseekError as error:
        yield Finding(name, "wrong", str(error))
    except (Exception, SystemExit) as error:  # of libraries that are damaged, too
        text = " ".join(str(error).split()) or "no reason is given"
        yield Finding(name, "wrong", f"It cannot be looked at: {type(error).__name__}, {text}.")


def unsetting(variable: str) -> str:
    """A command that takes a variable out of the environment."""
    return on_windows(f"set {variable}=", f"unset {variable}")


def on_windows(command_line: str, elsewhere: str) -> str:
    """The command of this system."""
    return command_line if HERE == "windows" else elsewhere


def nearest_folder(place: Path) -> Path:
    """A folder that is there: the place itself, or what it will be made in."""
    place = place.expanduser().absolute()
    return next((each for each in (place, *place.parents) if each.is_dir()), Path(place.anchor))
