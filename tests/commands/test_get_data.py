"""scripts/get_data.sh itself, against a server of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from photoseek.datasets.unsplash_lite import LICENCE
from photoseek.files.filestore import open_files
from photoseek.records import Photo
from photoseek.sources import open_source
from tests.support.downloads import arrived, files, rows
from tests.support.shell import forking
from tests.support.terminal import ROOT
from tests.support.unsplash_lite import ArchiveRoute, lite_archive, photo_routes
from tests.support.waiting import PATIENCE, wait_until
from tests.support.web_server import Handler, PhotoServer, running_server

SCRIPT = ROOT / "scripts" / "get_data.sh"
PHOTOS = 12


@pytest.fixture
def route() -> ArchiveRoute:
    return ArchiveRoute()


@pytest.fixture
def server(route: ArchiveRoute, monkeypatch: pytest.MonkeyPatch) -> Iterator[PhotoServer]:
    with running_server({"/latest": route, **photo_routes(PHOTOS)}) as server:
        route.data = lite_archive(server.url, PHOTOS)
        monkeypatch.setenv("UNSPLASH_LITE_URL", server.url + "/latest")
        monkeypatch.setenv("PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES", "true")
        yield server


@pytest.fixture(autouse=True, scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The script's Python, whose programs are forks, which one test does without."""
    binaries = tmp_path_factory.mktemp("bin")
    with forking(binaries, python=[]), pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON", str(binaries / "python"))
        yield


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(SCRIPT), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
        start_new_session=True,
    )


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    with started(*arguments) as process:
        output, errors = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(arguments, process.returncode, output, errors)


