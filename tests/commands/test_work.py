"""The task `work`: what a queue tells of a bucket, brought into an index by programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.files.filestore import open_files
from tests.support.killed_workers import kill_workers
from tests.support.pictures import drawing, saved
from tests.support.sqs import make_queues
from tests.support.terminal import photoseek


def test_killed_workers_lose_and_double_nothing(s3_url: str, bucket: str, tmp_path: Path) -> None:
    kill_workers(bucket, make_queues(s3_url), tmp_path, photos=40, times=3, seed=1)


def test_the_first_worker_lists_the_bucket_and_works_until_the_queue_is_empty(
    s3_url: str, bucket: str, tmp_path: Path
) -> None:
    place, queues = open_files(f"{bucket}/photos"), make_queues(s3_url)
    options = ["--source", place.uri, "--index", str(tmp_path / "index"), "--model", "demo"]
    queue = ["--queue", f"sqs://{queues.name}", "--until-empty"]
    place.write("old.jpg", saved(drawing(80), "JPEG"))
    queues.send_text("strange")
    first = photoseek("work", *options, *queue)
    assert first.returncode == 0, first.stderr
    assert "1 indexed" in first.stdout
    assert "is moved to the dead-letter queue. The message tells of no change in S3" in first.stderr
    place.write("new.jpg", saved(drawing(90), "JPEG"))
    place.remove(["old.jpg"])
    queues.send("photos/new.jpg", "photos/old.jpg", bucket=bucket.removeprefix("s3://"))
    second = photoseek("work", *options, *queue, "--json")
    assert second.returncode == 0, second.stderr
    assert '"indexed": 1' in second.stdout
    assert '"removed": 1' in second.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--source", "photos.csv"], "work follows a bucket, and 'photos.csv' is none"),
        (["--source", "s3://photos"], "There is no queue sqs://nobody"),
        (["--source", "s3://photos", "--queue", "x"], "'x' names no queue"),
    ],
)
def test_what_cannot_be_worked_on_is_told(options: list[str], told: str, bucket: str) -> None:
    result = photoseek("work", "--queue", "sqs://nobody", *options)
    assert result.returncode == 1
    assert told in result.stderr
    assert "Traceback" not in result.stderr
