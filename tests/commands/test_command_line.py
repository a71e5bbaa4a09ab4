"""The command line end to end: real processes, real Flow, real files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from photoseek.client import Client
from photoseek.engine import PhotoSearch
from photoseek.helpers.ports import free_ports
from photoseek.indexing.default_model import default_model
from tests.support.servers import HeldBackPhoto
from tests.support.terminal import command, family, hits, in_new_process, photoseek
from tests.support.waiting import PATIENCE
from tests.support.zygote import Forked


@pytest.fixture(scope="module")
def folder(drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve photos without a manifest."""
    folder = tmp_path_factory.mktemp("photos")
    for path in sorted(drawings.parent.rglob("*.jpg"))[:12]:
        shutil.copy(path, folder)
    return folder


def test_help_teaches() -> None:
    result = in_new_process("--help")
    assert result.returncode == 0
    for task in ("index", "search", "serve", "status", "delete", "demo", "evaluate"):
        assert f"\n  {task}" in result.stdout
    assert 'python app.py -t search "red car at night"' in result.stdout


def test_a_text_query_and_a_run_that_finds_nothing_new_load_no_torch(
    folder: Path, tmp_path: Path, free: list[str]
) -> None:
    index = ["--index", str(tmp_path / "index"), *free]
    runs: dict[str, tuple[str | Path, ...]] = {
        "indexes": ("-t", "index", "--source", folder, "--model", "demo", *index),
        "finds nothing new": ("-t", "index", "--source", folder, *index),
        "is a query": ("-t", "query", "a red car", *index),
    }
    with_torch = set()
    for name, run in runs.items():
        result = in_new_process(*run, environment={"PYTHONPROFILEIMPORTTIME": "1"})
        assert result.returncode == 0, result.stderr
        modules = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
        assert "lancedb" in modules
        if "torch" in modules:
            with_torch.add(name)
    assert with_torch == {"indexes"}


def test_a_folder_is_indexed_searched_and_left_alone_the_second_time(
    folder: Path, tmp_path: Path, free: list[str]
) -> None:
    index = ["--index", str(tmp_path / "index"), *free]
    first = photoseek("-t", "index", "--source", folder, "--model", "demo", *index)
    assert first.returncode == 0, first.stderr
    assert "12 indexed" in first.stdout

    picture = sorted(folder.glob("*.jpg"))[4]
    best = hits(photoseek("-t", "query", "--image", picture, "--json", *index))[0]
    assert best["uri"] == str(picture)
    assert best["rank"] == 1
    assert {"id", "score", "caption"} <= set(best)

    again = photoseek("-t", "index", "--source", folder, *index)
    assert again.returncode == 0, again.stderr
    assert "12 unchanged" in again.stdout
    assert "0 indexed" in again.stdout

    status = json.loads(photoseek("-t", "status", "--json", *index).stdout)
    assert status["photos"] == 12
    assert status["model"]["name"] == "demo"

    deleted = photoseek("-t", "delete", str(best["id"]), "no-such-id", *index)
    assert "1 of 2 photos deleted" in deleted.stdout
    assert "no-such-id is no photo of this index" in deleted.stdout
    assert json.loads(photoseek("-t", "status", "--json", *index).stdout)["photos"] == 11
    once_more = photoseek("-t", "delete", str(best["id"]), *index)
    assert once_more.returncode == 1
    assert f"{best['id']} was deleted earlier" in once_more.stdout

    source: list[str | Path] = ["-t", "index", "--source", folder, *index]
    assert "11 unchanged, 1 deleted earlier" in photoseek(*source).stdout
    assert "1 indexed, 11 unchanged" in photoseek(*source, "--again", str(best["id"])).stdout


def test_limit_and_changes(folder: Path, tmp_path: Path, free: list[str]) -> None:
    photos = tmp_path / "photos"
    shutil.copytree(folder, photos)
    options: list[str | Path] = ["--source", photos, "--index", tmp_path / "index", *free]
    assert "5 indexed" in photoseek("-t", "index", "-n", "5", "--model", "demo", *options).stdout
    names = sorted(photos.glob("*.jpg"))
    names[0].write_bytes(names[11].read_bytes())  # one changes
    names[1].touch()  # one only looks as if it had
    result = photoseek("-t", "index", *options)
    assert "8 indexed, 1 updated, 3 unchanged" in result.stdout


def test_evaluate_measures_recall(drawings: Path) -> None:
    result = photoseek("-t", "evaluate", "--source", drawings, "--model", "demo", "--json")
    [report] = hits(result)
    assert report["photos"] == 60
    for direction in ("text_to_image", "image_to_text"):
        recalls = report[direction]
        assert isinstance(recalls, dict)
        assert recalls["R@1"] <= recalls["R@5"] <= recalls["R@10"] <= 1
        assert recalls["R@10"] >= 0.9


