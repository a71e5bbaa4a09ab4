from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.helpers.shell_words import quoted
from photoseek.helpers.user_folders import state_folder

HOME = Path.home()


@pytest.mark.parametrize(
    ("system", "environment", "folder"),
    [
        ("linux", {}, HOME / ".local/state/photoseek"),
        ("linux", {"XDG_STATE_HOME": "/state"}, Path("/state/photoseek")),
        ("linux", {"XDG_STATE_HOME": "~/state"}, HOME / "state/photoseek"),
        ("darwin", {}, HOME / "Library/Application Support/photoseek"),
        ("darwin", {"XDG_STATE_HOME": "/state"}, Path("/state/photoseek")),
        ("win32", {}, HOME / "AppData/Local/photoseek"),
        ("win32", {"LOCALAPPDATA": "/ann/local"}, Path("/ann/local/photoseek")),
    ],
)
def test_each_system_has_its_place_for_notes(
    system: str, environment: dict[str, str], folder: Path
) -> None:
    assert state_folder(system, environment) == folder


def test_words_of_commands_are_quoted_as_the_shell_reads_them() -> None:
    assert quoted("photos/manifest.csv", "posix") == "photos/manifest.csv"
    assert quoted("my photos", "posix") == "'my photos'"
    assert quoted("my photos", "windows") == '"my photos"'
    assert quoted(r"C:\Bilder\a.csv", "windows") == r"C:\Bilder\a.csv"
    assert quoted('a "b"', "windows") == r'"a \"b\""'
