"""All that a host does with its bucket, done by the real program with the host's settings.

It reaches the bucket through a proxy that notes what S3 is asked.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from photoseek.client import Client
from photoseek.flow.process import FlowProcess
from photoseek.settings import PREFIX, Settings, load_settings
from tests.support.deploy.deployment import BUCKET, SEARCH, Deployment
from tests.support.deploy.terraform import FOLDER, REGION, ROOT
from tests.support.s3 import FaultyS3, Request, running_proxy
from tests.support.terminal import photoseek
from tests.support.waiting import PATIENCE
from tests.support.web_server import running_server


@dataclass(frozen=True)
class Work:
    """What the search of README.md has found, and all that S3 was asked."""

    found: dict[str, Any]
    requests: list[Request]


def work_as_the_host(deployment: Deployment, folder: Path) -> Work:
    with running_proxy(deployment.host.url) as proxy:
        fetch_program(deployment, proxy, folder)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in deployment.host.environment.items():
                patch.setenv(name, value)
            patch.setenv("AWS_ENDPOINT_URL", proxy.url)
            patch.chdir(folder)
            found = serve(deployment, folder)
        return Work(found, list(proxy.seen))


def fetch_program(deployment: Deployment, proxy: FaultyS3, folder: Path) -> None:
    """The calls of infra/terraform/host/deploy.sh; test_host.py runs all of it."""
    script = (FOLDER / "host" / "deploy.sh").read_text()
    calls = [line.strip() for line in script.splitlines() if line.strip().startswith("aws s3 ")]
    assert len(calls) == 2
    places = {
        "AWS_ENDPOINT_URL": proxy.url,
        "REGION": REGION,
        "SOURCE": f"s3://{BUCKET}/deploy/source",
    }
    exports = [f"export {name}={value}" for name, value in places.items()]
    deployment.shell("\n".join([*exports, *calls]), folder)
    assert (folder / "incoming" / "app.py").read_bytes() == (ROOT / "app.py").read_bytes()
    assert "  app.py\n" in (folder / "incoming.sha256").read_text()


def settings_of(deployment: Deployment) -> Settings:
    outputs = deployment.host.outputs()
    return load_settings(
        index=f"s3://{BUCKET}/index",
        uploads=f"s3://{BUCKET}/uploads",
        source=outputs["photos"],
        photo_roots=[outputs["photos"]],
        allowed_hosts=[outputs["public_dns"]],
        api_key=deployment.key,
        api_key_for="all",
        model="demo",
        keep="original",
    )


def serve(deployment: Deployment, folder: Path) -> dict[str, Any]:
    """Index, search, look, hand in, take out, prune, tidy up, download."""
    settings = settings_of(deployment)
    key = deployment.key
    with FlowProcess(settings, private=True) as flow, Client(flow.url, api_key=key) as client:
        run = Run(flow, key, folder)
        run("-t", "index", "--source", settings.source)
        answer = search(deployment, flow)
        found = client.search("red car", top_k=5).hits
        assert len(found) == 5
        for hit in found:
            assert client.thumbnail(hit.stored.photo.id)
            assert hit.link is not None
            assert httpx.get(hit.link).status_code == 200  # signed with the role's rights
        assert client.original(found[0].stored.photo.id)
        hand_in_and_take_out(flow.url, key)
        gone = f"photos/{deployment.pictures[0].name}"
        deployment.host.s3.delete_object(Bucket=BUCKET, Key=gone)  # by the user, not by the host
        assert client.index(settings.source, prune=True, settings=settings).removed == 1
        client.maintain()
        download(run, deployment.pictures[0], folder, settings.source)
    return answer


class Run:
    """photoseek as the host's jobs run it: through the gateway that runs."""

    def __init__(self, flow: FlowProcess, key: str, folder: Path) -> None:
        self.environment = flow.settings.to_environment() | {f"{PREFIX}API_KEY": key}
        self.folder = folder

    def __call__(self, *arguments: str | Path) -> None:
        result = photoseek(*arguments, environment=self.environment, cwd=self.folder)
        assert result.returncode == 0, f"{arguments}\n{result.stdout}\n{result.stderr}"


def search(deployment: Deployment, flow: FlowProcess) -> dict[str, Any]:
    """README.md's fourth command, for which the host's name leads to this machine."""
    to_here = f'connect-to = "::127.0.0.1:{flow.settings.http_port}"\n'
    (deployment.home / ".curlrc").write_text(to_here)
    found: dict[str, Any] = json.loads(deployment.shell(SEARCH))
    return found


def hand_in_and_take_out(url: str, key: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), (200, 30, 30)).save(file, "JPEG")
    headers = {"X-API-Key": key}
    with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client:
        files = {"file": ("wall.jpg", file.getvalue())}
        answer = client.post("/api/photos", files=files)
        assert answer.status_code == 201, answer.text
        photo = answer.json()["id"]
        original = client.get(f"/api/photos/{photo}/original", follow_redirects=True)
        assert original.status_code == 200
        assert client.delete(f"/api/photos/{photo}").status_code < 300


def download(run: Run, picture: Path, folder: Path, target: str) -> None:
    content = picture.read_bytes()

    def route(handler: Any) -> None:
        handler.answer(200, content, Content_Type="image/jpeg")

    with running_server({"/photo.jpg": route}) as server:
        path = folder / "urls.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([["url"], [f"{server.url}/photo.jpg"]])
        run("-t", "download", "--source", path, "--to", target, "--allow-private-addresses")
