"""`python app.py -t download`, the way people use it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from photoseek.records import Photo
from photoseek.sources import open_source
from tests.support.downloads import arrived, files, reasons, rows, watching
from tests.support.photo_server import picture
from tests.support.terminal import command, photoseek
from tests.support.waiting import PATIENCE
from tests.support.web_server import PhotoServer
from tests.support.zygote import Forked


def run(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    settings = {"PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "true"} | (environment or {})
    return photoseek("-t", "download", *arguments, environment=settings)


def write_csv(server: PhotoServer) -> None:
    lines = ["id,url,caption,tags,camera"]
    lines += [f"p{n},{server.url}/{n}.png,Photo {n},a;b,X{n}" for n in range(3)]
    lines += [f"gone,{server.url}/missing,Gone,,X9", f"page,{server.url}/page,A page,,X8"]
    Path("list.csv").write_text("\n".join(lines) + "\n")


def test_a_list_arrives_with_its_descriptions(server: PhotoServer) -> None:
    write_csv(server)
    result = run("--source", "list.csv", "--to", "photos")
    assert result.returncode == 0, result.stderr
    assert "3 arrived" in result.stdout
    assert "2 failed" in result.stdout
    assert "1\thttp_404" in result.stdout
    assert "1\tnot_a_photo" in result.stdout
    assert "What failed, and why: photos/failures.csv" in result.stdout
    assert "python app.py -t index --source photos/manifest.csv" in result.stdout
    photos = [photo for photo in open_source("photos/manifest.csv") if isinstance(photo, Photo)]
    assert {photo.id: photo.caption for photo in photos} == {
        f"p{n}": f"Photo {n}" for n in range(3)
    }
    for photo in photos:
        assert Path(photo.uri).read_bytes() == picture(int(photo.id[1:]))
        assert photo.tags == ("a", "b")
        assert photo.metadata == {"camera": f"X{photo.id[1:]}"}


def test_the_second_time_nothing_is_fetched(server: PhotoServer) -> None:
    write_csv(server)
    run("--source", "list.csv", "--to", "photos")
    calls = server.calls.copy()
    again = run("--source", "list.csv", "--to", "photos")
    assert again.returncode == 0
    assert "3 were there before" in again.stdout
    assert "2 not tried again" in again.stdout
    assert server.calls == calls


def test_failures_are_fed_back_in(server: PhotoServer) -> None:
    write_csv(server)
    run("--source", "list.csv", "--to", "photos")
    server.routes["/missing"] = lambda h: h.answer(200, picture(77))
    result = run("--source", "photos/failures.csv", "--to", "photos")
    assert result.returncode == 0
    assert "1 arrived" in result.stdout
    folder = Path("photos")
    assert reasons(folder) == {server.url + "/page": "not_a_photo"}
    [row] = [row for row in rows(folder / "manifest.csv") if row["id"] == "gone"]
    assert (row["caption"], row["camera"]) == ("Gone", "X9")
    assert "reason" not in row
    assert server.calls["/page"] == 2


def test_no_failures_to_feed_back_in(server: PhotoServer) -> None:
    Path("urls.txt").write_text(f"{server.url}/1.png\n")
    run("--source", "urls.txt", "--to", "photos")
    result = run("--source", "photos/failures.csv", "--to", "photos")
    assert (result.returncode, "0 arrived" in result.stdout) == (0, True)


def test_starting_anew_fetches_all_again(server: PhotoServer) -> None:
    write_csv(server)
    run("--source", "list.csv", "--to", "photos")
    result = run("--source", "list.csv", "--to", "photos", "--no-resume")
    assert "3 arrived" in result.stdout
    assert set(server.calls.values()) == {2}
    assert len(arrived(Path("photos"))) == 3
    assert len(rows(Path("photos/manifest.before.csv"))) == 3
    assert len(files(Path("photos"))) == 3


def test_scripts_get_json(server: PhotoServer) -> None:
    write_csv(server)
    result = run("--source", "list.csv", "--to", "photos", "--json", "-n", "4")
    report = json.loads(result.stdout)
    assert report["arrived"] == 3
    assert report["failed"] == {"http_404": 1}
    assert report["bytes"] == sum(len(picture(n)) for n in range(3))
    assert report["manifest"] == str(Path("photos/manifest.csv").resolve())
    assert "/page" not in server.calls


def test_options_reach_the_download(server: PhotoServer) -> None:
    Path("urls.txt").write_text(f"{server.url}/noai\n{server.url}/large\n{server.url}/1.png\n")
    options = ["--source", "urls.txt", "--to", "photos"]
    result = run(*options, environment={"PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "false"})
    assert result.returncode == 1
    assert "3\tprivate_address" in result.stdout
    small = {"PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "", "PHOTOSEEK_MAX_MEGABYTES": "1"}
    result = run(*options, "--allow-private-addresses", environment=small)
    assert "1 arrived" in result.stdout, "what was refused for the want of an option is tried again"
    assert "1\tnoai" in result.stdout
    assert "1\ttoo_large" in result.stdout
    more = ["--allow-private-addresses", "--ignore-robots-tag"]
    result = run(*options, *more, environment=small)
    assert "1 arrived" in result.stdout
    assert "1 was there before, 1 not tried again" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["--source", "urls.txt"], "say where to", 2),
        (["--source", "missing.txt", "--to", "photos"], "There is no list of URLs at", 1),
        (["--source", ".", "--to", "photos"], "There is no list of URLs at", 1),
        (["--source", "~no-such-user/urls.txt", "--to", "photos"], "is not a usable path", 1),
        (["--source", f"{'x' * 300}.txt", "--to", "photos"], "is not a usable path", 1),
        (["--source", "loop.txt", "--to", "photos"], "is not a usable path", 1),
        (["--source", "s3://b/urls.txt", "--to", "photos"], "is not on this machine", 1),
        (["--source", "urls.txt", "--to", "urls.txt"], "urls.txt cannot be used", 1),
        (["--source", "urls.txt", "--to", "photos", "--concurrency", "0"], "whole number", 2),
        (["--source", "urls.txt", "--to", "photos", "--concurrency", "999"], "CONCURRENCY", 2),
        (["--source", "urls.txt", "--to", "ftp://photos"], "ftp://photos", 1),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], words: str, code: int) -> None:
    Path("urls.txt").write_text("http://photos.example/1.jpg\n")
    Path("loop.txt").symlink_to("loop.txt")
    result = run(*arguments)
    assert words in result.stderr
    assert result.returncode == code
    assert "Traceback" not in result.stderr


@pytest.fixture
def watched(server: PhotoServer) -> Iterator[subprocess.Popen[str]]:
    Path("urls.txt").write_text(f"{server.url}/1.png\n{server.url}/missing\n")
    options = ["--source", "urls.txt", "--to", "photos", "--watch", "1", "--json"]
    with Forked(
        command("-t", "download", *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "true"},
    ) as process:
        yield process
        process.kill()


def test_watching_finds_what_is_added(server: PhotoServer, watched: subprocess.Popen[str]) -> None:
    assert watched.stdout is not None
    guard = threading.Timer(PATIENCE, watched.kill)
    guard.start()
    assert json.loads(watched.stdout.readline())["arrived"] == 1
    with Path("urls.txt").open("a") as file:
        file.write(f"{server.url}/2.png\n{server.url}/500-once\n")
    second = json.loads(watched.stdout.readline())
    assert (second["arrived"], second["known"], second["given_up"]) == (2, 1, 1)
    with Path("urls.txt").open("a") as file:
        file.write(f"{server.url}/3.png")  # without the end of its line
    third = json.loads(watched.stdout.readline())
    guard.cancel()
    assert (third["arrived"], third["known"]) == (1, 3)
    assert set(server.calls.values()) == {1, 2}
    assert server.calls["/missing"] == 1
    assert len(arrived(Path("photos"))) == 4


def test_watching_goes_on_while_the_list_is_being_replaced(server: PhotoServer) -> None:
    Path("list.csv").write_text(f"url\n{server.url}/1.png\n")
    seen = []
    emptied = False
    with watching("--source", "list.csv", "--to", "photos", "--watch", "1") as lines:
        for line in lines:
            seen.append(line)
            if "Looking at" in line and not emptied:
                Path("list.csv").write_text("")
                emptied = True
            elif "is empty" in line:
                Path("list.csv").write_text(f"url\n{server.url}/2.png\n")
            elif line.startswith("1 arrived") and emptied:
                break
    assert "Traceback" not in "".join(seen)
    assert len(arrived(Path("photos"))) == 2


def test_help_shows_an_example() -> None:
    result = photoseek("download", "--help")
    assert "python app.py -t download --source urls.txt --to photos" in result.stdout
    assert "--per-host" in result.stdout


def test_a_manifest_is_no_list_for_its_own_place(server: PhotoServer) -> None:
    write_csv(server)
    run("--source", "list.csv", "--to", "photos")
    result = run("--source", "photos/manifest.csv", "--to", "photos")
    assert result.returncode == 1
    assert "lists what arrived there already" in result.stderr
    elsewhere = run("--source", "photos/manifest.csv", "--to", "elsewhere")
    assert "3 arrived" in elsewhere.stdout
    assert arrived(Path("elsewhere")) == arrived(Path("photos"))


def test_the_next_command_can_be_pasted(server: PhotoServer) -> None:
    Path("urls.txt").write_text(f"{server.url}/1.png\n")
    result = run("--source", "urls.txt", "--to", "my photos")
    assert "-t index --source 'my photos/manifest.csv'" in result.stdout


def test_photos_that_are_gone_are_fetched_again(server: PhotoServer) -> None:
    Path("urls.txt").write_text(f"{server.url}/1.png\n{server.url}/2.png\n")
    run("--source", "urls.txt", "--to", "photos")
    gone = Path("photos", files(Path("photos"))[0])
    gone.unlink()
    (gone.parent / f".photoseek-{'a' * 32}").write_bytes(
        b"half of a photo, from a run that was killed"
    )
    result = run("--source", "urls.txt", "--to", "photos")
    assert "1 arrived" in result.stdout
    assert "1 was there before" in result.stdout
    assert len(files(Path("photos"))) == len(arrived(Path("photos"))) == 2