def kill(process: subprocess.Popen[str]) -> None:
    """The script and all that it runs: with the last of them their output ends."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)


def test_unsplash_lite_in_one_command_and_nothing_twice(server: PhotoServer) -> None:
    command = ["unsplash-lite", "--width", "320"]
    result = run(*command, "-n", "5")
    assert result.returncode == 0, result.stderr
    assert "https://unsplash.com/data-terms" in result.stdout
    assert f"{PHOTOS} photos are listed in data/processed/photos.csv" in result.stdout
    assert "5 arrived" in result.stdout
    photos = [
        photo
        for photo in open_source("data/photos/unsplash-lite/manifest.csv")
        if isinstance(photo, Photo)
    ]
    assert sorted(photo.id for photo in photos) == [f"photo-{n}" for n in range(5)]
    for photo in photos:
        assert photo.uri.startswith(str(Path("data/photos/unsplash-lite").resolve()))
        assert photo.licence == LICENCE
        assert photo.source_url.endswith("?utm_source=photoseek&utm_medium=referral")
        assert (photo.photographer, photo.tags) == ("Ann Über", ("a", "b"))
        assert photo.metadata["width"] == "4000"
    listed = [p for p in open_source("data/processed/photos.csv") if isinstance(p, Photo)]
    assert len(listed) == PHOTOS
    assert {photo.uri for photo in listed[:5]} == {photo.uri for photo in photos}
    assert all(photo.uri.startswith(server.url) for photo in listed[5:])
    assert "w=320" in Path("data/processed/photos.csv").read_text()

    calls, names = server.calls.copy(), files(Path("data/photos"))
    again = run(*command, "-n", "5")
    assert again.returncode == 0
    assert "5 were there" in again.stdout
    assert (server.calls, files(Path("data/photos"))) == (calls, names)
    more = run(*command)
    assert f"{PHOTOS - 5} arrived" in more.stdout
    assert set(server.calls.values()) == {1}


def test_another_width_takes_the_place_of_the_first(server: PhotoServer) -> None:
    folder = Path("data/photos/unsplash-lite")
    run("unsplash-lite", "-n", "3", "--width", "640")
    result = run("unsplash-lite", "-n", "3", "--width", "1080")
    assert "3 arrived" in result.stdout
    assert len(arrived(folder)) == 3
    assert all("w=1080" in url for url in arrived(folder))
    listed = rows(Path("data/processed/photos.csv"))
    assert [row["url"] in arrived(folder) for row in listed] == [n < 3 for n in range(PHOTOS)]
    assert [bool(row["path"]) for row in listed] == [n < 3 for n in range(PHOTOS)]


def test_a_damaged_archive_is_told_and_the_next_run_mends_it(
    server: PhotoServer, route: ArchiveRoute
) -> None:
    whole = route.data
    route.data = whole[:-50]
    result = run("unsplash-lite")
    assert result.returncode == 1
    assert "no sound ZIP file" in result.stderr
    assert "Traceback" not in result.stderr
    assert not Path("data/processed/photos.csv").exists()
    route.data = whole
    assert run("unsplash-lite").returncode == 0


def test_interrupted_in_the_archive_and_in_the_photos(
    server: PhotoServer, route: ArchiveRoute
) -> None:
    half = len(route.data) // 2
    sent, held = threading.Event(), threading.Event()

    def stall(handler: Handler) -> None:
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(route.data)))
        handler.send_header("ETag", route.etag)
        handler.end_headers()
        handler.wfile.write(route.data[:half])
        handler.wfile.flush()
        sent.set()
        held.wait(PATIENCE)

    part = Path("data/raw/unsplash-lite.zip.part")
    server.routes["/latest"] = stall
    with started("unsplash-lite") as process:
        assert sent.wait(PATIENCE)
        wait_until(lambda: part.exists() and part.stat().st_size >= half, "half of the archive")
        kill(process)
    held.set()
    server.routes["/latest"] = route
    asked = threading.Event()
    picture = server.routes["/images/7"]

    def stall_photo(handler: Handler) -> None:
        asked.set()
        held.wait(PATIENCE)
        picture(handler)

    held.clear()
    server.routes["/images/7"] = stall_photo
    with started("unsplash-lite") as process:
        assert asked.wait(PATIENCE)
        kill(process)
    held.set()
    assert route.ranges == [f"bytes={half}-"]
    result = run("unsplash-lite")
    assert result.returncode == 0, result.stderr
    assert server.calls["/latest"] == 2
    folder = Path("data/photos/unsplash-lite")
    assert len(arrived(folder)) == len(set(arrived(folder).values())) == PHOTOS
    assert len(files(folder)) == PHOTOS


def test_a_list_of_your_own(server: PhotoServer) -> None:
    Path("my list.txt").write_text(f"{server.url}/images/1\n{server.url}/images/2\n")
    result = run("urls", "my list.txt")
    assert result.returncode == 0, result.stderr
    assert len(arrived(Path("data/photos/my list"))) == 2


def test_into_a_bucket(server: PhotoServer, bucket: str) -> None:
    result = run("--to", f"{bucket}/lite", "unsplash-lite", "-n", "3")
    assert result.returncode == 0, result.stderr
    names = {entry.name for entry in open_files(f"{bucket}/lite").entries()}
    assert len(names) == 4
    assert "manifest.csv" in names
    listed = [p for p in open_source("data/processed/photos.csv") if isinstance(p, Photo)]
    assert all(photo.uri.startswith(f"{bucket}/lite/") for photo in listed[:3])


def test_drawings_in_a_folder_and_in_a_bucket(bucket: str) -> None:
    drawing = [str(SCRIPT), "demo", "-n", "3", "--to", "drawn"]
    subprocess.run(drawing, env=os.environ | {"PYTHON": sys.executable}, check=True)
    drawn = list(open_source("drawn/photos.csv"))
    assert len(drawn) == 3
    for _ in range(2):
        result = run("demo", "-n", "3", "--to", bucket)
        assert result.returncode == 0, result.stderr
        photos = list(open_source(f"{bucket}/photos.csv"))
        assert [photo.uri.rpartition("/")[2] for photo in photos] == [
            photo.uri.rpartition("/")[2] for photo in drawn
        ]
        assert len(list(open_files(bucket).entries())) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name a data set"),
        (["coco"], "There is no data set 'coco'"),
        (["urls"], "Name the list"),
        (["demo", "more"], "What is 'more'?"),
        (["demo", "-n"], "-n needs a value"),
        (["demo", "-n", "0"], "-n is '0'; it must be a whole number"),
        (["unsplash-lite", "--width", "wide"], "--width is 'wide'"),
        (["demo", "--fast"], "There is no option --fast"),
    ],
)
def test_what_is_wrong_is_said(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert words in result.stderr


def test_help() -> None:
    result = run("--help")
    assert result.returncode == 0
    for word in (
        "unsplash-lite",
        "urls FILE",
        "demo",
        "-n N",
        "--width",
        "--to",
        "UNSPLASH_LITE_URL",
    ):
        assert word in result.stdout


def test_without_a_virtual_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON", "/no/python")
    result = subprocess.run([str(SCRIPT), "demo"], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "make install" in result.stderr


def test_only_what_bash_3_2_and_bsd_tools_know() -> None:
    """What shellcheck, which `make check` runs, cannot see: it knows the newest bash only."""
    text = SCRIPT.read_text()
    newer = ("declare -A", "mapfile", "readarray", "${1,,}", "&>>", "|&", "[[ -v", "readlink -f")
    assert not [word for word in newer if word in text]