def test_evaluate_takes_the_model_of_the_index(
    drawings: Path, tmp_path: Path, free: list[str]
) -> None:
    options: list[str | Path] = ["--source", drawings, "-n", "3", "--index", tmp_path / "index"]
    assert photoseek("-t", "index", *options, "--model", "demo", *free).returncode == 0
    result = photoseek("-t", "evaluate", *options)
    assert result.returncode == 0, result.stderr
    *lines, left_out, few = map(str.strip, result.stdout.splitlines())
    assert left_out.startswith("Only the first 3 of ")
    assert few.startswith("Asked by 3 texts only")
    rows = dict(line.split("\t")[:2] for line in lines)
    assert (rows["model"], rows["photos"], rows["text_to_image R@10"]) == ("demo", "3", "1.000")


@pytest.mark.parametrize("task", ["evaluate", "serve"])
def test_a_model_that_cannot_be_had_is_one_sentence(
    task: str, drawings: Path, tmp_path: Path
) -> None:
    options: list[str | Path] = ["--index", tmp_path / "none"]
    options += ["--source", drawings] if task == "evaluate" else []
    offline = {"HF_ENDPOINT": "http://no-such-host.invalid", "HF_HOME": str(tmp_path)}
    result = photoseek("-t", task, *options, environment=offline)
    assert result.returncode == 1
    [line] = result.stderr.splitlines()
    assert f"model {default_model()!r} " in line
    assert " cannot be had: " in line


def png_bomb() -> bytes:
    """A PNG of 65,535 x 65,535 pixels, by its header."""
    header = struct.pack(">IIBBBBB", 65_535, 65_535, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


BAD = {
    "text.jpg": b"this is a text and no picture",
    "empty.jpg": b"",
    "bomb.png": png_bomb(),
}


def test_bad_photos_are_left_out_with_their_reasons(
    folder: Path, tmp_path: Path, free: list[str]
) -> None:
    photos = tmp_path / "photos"
    shutil.copytree(folder, photos)
    for name, content in BAD.items():
        (photos / name).write_bytes(content)
    whole = sorted(folder.glob("*.jpg"))[0].read_bytes()
    (photos / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    options: list[str | Path] = ["--index", tmp_path / "index", "--model", "demo", *free]
    result = photoseek("-t", "index", "--source", photos, *options)
    assert result.returncode == 0, result.stderr
    assert "12 indexed, 4 skipped" in result.stdout
    for name in (*BAD, "truncated.jpg"):
        assert f"{photos / name}\t" in result.stdout
    assert "PHOTOSEEK_MAX_MEGAPIXELS" in result.stdout


def test_nothing_but_bad_photos_is_a_failure(tmp_path: Path, free: list[str]) -> None:
    for name, content in BAD.items():
        (tmp_path / name).write_bytes(content)
    options: list[str | Path] = ["--index", tmp_path / "index", "--model", "demo", *free]
    result = photoseek("-t", "index", "--source", tmp_path, *options)
    assert result.returncode == 1
    assert "0 indexed, 3 skipped" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["-t", "index", "--source", "missing"], 1, "missing"),
        (["-t", "index"], 1, "data/processed/photos.csv"),
        (["-t", "index", "--source", "."], 1, "no photo"),
        (["-t", "index", "--source", "wrong.csv"], 1, "path"),
        (["-t", "query", "car"], 1, "data/index yet"),
        (["-t", "query", "--image", "missing.jpg"], 1, "missing.jpg cannot be read"),
        (["-t", "query", "car - "], 1, "A part of the query is empty"),
        (["-t", "query", "car", "-k", "0"], 2, "'0' is not a whole number from 1"),
        (["-t", "delete"], 2, "name the ids to delete"),
        (["-t", "delete", "x"], 1, "data/index yet"),
        (["-t", "status"], 1, "data/index yet"),
        (["-t", "status", "--http-port", "99999"], 2, "PHOTOSEEK_HTTP_PORT (--http-port) is 99999"),
        (["-t", "nonsense"], 2, "there is no task 'nonsense'"),
        (["-t", "serve", "surplus"], 2, "serve takes no 'surplus'"),
        (["-t", "query", "car", "--in-process"], 2, "--in-process belongs to serve"),
    ],
)
def test_what_is_wrong_is_told(
    arguments: list[str], code: int, message: str, tmp_path: Path, free: list[str]
) -> None:
    (tmp_path / "wrong.csv").write_text("name,size\na,1\n")
    options = [] if "--http-port" in arguments else free
    result = photoseek(*arguments, *options, cwd=tmp_path)
    assert result.returncode == code, result.stdout + result.stderr
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_wrong_settings_are_told(tmp_path: Path) -> None:
    result = photoseek("-t", "status", environment={"PHOTOSEEK_PRECISION": "fp8"}, cwd=tmp_path)
    assert result.returncode == 2
    assert "PHOTOSEEK_PRECISION is 'fp8'" in result.stderr
    misspelt = photoseek("-t", "status", environment={"PHOTOSEEK_MODLE": "demo"}, cwd=tmp_path)
    assert misspelt.returncode == 2
    assert "PHOTOSEEK_MODLE is no setting" in misspelt.stderr


