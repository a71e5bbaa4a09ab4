"""The four commands of README.md's section Deploy, run as they stand there, against a server that
answers as AWS does. In place of the host stands a Flow that has the host's settings.
"""

from __future__ import annotations

from tests.support.deploy.deployment import BUCKET, PICTURES, Deployment
from tests.support.deploy.host_work import Work
from tests.support.deploy.terraform import NEEDS_TERRAFORM

pytestmark = NEEDS_TERRAFORM


def test_three_commands_lead_to_a_host_that_finds_the_photos(deployment: Deployment) -> None:
    assert deployment.host.outputs()["bucket"] == BUCKET
    assert deployment.instance["State"]["Name"] == "running"
    assert deployment.synced == {f"photos/{path.name}" for path in deployment.pictures}
    assert len(deployment.synced) == PICTURES


def test_the_fourth_command_searches_them(host_work: Work) -> None:
    hits = host_work.found["hits"]
    assert len(hits) == PICTURES
    assert hits[0]["rank"] == 1
