"""What `photoseek models` tells, and what is said of licences."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from photoseek.catalogue import PRESETS
from photoseek.cli.checks.findings import Subject
from photoseek.cli.checks.model_checks import look_at_licence
from photoseek.cli.main import main
from photoseek.cli.model_list import run
from photoseek.settings import load_settings


def test_every_short_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(argparse.Namespace(json=True), load_settings(device="cpu")) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == list(PRESETS)
    assert [row["model"] for row in rows] == [preset.model for preset in PRESETS.values()]
    assert [row["is_default"] for row in rows].count(True) == 1
    assert all(row["bytes"] > 100_000_000 for row in rows)

    assert run(argparse.Namespace(json=False), load_settings(device="cuda")) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == list(PRESETS)
    assert lines[3][4] == ("on this machine" if rows[3]["is_here"] else "0.35 GB")
    assert lines[2][1] == PRESETS["best"].on_gpu


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["status", "--model", "MobileCLIP2-S0:dfndr2b"], "for research only: their licence is"),
        (["status", "--model", "ViT-H-14-worldwide:metaclip2_worldwide"], "for commercial"),
        (["status", "--model", "ViT-B-32-SigLIP2-256:webli"], ""),
        (["models"], ""),
    ],
)
def test_what_a_licence_does_not_allow_is_told_beside_what_programs_read(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    main([*arguments, "--index", str(tmp_path / "index")])
    told = capsys.readouterr()
    assert said in " ".join(told.err.split())
    assert ("their licence is" in told.err) == bool(said)
    assert "their licence is" not in told.out


@pytest.mark.parametrize(
    ("model", "state"),
    [
        ("ViT-B-32-SigLIP2-256:webli", "ok"),
        ("MobileCLIP2-S0:dfndr2b", "warn"),
        ("local-dir:models/ours", ""),
    ],
)
def test_doctor_says_what_a_licence_allows(model: str, state: str) -> None:
    found = list(look_at_licence(Subject(load_settings(), {}, model)))
    assert "".join(finding.state for finding in found) == state
    assert not found or model in found[0].found or "Apache-2.0" in found[0].found