def test_an_unknown_model_is_told(folder: Path, tmp_path: Path, free: list[str]) -> None:
    options: list[str | Path] = ["--index", tmp_path / "index", "--model", "ViT-B-33", *free]
    result = photoseek("-t", "index", "--source", folder, *options)
    assert result.returncode == 1
    assert "Did you mean ViT-B-32" in result.stderr
    assert "Fetching" not in result.stdout


def test_ctrl_c_ends_an_indexing_run_and_the_next_one_goes_on(
    folder: Path, tmp_path: Path, free: list[str], held_back: HeldBackPhoto
) -> None:
    index, manifest = tmp_path / "index", tmp_path / "photos.csv"
    places = [*map(str, sorted(folder.glob("*.jpg"))), held_back.url]
    rows = [f"{place},,{i}" if i < 12 else f",{place},{i}" for i, place in enumerate(places)]
    manifest.write_text("path,url,id\n" + "\n".join(rows) + "\n")
    options: list[str | Path] = ["--source", manifest, "--index", index, "--model", "demo", *free]
    arguments = command("-t", "index", "--batch-size", "2", *options)
    # Whoever waited for the photo that is held back would do so for longer than the test.
    patient = {"PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "true", "PHOTOSEEK_FETCH_SECONDS": "600"}
    environment = os.environ | patient
    with Forked(arguments, stdout=subprocess.PIPE, text=True, env=environment) as run:
        assert held_back.asked.wait(PATIENCE)
        library = PhotoSearch.open(str(index))
        while (status := library.status()) is None or status.photos < 12:
            assert run.poll() is None
            time.sleep(0.02)
        members = family(run.pid)
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 130
    assert "the same command goes on from there" in output
    _, alive = psutil.wait_procs(members, timeout=PATIENCE)
    assert not alive
    held_back.allowed.set()
    rest = photoseek(
        "-t", "index", *options, environment={"PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "true"}
    )
    assert "1 indexed, 12 unchanged" in rest.stdout


@contextmanager
def serving(index: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    http, grpc = map(str, free_ports(2))
    ports = ["--http-port", http, "--grpc-port", grpc]
    arguments = command("-t", "serve", "--model", "demo", "--index", index, *ports, *options)
    environment = os.environ | {"PHOTOSEEK_API_KEY": "correct-horse-battery"}
    starting = Forked if "--in-process" in options else subprocess.Popen
    with starting(arguments, stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield process
        process.kill()


@pytest.mark.parametrize(
    ("options", "number", "code", "processes"),
    [
        pytest.param([], signal.SIGTERM, 143, 5, id="flow-sigterm"),
        pytest.param(["--in-process"], signal.SIGINT, 130, 1, id="in-process-ctrl-c"),
        pytest.param(["--in-process"], signal.SIGTERM, 143, 1, id="in-process-sigterm"),
    ],
)
def test_serve_answers_and_stops_cleanly(
    options: list[str], number: signal.Signals, code: int, processes: int, tmp_path: Path
) -> None:
    """A Flow is this process, the Flow's, its gateway and two executors."""
    with serving(tmp_path / "index", *options) as server:
        assert server.stdout is not None
        said = ""
        for line in server.stdout:
            said += line
            if "Ctrl-C stops" in line:
                break
        assert ("gRPC" in said) is (processes > 1)
        url = said.split("page")[1].split()[0]
        with Client(url) as client:
            assert client.ready()
        assert httpx.delete(f"{url}/api/photos/x").status_code == 401, "the key has arrived"
        members = family(server.pid)
        assert (len(members) == 1) is (processes == 1)
        assert len(members) >= processes
        server.send_signal(number)
        assert server.wait(PATIENCE) == code
        _, alive = psutil.wait_procs(members, timeout=PATIENCE)
        assert not alive
