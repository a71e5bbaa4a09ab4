"""Downloads to a bucket, on a real S3 server."""

from __future__ import annotations

import csv
import io
import threading
from collections import Counter
from pathlib import Path

import pytest

from photoseek.download import Journal
from photoseek.download.publishing import BUCKETS, begin, folder_name, publish
from photoseek.fetch import PhotoReader
from photoseek.files.filestore import FileStore, open_files
from photoseek.files.s3_files import BucketFiles
from photoseek.records import Photo
from photoseek.sources import open_source
from tests.support.downloads import watching
from tests.support.photo_server import picture
from tests.support.s3 import Fault, FaultyS3
from tests.support.terminal import photoseek
from tests.support.waiting import PATIENCE
from tests.support.web_server import Handler, PhotoServer

LIST = Path("urls.txt")


def run(to: str, *more: str) -> tuple[int, str]:
    options = ["--source", str(LIST), "--to", to, "--allow-private-addresses", *more]
    result = photoseek("-t", "download", *options)
    return result.returncode, result.stdout + result.stderr


def write_list(server: PhotoServer, *numbers: int) -> None:
    LIST.write_text("".join(f"{server.url}/{number}.png\n" for number in numbers))


def manifest_of(place: FileStore) -> list[dict[str, str]]:
    data = place.read("manifest.csv")
    assert data is not None
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_photos_and_manifest_lie_in_the_bucket(server: PhotoServer, bucket: str) -> None:
    write_list(server, 1, 2, 3, 404_404)
    server.routes["/404404.png"] = lambda h: h.answer(404)
    code, shown = run(f"{bucket}/stock/photos")
    assert code == 0, shown
    assert "3 arrived" in shown
    assert "1\thttp_404" in shown
    place = open_files(f"{bucket}/stock/photos")
    rows = manifest_of(place)
    assert sorted(row["url"] for row in rows) == [f"{server.url}/{n}.png" for n in (1, 2, 3)]
    for row in rows:
        assert row["path"].startswith(f"{bucket}/stock/photos/")
        number = int(row["url"].rpartition("/")[2].partition(".")[0])
        assert place.read(row["path"].removeprefix(f"{place.uri}/")) == picture(number)
    assert len(list(place.entries())) == 4


def test_the_manifest_in_the_bucket_is_a_source(server: PhotoServer, bucket: str) -> None:
    write_list(server, 1, 2)
    run(f"{bucket}/photos")
    local = BUCKETS / bucket.removeprefix("s3://") / "photos" / "manifest.csv"
    for manifest in (f"{bucket}/photos/manifest.csv", str(local)):
        photos = [photo for photo in open_source(manifest) if isinstance(photo, Photo)]
        with PhotoReader() as reader:
            found = sorted(reader.read(photo.uri) for photo in photos)
        assert found == sorted([picture(1), picture(2)])


def test_nothing_is_fetched_or_stored_twice(server: PhotoServer, bucket: str) -> None:
    write_list(server, 1, 2, 3)
    run(bucket)
    before = {entry.name: entry.modified for entry in open_files(bucket).entries()}
    write_list(server, 1, 2, 3, 4)
    code, shown = run(bucket)
    assert code == 0
    assert "3 were there" in shown
    assert max(server.calls.values()) == 1
    after = {entry.name: entry.modified for entry in open_files(bucket).entries()}
    del before["manifest.csv"]
    assert before.items() <= after.items()
    assert len(after) == 5


