"""Every example of README.md and the guide, run as it stands there.

All of them share a folder to work in, and a server as the guide advises.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from photoseek import PhotoSearch
from photoseek.settings import load_settings
from tests.support.fenced import PAGES, SAMPLE_ID, Block, blocks, is_run, task_words
from tests.support.in_process import running_service
from tests.support.s3 import ENVIRONMENT, make_bucket
from tests.support.shell import Shell, running_shell
from tests.support.sqs import make_queue
from tests.support.terminal import ROOT, command, run_forked
from tests.support.unsplash_lite import ArchiveRoute, lite_archive, photo_routes
from tests.support.waiting import PATIENCE
from tests.support.web_server import PhotoServer, running_server
from tests.support.written_photos import in_languages, xmp_of
from tests.support.zygote import Forked


def captioned(caption: str) -> bytes:
    """A file of XMP with a caption, to lie beside a picture."""
    return xmp_of(in_languages("dc:description", x=caption))


@pytest.fixture(scope="module")
def photos_on_the_web() -> Iterator[PhotoServer]:
    """Unsplash Lite and its photos, of which /late is there only when it is asked for again."""
    archive = ArchiveRoute()
    with running_server({"/latest": archive, **photo_routes(8)}) as server:
        archive.data = lite_archive(server.url, 8)
        photo = server.routes["/images/7"]
        server.routes["/late"] = lambda h: photo(h) if server.calls["/late"] > 1 else h.answer(404)
        yield server


@pytest.fixture(scope="module")
def folder(
    drawings: Path, photos_on_the_web: PhotoServer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder to work in: a home with pictures, a manifest with captions, a list of URLs."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(drawings.parent, folder, dirs_exist_ok=True)
    paths = [*(f"/images/{number}" for number in range(4)), "/late"]
    (folder / "urls.txt").write_text("".join(f"{photos_on_the_web.url}{path}\n" for path in paths))
    pictures = folder / "home" / "Pictures"
    pictures.mkdir(parents=True)
    drawn = sorted(drawings.parent.rglob("*.jpg"))
    for path in drawn[:10]:
        shutil.copy(path, pictures)
        (pictures / f"{path.name}.xmp").write_bytes(captioned(path.stem))
    shutil.copy(drawn[10], pictures / "beach.jpg")
    new = folder / "home" / "Desktop" / "new.jpg"
    new.parent.mkdir()
    new.write_bytes(drawn[-1].read_bytes() + b"another file")
    return folder


@dataclass(frozen=True)
class Desk:
    """Where the examples run: a shell, and the server of this machine."""

    shell: Shell
    url: str
    photo: str

    @property
    def environment(self) -> Mapping[str, str]:
        return self.shell.environment

    def typed(self, text: str) -> str:
        """What a reader of this machine would type."""
        return (
            text.replace("localhost:8080", self.url.removeprefix("http://"))
            .replace(SAMPLE_ID, self.photo)
            .replace("scripts/get_data.sh", str(ROOT / "scripts" / "get_data.sh"))
        )


@pytest.fixture(scope="module")
def desk(
    folder: Path,
    s3_url: str,
    photos_on_the_web: PhotoServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Desk]:
    make_bucket(s3_url, "my-photos")
    pictures = sorted((folder / "home" / "Pictures").glob("*.jpg"))
    for path in pictures:
        put = httpx.put(f"{s3_url}/my-photos/2026/{path.name}", content=path.read_bytes())
        put.raise_for_status()
    make_queue(s3_url, "photo-events")
    settings = load_settings(
        index=str(folder / "data" / "index"),
        uploads=str(folder / "data" / "uploads"),
        model="demo",
        keyword_fields="photographer",
    )
    with PhotoSearch(settings) as search:
        search.index(folder / "photos.csv")
        search.index(pictures[0].parent)
        newest = [hit.stored.photo for hit in search.search("", top_k=100).hits]
    [photo] = [each.id for each in newest if each.uri == str(pictures[0])]
    with running_service(settings) as service:
        environment = {
            **ENVIRONMENT,
            "AWS_ENDPOINT_URL": s3_url,
            "HOME": str(folder / "home"),
            "PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES": "true",  # the web of these tests is this machine
            "PHOTOSEEK_HTTP_PORT": str(service.settings.http_port),
            "PHOTOSEEK_MODEL": "demo",
            "PYTHONPATH": str(ROOT),
            "UNSPLASH_LITE_URL": f"{photos_on_the_web.url}/latest",
        }
        with running_shell(folder, tmp_path_factory.mktemp("bin"), environment) as shell:
            yield Desk(shell, service.url, photo)


EXAMPLES = {
    path.stem: [
        block
        for block in blocks(path)
        if block.language == "python" or (block.language == "bash" and is_run(block))
    ]
    for path in PAGES
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", [page for page, examples in EXAMPLES.items() if examples])
def test_the_examples_of_a_page_work_one_after_the_other(page: str, desk: Desk) -> None:
    for block in EXAMPLES[page]:
        if block.language == "python":
            run_python(block, desk)
        elif "--watch" in block.text:
            watch_and_stop(block, desk)
        else:
            run_commands(block, desk)


def run_commands(block: Block, desk: Desk) -> None:
    result = desk.shell.run(desk.typed(block.text), stdin="car\n")
    told = f"{block.name}\n{block.text}\n{result.stdout}\n{result.stderr}"
    assert result.returncode == 0, told
    assert (result.stdout + result.stderr).strip(), told
    assert not re.search(r'"status": ?[45]\d\d', result.stdout), told


def run_python(block: Block, desk: Desk) -> None:
    """In a program of its own. What prints ranks prints three."""
    program = desk.shell.folder / "example.py"
    program.write_text(desk.typed(block.text))
    folder, environment = desk.shell.folder, desk.environment
    result = run_forked([sys.executable, str(program)], environment=environment, cwd=folder)
    assert result.returncode == 0, f"{block.name}\n{block.text}\n{result.stderr}"
    assert result.stdout.strip(), block.name
    if "hit.rank" in block.text:
        assert [line.split()[0] for line in result.stdout.splitlines()] == ["1", "2", "3"]


def watch_and_stop(block: Block, desk: Desk) -> None:
    [line] = block.commands
    home = desk.environment["HOME"]
    arguments = [word.replace("~", home, 1) for word in task_words(line)]
    with Forked(
        command(*arguments),
        stdout=subprocess.PIPE,
        text=True,
        env=dict(desk.environment),
        cwd=desk.shell.folder,
    ) as process:
        assert process.stdout is not None
        assert any("unchanged" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
