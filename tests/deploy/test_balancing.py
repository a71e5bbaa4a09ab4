"""A gateway asks every encoder that a name stands for, and follows when they come and go."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from photoseek.helpers.ports import free_ports
from tests.support.terminal import ROOT
from tests.support.waiting import PATIENCE

NAMESPACE = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
OWN_HOSTS = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'


@pytest.fixture
def namespace(tmp_path: Path) -> list[str]:
    """What makes /etc/hosts a file of this test, for one command."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n")
    command = [*NAMESPACE, "sh", "-c", OWN_HOSTS, "sh", str(hosts)]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this machine makes no mount namespaces: {error}")
    return command


def test_replicas_that_come_and_go_cost_no_request(namespace: list[str]) -> None:
    [port] = free_ports(1)
    script = ROOT / "tests" / "support" / "deploy" / "balancing.py"
    result = subprocess.run(
        [*namespace, sys.executable, script, str(port)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["lost"] == []
    assert set(found["lost_while_all_were_gone"]) <= {"UNAVAILABLE"}
