"""The command line beside a gateway that runs: it uses that one."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pytest

from photoseek.flow.process import FlowProcess
from tests.support.terminal import command, family, hits, on_terminal, photoseek
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.xdist_group("flow")  # one worker, so that one Flow is enough


@pytest.fixture
def served(flow: FlowProcess) -> list[str]:
    """Options that make the command line use the running gateway."""
    return ["--http-port", str(flow.settings.http_port)]


def test_a_running_gateway_is_used(served: list[str], flow: FlowProcess) -> None:
    before = {process.pid for process in family(flow.pid)}
    found = hits(photoseek("-t", "query", "red", "car", "--json", "-k", "3", *served))
    assert len(found) == 3
    assert {process.pid for process in family(flow.pid)} == before


def test_a_table_shows_rank_score_caption_and_path(served: list[str]) -> None:
    lines = on_terminal("-t", "query", "car", "-k", "4", *served)
    assert lines[0].strip() == "car"
    assert [line.split()[0] for line in lines[2:10:2]] == ["1", "2", "3", "4"]
    assert all(line.strip().endswith(".jpg") for line in lines[3:10:2])


def test_a_pipe_gets_one_line_for_each_hit(served: list[str], drawings: Path) -> None:
    narrow = {"COLUMNS": "30"}
    result = photoseek("-t", "query", "car", "-k", "4", *served, environment=narrow)
    assert result.returncode == 0, result.stderr
    told = hits(photoseek("-t", "query", "car", "-k", "4", "--json", *served))
    assert [line.split("\t") for line in result.stdout.splitlines()] == [
        [str(hit["rank"]), f"{hit['score']:.3f}", hit["uri"], hit["id"], hit["caption"]]
        for hit in told
    ]
    assert all(Path(str(hit["uri"])).is_file() for hit in told)


def test_filters_and_likes(served: list[str], drawings: Path) -> None:
    with drawings.open(newline="") as file:
        row = next(csv.DictReader(file))
    like = hits(photoseek("-t", "query", "--like", row["id"], "--json", "-k", "5", *served))
    assert row["id"] not in {hit["id"] for hit in like}
    none = photoseek("-t", "query", "car", "--filter", "width > 99999", *served)
    assert none.returncode == 0
    assert none.stdout == ""
    assert "No photo fits these filters" in none.stderr


def test_it_prompts_again_and_again(served: list[str]) -> None:
    result = photoseek("-t", "query", "--json", "-k", "2", *served, stdin="car\nnight sky\n\n")
    assert len(hits(result)) == 4


def test_output_can_be_cut_off(served: list[str]) -> None:
    shell = " ".join(command("-t", "query", "car", "--json", "-k", "50", *served)) + " | head -n 1"
    result = subprocess.run(
        ["bash", "-c", shell], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert len(result.stdout.splitlines()) == 1
    assert "Traceback" not in result.stderr


def test_a_taken_port_is_told(flow: FlowProcess, tmp_path: Path) -> None:
    port = str(flow.settings.http_port)
    options: list[str | Path] = [
        "--http-port",
        port,
        "--model",
        "demo",
        "--index",
        tmp_path / "index",
    ]
    result = photoseek("-t", "serve", *options)
    assert result.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in result.stderr


def test_an_index_of_another_model_is_refused(
    served: list[str], flow: FlowProcess, free: list[str]
) -> None:
    index = ["--index", flow.settings.index]
    for options in ([*served], [*free]):
        result = photoseek("-t", "query", "car", "--model", "ViT-B-32:openai", *index, *options)
        assert result.returncode == 1
        assert "was made with the model 'demo'" in result.stderr
