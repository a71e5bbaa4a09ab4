"""What the pods of infra/kubernetes are told."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from photoseek.cli.arguments import parse
from photoseek.cli.task_options import TASKS
from photoseek.errors import SettingsError
from photoseek.gateway.access import Access
from photoseek.guarding import check_guarded
from photoseek.settings import PREFIX, REQUESTS_PER_MINUTE, Settings, load_settings
from photoseek.sharing import MemoryState
from tests.support.deploy.manifests import (
    NEEDS_KUBECTL,
    SECRETS,
    Cluster,
    container_of,
    ports_of,
)

pytestmark = NEEDS_KUBECTL


@pytest.fixture
def settings(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As the gateway's process reads them."""
    for name, value in cluster.environment("gateway", SECRETS).items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_the_commands_are_tasks(variant: Cluster) -> None:
    for name, pod in variant.pods().items():
        arguments = container_of(pod)["args"]
        assert "command" not in container_of(pod), "the image's own entry point starts tasks"
        assert parse(["-t", *arguments]).task == arguments[0] == name
        assert name in TASKS


def test_every_setting_is_one(variant: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name, pod in variant.pods().items():
        assert pod["spec"]["enableServiceLinks"] is False, "it brings unknown PHOTOSEEK_* names"
        environment = variant.environment(name, SECRETS)
        assert {name for name in environment if name.startswith(PREFIX)} <= known
        with monkeypatch.context() as patch:
            for variable, value in environment.items():
                patch.setenv(variable, value)
            load_settings()


def test_the_parts_are_found_where_their_services_are(cluster: Cluster, settings: Settings) -> None:
    for part in ("encoder", "indexer"):
        [port] = cluster.one("Service", part)["spec"]["ports"]
        assert getattr(settings, part) == f"{part}:{port['port']}"
    assert settings.gateway
    url = urlsplit(settings.gateway)
    service = cluster.one("Service", str(url.hostname))
    assert url.port in {port["port"] for port in service["spec"]["ports"]}
    ports = ports_of(cluster.pods()["gateway"])
    assert ports == {"http": settings.http_port, "grpc": settings.grpc_port}


def test_the_gateway_knows_the_names_that_it_is_called_by(
    cluster: Cluster, settings: Settings
) -> None:
    [ingress] = cluster.kinds("Ingress")
    hosts = {rule["host"] for rule in ingress["spec"]["rules"]}
    assert hosts == {host for tls in ingress["spec"]["tls"] for host in tls["hosts"]}
    assert {*hosts, urlsplit(settings.gateway).hostname} <= set(settings.allowed_hosts or ())
    for rule in ingress["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            backend = path["backend"]["service"]
            service = cluster.one("Service", backend["name"])
            assert backend["port"]["name"] in {port["name"] for port in service["spec"]["ports"]}


def test_an_index_run_sends_every_encoder_two_batches(cluster: Cluster) -> None:
    most = cluster.one("HorizontalPodAutoscaler", "encoder")["spec"]["maxReplicas"]
    assert cluster.settings()["PHOTOSEEK_BATCHES_IN_FLIGHT"] == str(2 * most)


def test_nobody_sees_anything_without_the_key(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster never starts the gateway without its Secret; nor would the gateway itself."""
    for name, value in cluster.environment("gateway", SECRETS).items():
        monkeypatch.setenv(name, value)
    assert Access.of(load_settings(), MemoryState()).needed == "all"
    monkeypatch.delenv(PREFIX + "API_KEY")
    with pytest.raises(SettingsError, match="has no key"):
        check_guarded(load_settings())


def test_nothing_that_must_last_is_on_a_disk(settings: Settings) -> None:
    assert settings.index.startswith("s3://")
    assert settings.uploads.startswith("s3://")
    assert not settings.loopback
    assert any(settings.source.startswith(root) for root in settings.photo_roots or ())


def test_all_gateways_together_limit_a_client(cluster: Cluster, settings: Settings) -> None:
    replicas = cluster.one("Deployment", "gateway")["spec"]["replicas"]
    assert settings.requests_per_minute * replicas == REQUESTS_PER_MINUTE
