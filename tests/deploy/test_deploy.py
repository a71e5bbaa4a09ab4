"""The four commands of README.md's section Deploy, run as they stand there, against a server that
answers as AWS does. In place of the host stands a Flow that has the host's settings.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from photoseek.client import Client
from photoseek.flow.process import FlowProcess
from photoseek.indexing.run import index_photos
from photoseek.settings import load_settings
from photoseek.sources import open_source
from tests.support.deploy.terraform import NEEDS_TERRAFORM, Terraform, plugins
from tests.support.terminal import ROOT

pytestmark = [NEEDS_TERRAFORM, pytest.mark.timeout(900)]

README = (ROOT / "README.md").read_text(encoding="utf-8")
(SECTION,) = re.findall(r"^## Deploy\n.*?^```bash\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
LINES = [line.partition("  #")[0].strip() for line in SECTION.splitlines()]
KEY = "/photoseek/api-key"


def shell(terraform: Terraform, home: Path, aws_cli: Path, *lines: str) -> str:
    """What somebody types into a shell in the project's folder, with yes to every question."""
    environment = terraform.environment
    environment |= {
        "HOME": str(home),
        "PATH": f"{aws_cli}:{environment['PATH']}",
        "TF_CLI_ARGS_init": " ".join(["-input=false", *plugins()]),
        "TF_CLI_ARGS_apply": "-auto-approve -no-color",
        "TF_VAR_allowed_cidrs": '["203.0.113.7/32"]',
    }
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
        cwd=terraform.folder.parents[1],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert result.returncode == 0, f"{lines}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def test_four_commands_lead_from_nothing_to_a_search(
    terraform: Terraform, aws_cli: Path, drawings: Path, tmp_path: Path
) -> None:
    pictures = tmp_path / "Pictures"
    pictures.mkdir()
    for path in sorted(drawings.parent.rglob("*.jpg"))[:12]:
        shutil.copy(path, pictures)
    assert len(LINES) == 4
    *deploy, search = LINES
    shell(terraform, tmp_path, aws_cli, *deploy)

    outputs = terraform.outputs()
    synced = terraform.s3.list_objects_v2(Bucket=outputs["bucket"], Prefix="photos/")["Contents"]
    assert {entry["Key"] for entry in synced} == {f"photos/{p.name}" for p in pictures.iterdir()}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in terraform.environment.items():
            patch.setenv(name, value)
        settings = load_settings(
            index=f"s3://{outputs['bucket']}/index",
            source=outputs["photos"],
            photo_roots=[outputs["photos"]],
            allowed_hosts=[outputs["public_dns"]],
            api_key=key_of(terraform),
            api_key_for="all",
            model="demo",
        )
        with FlowProcess(settings, private=True) as flow:
            with Client(flow.url, api_key=key_of(terraform)) as client:
                assert index_photos(open_source(outputs["photos"]), client).indexed == 12
            # The host's name leads to this machine.
            port = flow.settings.http_port
            (tmp_path / ".curlrc").write_text(f'connect-to = "::127.0.0.1:{port}"\n')
            found = json.loads(shell(terraform, tmp_path, aws_cli, "cd infra/terraform", search))
    assert len(found["hits"]) == 12
    assert found["hits"][0]["rank"] == 1


def key_of(terraform: Terraform) -> str:
    answer = terraform.client("ssm").get_parameter(Name=KEY, WithDecryption=True)
    return str(answer["Parameter"]["Value"])
