"""What infra/kubernetes has for an index in an engine, and for workers of a queue."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from photoseek.cli.arguments import parse
from photoseek.settings import REQUESTS_PER_MINUTE, SECRETS_OF
from tests.support.deploy.manifests import (
    FOLDER,
    NEEDS_KUBECTL,
    OF_KEDA,
    SECRETS,
    Cluster,
    container_of,
    copy_site,
    render,
)
from tests.support.deploy.tools import KEDA_MODELS, tool

pytestmark = NEEDS_KUBECTL

QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/photo-events"


def settings_of_the_site() -> dict[str, str]:
    """Those that its settings.env names for these components, behind a #."""
    text = (FOLDER / "site" / "settings.env").read_text("utf-8")
    lines = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]
    return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.fixture(scope="module")
def scaled(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """The site as its comments say."""
    place = tmp_path_factory.mktemp("site") / "kubernetes"
    settings = settings_of_the_site()
    return render(copy_site(place, components=["queue", "engine", "redis"], settings=settings))


def test_the_key_of_the_engine_goes_to_the_indexer_alone(scaled: Cluster) -> None:
    key = {"secretRef": {"name": "engine-key"}}
    have_it = [n for n, pod in scaled.pods().items() if key in container_of(pod)["envFrom"]]
    assert have_it == ["indexer"]
    secret = {name.removeprefix("PHOTOSEEK_").lower() for name in SECRETS["engine-key"]}
    assert secret & set(SECRETS_OF["indexer"])


def test_gateways_share_a_redis_which_nobody_else_reaches(scaled: Cluster) -> None:
    have_it = [n for n in scaled.pods() if "PHOTOSEEK_REDIS" in scaled.environment(n, SECRETS)]
    assert have_it == ["gateway"]
    policy = scaled.one("NetworkPolicy", "redis")["spec"]
    assert scaled.selected(policy["podSelector"]) == have_it
    [rule] = policy["egress"]
    assert rule["ports"] == [{"port": 6379}]
    assert scaled.settings()["PHOTOSEEK_RATE_LIMIT"] == str(REQUESTS_PER_MINUTE)


def test_the_indexer_reaches_the_engine_and_nobody_else_does(scaled: Cluster) -> None:
    policy = scaled.one("NetworkPolicy", "engine")["spec"]
    assert scaled.selected(policy["podSelector"]) == ["indexer"]
    [rule] = policy["egress"]
    [peer] = rule["to"]
    namespace = peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    index = scaled.settings()["PHOTOSEEK_INDEX"]
    assert f".{namespace}.svc:9200/" in index
    assert {port["port"] for port in rule["ports"]} == {9200, 19530}


def test_its_certificates_lie_where_the_setting_says(scaled: Cluster) -> None:
    pod = scaled.pods()["indexer"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container_of(pod)["volumeMounts"]}
    [volume] = [v for v in pod["spec"]["volumes"] if "configMap" in v]
    file = Path(scaled.settings()["PHOTOSEEK_ENGINE_CA"])
    assert str(file.parent) == mounts[volume["name"]]
    assert volume["configMap"]["optional"] is True  # Milvus without TLS has none


def test_what_lies_beside_an_engine_is_where_the_role_may_write(scaled: Cluster) -> None:
    for name in ("PHOTOSEEK_BLOBS", "PHOTOSEEK_STATE"):
        assert scaled.settings()[name].startswith("s3://my-photos/index/")


def test_a_worker_follows_the_queue_whose_length_is_watched(scaled: Cluster) -> None:
    container = container_of(scaled.pods()["work"])
    environment = scaled.environment("work", SECRETS)
    assert environment["QUEUE_URL"] == QUEUE
    arguments = [word.replace("$(QUEUE_URL)", QUEUE) for word in container["args"]]
    options = parse(["-t", *arguments])
    assert options.queue == QUEUE
    assert options.sweep == 0
    assert scaled.one("CronJob", "index"), "nobody would look for what no message told of"
    [trigger] = scaled.one("ScaledObject", "work")["spec"]["triggers"]
    assert trigger["metadata"]["queueURLFromEnv"] == "QUEUE_URL"
    assert trigger["metadata"]["awsRegion"] == environment["AWS_DEFAULT_REGION"]
    assert trigger["authenticationRef"]["name"] == "queue"
    assert scaled.one("TriggerAuthentication", "queue")
    assert scaled.role("work").endswith(":role/photoseek")


def test_workers_are_as_many_as_there_is_work(scaled: Cluster) -> None:
    scaler = scaled.one("ScaledObject", "work")["spec"]
    target = scaler["scaleTargetRef"]
    deployment = scaled.one(target["kind"], target["name"])
    assert deployment["apiVersion"] == target["apiVersion"]
    assert "replicas" not in deployment["spec"], "each apply would undo what the scaler did"
    assert scaler["minReplicaCount"] == 0 < scaler["maxReplicaCount"]


def test_keda_knows_every_field(scaled: Cluster) -> None:
    """What its models do not know they leave out."""
    ours = scaled.kinds(*OF_KEDA)
    assert len(ours) == len(OF_KEDA)
    result = subprocess.run(
        [*tool(KEDA_MODELS, "python"), "-c", _ROUND_TRIP],
        input=json.dumps(ours),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(result.stdout) == ours


_ROUND_TRIP = """\
import json, sys
from cloudcoil.models.keda import v1alpha1
print(json.dumps([
    getattr(v1alpha1, one["kind"]).model_validate(one).model_dump(by_alias=True, exclude_unset=True)
    for one in json.load(sys.stdin)
]))
"""
