"""A look at the settings, and those that can be used where some are wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from photoseek.cli.checks.findings import Finding, Subject, unsetting
from photoseek.errors import SettingsError
from photoseek.settings import ENV_FILE, PREFIX, Settings, load_settings, variable

OF_COMPOSE = ("PHOTOSEEK_IMAGE",)
"""What compose.yaml takes from .env, and no program."""

_LINE = re.compile(rf"\s*(?:export\s+)?({PREFIX}\w*)\s*=", re.IGNORECASE)


def look_at_settings(subject: Subject) -> Iterator[Finding]:
    """Whether they can be read, make sense, and are known by their names."""
    known = [*map(variable, Settings.model_fields), *OF_COMPOSE]
    in_file = list(_names_in_file())
    given = [name for name, text in os.environ.items() if text and name.startswith(PREFIX)]
    problems = 0
    for name in given:
        if name.upper() not in known:
            problems += 1
            text = f"{name} in the environment is no setting.{_suggestion(name, known)}"
            yield Finding("settings", "wrong", text, unsetting(name))
    for sentence in _sentences(subject.given):
        if " is no setting" not in sentence:
            problems += 1
            yield _wrong(sentence, in_file)
    for line, name in in_file:
        if name.upper() not in known:
            problems += 1
            text = f"Line {line} of {_file()} sets {name}, which is no setting."
            yield Finding("settings", "warn", text + _suggestion(name, known))
    if not problems:
        places = f"{len(given)} in the environment, {len(in_file)} in {_file()}"
        yield Finding("settings", "ok", places if given or in_file else "none but the defaults")


def usable_settings(overrides: Mapping[str, object]) -> Settings:
    """The settings, with the defaults of those that are wrong or cannot be read."""
    given: dict[str, Any] = {name: text for name, text in overrides.items() if text is not None}
    for _ in Settings.model_fields:
        try:
            return Settings(**given)
        except ValidationError as error:
            wrong = {str(each["loc"][0]) for each in error.errors()}
            given |= {name: Settings.model_fields[name].default for name in wrong}
        except (ValueError, OSError):  # the file cannot be read
            given["_env_file"] = ()
    raise SettingsError("The settings cannot be read.")


def _sentences(given: Mapping[str, object]) -> list[str]:
    """What is wrong with the settings, and where the file cannot be read, with the others."""
    try:
        load_settings(**given)
    except SettingsError as error:
        lines = str(error).splitlines()
        is_of_file = not lines[0].upper().startswith(PREFIX) and "_env_file" not in given
        return lines + (_sentences({**given, "_env_file": ()}) if is_of_file else [])
    return []


def _wrong(sentence: str, in_file: list[tuple[int, str]]) -> Finding:
    """A finding for what was said when the settings were read."""
    found = re.match(rf"({PREFIX}\w+)", sentence, re.IGNORECASE)
    name = found[1] if found else ""
    if name in os.environ:
        return Finding("settings", "wrong", sentence, unsetting(name))
    lines = [
        f"Line {line} of {_file()}: " for line, each in in_file if each.upper() == name.upper()
    ]
    return Finding("settings", "wrong", f"{lines[0] if lines else ''}{sentence}")


def _file() -> Path:
    return Path(ENV_FILE).absolute()


def _names_in_file() -> Iterator[tuple[int, str]]:
    """The settings that the file of settings names, with their lines."""
    try:
        text = _file().read_text("utf-8", errors="replace")
    except OSError:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _LINE.match(line):
            yield number, found[1]


def _suggestion(name: str, known: list[str]) -> str:
    near = get_close_matches(name.upper(), known, n=1)
    return f" Did you mean {near[0]}?" if near else ""