def test_another_machine_goes_on(
    server: PhotoServer, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has nothing but the bucket, and both write the same manifest in turn."""
    write_list(server, 1, 2)
    run(bucket)
    monkeypatch.chdir(tmp_path)
    write_list(server, 1, 2, 3)
    code, shown = run(bucket)
    assert code == 0, shown
    assert "1 arrived" in shown
    assert server.calls == Counter({"/1.png": 1, "/2.png": 1, "/3.png": 1})
    assert len(manifest_of(open_files(bucket))) == 3


def test_machines_with_other_columns_lose_nothing_of_each_other(
    server: PhotoServer, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    LIST.write_text(f"url,camera\n{server.url}/1.png,X1\n")
    LIST.rename("list.csv")
    assert run(bucket, "--source", "list.csv")[0] == 0
    monkeypatch.chdir(tmp_path)
    Path("list.csv").write_text(f"url,lens\n{server.url}/2.png,L2\n")
    assert run(bucket, "--source", "list.csv")[0] == 0
    found = {row["camera"]: row["lens"] for row in manifest_of(open_files(bucket))}
    assert found == {"X1": "", "": "L2"}


def test_two_machines_at_the_same_time(
    server: PhotoServer, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is held back until the second is done, and then writes the manifest after it."""
    asked, allowed = threading.Event(), threading.Event()

    def slow(handler: Handler) -> None:
        asked.set()
        allowed.wait(PATIENCE)
        handler.answer(200, picture(1))

    server.routes["/1.png"] = slow
    write_list(server, 1)
    first: list[int] = []
    options = ["--source", str(LIST.resolve()), "--to", bucket, "--allow-private-addresses"]
    here = Path.cwd()
    thread = threading.Thread(
        target=lambda: first.append(photoseek("-t", "download", *options, cwd=here).returncode)
    )
    thread.start()
    assert asked.wait(PATIENCE)
    monkeypatch.chdir(tmp_path)
    write_list(server, 2)
    assert run(bucket)[0] == 0
    allowed.set()
    thread.join(PATIENCE)
    assert first == [0]
    assert len(manifest_of(open_files(bucket))) == 2


def test_s3_that_fails_ends_the_run_and_the_next_goes_on(
    server: PhotoServer, faulty_s3: FaultyS3, bucket: str
) -> None:
    write_list(server, *range(20))
    faulty_s3.method = "PUT"
    faulty_s3.faults.extend([Fault(status=403, code="AccessDenied")] * 30)
    code, shown = run(bucket)
    assert code == 1
    assert "is denied" in shown
    faulty_s3.faults.clear()
    code, shown = run(bucket)
    assert code == 0, shown
    rows = manifest_of(open_files(bucket))
    assert sorted(row["url"] for row in rows) == sorted(LIST.read_text().split())
    assert len({row["path"] for row in rows}) == 20


def test_a_bucket_that_is_not_there(server: PhotoServer, bucket: str) -> None:
    write_list(server, 1)
    code, shown = run("s3://no-such-bucket-here")
    assert code == 1
    assert "There is no bucket for s3://no-such-bucket-here" in shown
    assert not server.calls
    assert not BUCKETS.exists()


def test_a_manifest_of_somebody_else_is_left_alone(server: PhotoServer, bucket: str) -> None:
    write_list(server, 1)
    own = b"path,caption\nmine/1.jpg,My first\n"
    open_files(bucket).write("manifest.csv", own)
    for more in ((), ("--no-resume",)):
        code, shown = run(bucket, *more)
        assert code == 1
        assert f"{bucket}/manifest.csv is not a file that a download wrote" in shown
    assert open_files(bucket).read("manifest.csv") == own
    assert not server.calls


def test_starting_anew_keeps_what_others_published(
    server: PhotoServer, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_list(server, 1, 2)
    assert run(bucket)[0] == 0
    monkeypatch.chdir(tmp_path)
    write_list(server, 3)
    for _ in range(2):  # an empty manifest does not take the place of the one set aside
        assert run(bucket, "--no-resume", "-n", "0")[0] in (0, 1, 2)
    assert run(bucket, "--no-resume")[0] == 0
    assert [row["url"] for row in manifest_of(open_files(bucket))] == [f"{server.url}/3.png"]
    before = open_files(bucket).read("manifest.before.csv")
    assert before is not None
    assert before.count(b"\n") == 3


def test_photos_that_are_gone_from_the_bucket_are_fetched_again(
    server: PhotoServer, bucket: str
) -> None:
    write_list(server, 1, 2, 3)
    assert run(bucket)[0] == 0
    place = open_files(bucket)
    [name] = [e.name for e in place.entries() if place.read(e.name) == picture(2)]
    place.remove([name])
    code, shown = run(bucket)
    assert code == 0
    assert "1 arrived" in shown
    assert "2 were there" in shown
    assert place.read(name) == picture(2)
    assert len(manifest_of(place)) == 3
    server.routes["/2.png"] = lambda h: h.answer(404)
    place.remove([name])
    run(bucket)
    assert sorted(row["url"][-6:] for row in manifest_of(place)) == ["/1.png", "/3.png"]


def test_machines_that_end_together_lose_nothing_of_each_other(
    server: PhotoServer, bucket: str, tmp_path: Path
) -> None:
    place = open_files(bucket)
    with Journal(tmp_path / "a") as one, Journal(tmp_path / "b") as two:
        for number, journal in enumerate((one, two)):
            begin(place, journal, resume=True)
            journal.add(Photo(id=str(number), uri=f"http://a/{number}"), f"{bucket}/x{number}.png")
        publish(place, one)
        publish(place, two)
    assert {row["id"] for row in manifest_of(place)} == {"0", "1"}


def test_a_change_that_comes_between_is_not_lost(bucket: str) -> None:
    place, other = BucketFiles(bucket), BucketFiles(bucket)
    between = [b"first", b"second"]

    def change(data: bytes | None) -> bytes:
        if between:
            other.write("x", (data or b"") + between.pop(0))
        return (data or b"") + b" mine"

    place.update("x", change, "text/plain")
    assert place.read("x") == b"firstsecond mine"


def test_watching_outlives_an_outage(server: PhotoServer, faulty_s3: FaultyS3, bucket: str) -> None:
    write_list(server, 1)
    seen: list[str] = []
    with watching("--source", str(LIST), "--to", bucket, "--watch", "1") as lines:
        for line in lines:
            seen.append(line)
            if "Looking at" in line and not faulty_s3.faults and len(seen) < 5:
                faulty_s3.faults.extend([Fault(status=403, code="AccessDenied")] * 4)
                write_list(server, 1, 2)
            elif "1 arrived" in line and any("is denied" in old for old in seen):
                break
    assert any("is denied" in line for line in seen), seen
    assert len(manifest_of(open_files(bucket))) == 2


def test_the_journal_of_a_bucket_has_a_folder_that_the_system_can_name() -> None:
    assert folder_name("bucket/stock/photos", "posix") == "bucket/stock/photos"
    assert folder_name("bucket/stock/photos", "windows") == "bucket/stock/photos"
    for key in ("bucket/aux", "bucket/a:b", "bucket/dot.", "bucket/Photos"):
        named = folder_name(key, "windows")
        assert named.startswith(key.replace("aux", "_aux").replace(":", "_").rstrip(".") + "-")
        assert folder_name(key, "posix") == key
    assert folder_name("bucket/A", "windows").lower() != folder_name("bucket/a", "windows")
