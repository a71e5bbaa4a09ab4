"""Where an export may be written to: nothing that somebody needs is replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from photoseek.cli.main import main
from photoseek.errors import SettingsError
from photoseek.model.export_target import PART, check_target
from photoseek.onnx_towers.export_folder import (
    CONFIG,
    MADE_OF,
    MODEL,
    NOTE,
    TEXTUAL,
    VISUAL,
    Note,
    write_note,
)
from photoseek.plain_towers.model_files import DEMO


def export(folder: Path, name: str, *, made_of: str | None = "1", is_whole: bool = True) -> None:
    """What an export looks like from outside; `made_of` None is for one that others have made."""
    for part in (VISUAL, TEXTUAL):
        (folder / part).mkdir(parents=True)
        (folder / part / MODEL).write_bytes(b"tower")
        if made_of:
            (folder / part / MADE_OF).write_text(json.dumps({"fingerprint": made_of}))
    (folder / CONFIG).write_text("{}")
    if is_whole:
        write_note(folder / NOTE, Note(name, made_of or "", 8, None))


def test_a_folder_of_ones_own_or_of_nobody_is_taken(tmp_path: Path) -> None:
    check_target(tmp_path, "theirs", "1")
    (tmp_path / ".DS_Store").touch()
    check_target(tmp_path, "theirs", "1")
    export(tmp_path / "a", "theirs")
    check_target(tmp_path / "a", "theirs", "2")  # its weights have changed
    check_target(tmp_path / "a", "local-dir:theirs", "1")  # they are called otherwise
    own = tmp_path / "model"
    own.mkdir()
    (own / "open_clip_config.json").write_text("{}")
    check_target(own, f"local-dir:{own}", "1")
    begun = tmp_path / "begun"
    (begun / VISUAL / PART).mkdir(parents=True)
    check_target(begun, "theirs", "1")
    export(tmp_path / "killed", "theirs", is_whole=False)
    check_target(tmp_path / "killed", "ours", "2")  # nothing reads it


def test_what_somebody_needs_is_left_as_it_is(tmp_path: Path) -> None:
    export(tmp_path / "theirs", "theirs")
    with pytest.raises(SettingsError, match="holds the export of another model, 'theirs'"):
        check_target(tmp_path / "theirs", "ours", "2")
    export(tmp_path / "immich", "none", made_of=None, is_whole=False)
    with pytest.raises(SettingsError, match=r"is not empty \(config.json\)"):
        check_target(tmp_path / "immich", "ours", "2")
    (tmp_path / "photos" / VISUAL).mkdir(parents=True)
    (tmp_path / "photos" / VISUAL / "red.jpg").touch()
    with pytest.raises(SettingsError, match=r"is not empty \(red.jpg\)"):
        check_target(tmp_path / "photos", "ours", "2")


def test_export_model_refuses_it_before_it_writes_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(tmp_path, "theirs")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert main(["export-model", "--model", DEMO, "--to", str(tmp_path)]) == 2
    assert "holds the export of another model" in " ".join(capsys.readouterr().err.split())
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before
