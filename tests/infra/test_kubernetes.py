"""What infra/kubernetes says, as far as it can be told without a cluster."""

from __future__ import annotations

import re
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

from cli.arguments import TASKS, parse
from executors.compat import DRAIN_SECONDS
from photoseek.settings import PREFIX, REQUESTS_PER_MINUTE, Settings, load_settings
from tests.infra.manifests import (
    FOLDER,
    Cluster,
    Manifest,
    container_of,
    copy_site,
    needs_kubectl,
    number,
    ports_of,
    render,
    variables_of,
)

DOCS = FOLDER.parents[1] / "docs" / "kubernetes.md"
CHECKOV = "checkov@3.3.30"

VERSIONS = ("1.30", kubernetes_validate.latest_version())
"""The oldest Kubernetes that has all of it, and the newest one whose schemas are known."""

PARTS = {"gateway", "encoder", "indexer"}
SECRETS = {
    "api-key": {"PHOTOSEEK_API_KEY": "k" * 48},
    "s3-keys": {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key"},
}

pytestmark = needs_kubectl()


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return render(FOLDER / "site")


@pytest.fixture(
    params=[(), ("keys",), ("gpu",), ("keys", "gpu")], ids=lambda names: "+".join(names)
)
def variant(request: pytest.FixtureRequest, tmp_path: Path) -> Cluster:
    return render(copy_site(tmp_path / "kubernetes", components=request.param))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_fits_its_schema(variant: Cluster, version: str) -> None:
    assert len(variant.manifests) > 15
    for manifest in variant.manifests:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_every_file_is_used() -> None:
    for folder in (FOLDER / "base", FOLDER / "site", *(FOLDER / "components").iterdir()):
        text = (folder / "kustomization.yaml").read_text("utf-8")
        for file in folder.iterdir():
            assert file.name == "kustomization.yaml" or file.name in text, file


# What belongs together


def test_deployments_and_budgets_select_their_own_pods(variant: Cluster) -> None:
    for manifest in variant.kinds("Deployment", "PodDisruptionBudget"):
        name = manifest["metadata"]["name"]
        assert variant.selected(manifest["spec"]["selector"]) == [name]
    for name, pod in variant.pods().items():
        for spread in pod["spec"].get("topologySpreadConstraints", []):
            assert variant.selected(spread["labelSelector"]) == [name]


def test_services_lead_to_ports_of_their_pods(variant: Cluster) -> None:
    services = variant.kinds("Service")
    assert {service["metadata"]["name"] for service in services} == PARTS
    for service in services:
        [name] = variant.selected({"matchLabels": service["spec"]["selector"]})
        assert name == service["metadata"]["name"]
        for port in service["spec"]["ports"]:
            # Headless Services have no ports but those of the pods.
            assert port["port"] == number(port["targetPort"], variant.pods()[name])
    headless = {s["metadata"]["name"] for s in services if s["spec"].get("clusterIP") == "None"}
    assert headless == {"encoder", "indexer"}


def test_the_autoscaler_has_something_to_scale(cluster: Cluster) -> None:
    [scaler] = cluster.kinds("HorizontalPodAutoscaler")
    target = scaler["spec"]["scaleTargetRef"]
    scaled = cluster.one(target["kind"], target["name"])
    assert scaled["apiVersion"] == target["apiVersion"]
    assert "replicas" not in scaled["spec"], "each apply would undo what the autoscaler did"
    assert container_of(scaled["spec"]["template"])["resources"]["requests"]["cpu"]


def test_nodes_can_be_drained(variant: Cluster) -> None:
    budgets = {b["metadata"]["name"]: b["spec"] for b in variant.kinds("PodDisruptionBudget")}
    assert set(budgets) == PARTS
    scaled = {
        scaler["spec"]["scaleTargetRef"]["name"]: scaler["spec"]["minReplicas"]
        for scaler in variant.kinds("HorizontalPodAutoscaler")
    }
    for name, budget in budgets.items():
        replicas = scaled.get(name) or variant.one("Deployment", name)["spec"]["replicas"]
        assert budget["maxUnavailable"] == 1
        assert "minAvailable" not in budget
        assert replicas >= 2, "a node that is drained would take the part away"


def test_a_pod_has_the_account_that_is_meant_for_it(cluster: Cluster) -> None:
    for name, pod in cluster.pods().items():
        account = cluster.one("ServiceAccount", pod["spec"]["serviceAccountName"])
        assert account["metadata"]["name"] == ("encoder" if name == "encoder" else "photoseek")
        role = "photoseek-encoder" if name == "encoder" else "photoseek"
        assert cluster.role(name).endswith(f":role/{role}")
        assert account["automountServiceAccountToken"] is False
        assert pod["spec"]["automountServiceAccountToken"] is False


def test_a_changed_setting_makes_new_pods(tmp_path: Path, cluster: Cluster) -> None:
    changed = render(copy_site(tmp_path / "kubernetes", settings={"PHOTOSEEK_LINK_SECONDS": "60"}))
    assert changed.settings()["PHOTOSEEK_LINK_SECONDS"] == "60"
    for name, pod in changed.pods().items():
        assert pod != cluster.pods()[name]
        assert changed.environment(name, SECRETS)["PHOTOSEEK_LINK_SECONDS"] == "60"


def test_a_namespace_can_be_chosen(tmp_path: Path) -> None:
    site = copy_site(tmp_path / "kubernetes")
    file = site / "kustomization.yaml"
    file.write_text(file.read_text("utf-8").replace("namespace: photoseek", "namespace: pictures"))
    cluster = render(site)
    [namespace] = cluster.kinds("Namespace")
    assert namespace["metadata"]["name"] == "pictures"
    others = [m for m in cluster.manifests if m is not namespace]
    assert {m["metadata"]["namespace"] for m in others} == {"pictures"}


# What runs


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


@pytest.fixture
def settings(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As the gateway's process reads them."""
    for name, value in cluster.environment("gateway", SECRETS).items():
        monkeypatch.setenv(name, value)
    return load_settings()


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


def test_nothing_that_must_last_is_on_a_disk(settings: Settings) -> None:
    assert settings.index.startswith("s3://")
    assert settings.uploads.startswith("s3://")
    assert not settings.loopback
    assert any(settings.source.startswith(root) for root in settings.photo_roots or ())


def test_all_gateways_together_limit_a_client(cluster: Cluster, settings: Settings) -> None:
    replicas = cluster.one("Deployment", "gateway")["spec"]["replicas"]
    assert settings.requests_per_minute * replicas == REQUESTS_PER_MINUTE


def test_every_part_is_watched(variant: Cluster) -> None:
    for name in PARTS:
        pod = variant.pods()[name]
        container = container_of(pod)
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = container[kind]
            if name == "gateway":
                expected = "/readyz" if kind == "startupProbe" else "/healthz"
                assert probe["httpGet"] == {"path": expected, "port": "http"}
            else:
                assert probe["grpc"]["port"] == ports_of(pod)["grpc"]
        # Longer than what keeps a part busy, and longer than what keeps requests away.
        liveness, readiness = container["livenessProbe"], container["readinessProbe"]
        assert liveness["periodSeconds"] * liveness["failureThreshold"] >= 60
        assert readiness["periodSeconds"] <= liveness["periodSeconds"]


def test_a_part_that_stops_has_time_to_finish(variant: Cluster) -> None:
    for name in PARTS:
        pod = variant.pods()[name]
        before = container_of(pod)["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert pod["spec"]["terminationGracePeriodSeconds"] >= before + DRAIN_SECONDS + 10


def test_every_container_is_confined(variant: Cluster) -> None:
    [namespace] = variant.kinds("Namespace")
    enforced = namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
    assert enforced == "restricted"
    for pod in variant.pods().values():
        assert pod["spec"]["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        container = container_of(pod)
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        [mount] = container["volumeMounts"]
        [volume] = pod["spec"]["volumes"]
        assert mount == {"name": volume["name"], "mountPath": "/tmp"}
        assert volume["emptyDir"]["sizeLimit"]


def test_every_container_has_limits(variant: Cluster) -> None:
    for pod in variant.pods().values():
        resources = container_of(pod)["resources"]
        for what in ("cpu", "memory"):
            assert resources["requests"][what]
            assert resources["limits"][what]


def test_the_encoder_counts_its_own_processors(variant: Cluster) -> None:
    """Torch and Python would count the node's, and be throttled."""
    processors = container_of(variant.pods()["encoder"])["resources"]["limits"]["cpu"]
    environment = variant.environment("encoder", SECRETS)
    assert environment["OMP_NUM_THREADS"] == processors
    assert environment["PHOTOSEEK_DECODE_THREADS"] == processors


def test_photos_on_their_way_fit_into_an_encoder(variant: Cluster) -> None:
    """The model, and photos as large as they may be, before they are decoded and while they are."""
    environment = variant.environment("encoder", SECRETS)
    limits = Settings.model_fields
    fetched = int(environment["PHOTOSEEK_FETCH_THREADS"]) * limits["max_megabytes"].default
    pixels = int(environment["PHOTOSEEK_DECODE_THREADS"]) * limits["max_megapixels"].default * 3
    limit = container_of(variant.pods()["encoder"])["resources"]["limits"]["memory"]
    assert 1600 + fetched + pixels < int(limit.removesuffix("Gi")) * 1024


def test_only_those_who_need_the_key_have_it(variant: Cluster) -> None:
    has_it = {n for n, pod in variant.pods().items() if "PHOTOSEEK_API_KEY" in variables_of(pod)}
    assert has_it == {"gateway", "index"}
    assert PREFIX + "API_KEY" not in variant.settings()
    assert not variant.kinds("Secret"), "a secret in a file would be committed one day"


# Who may speak to whom


def test_only_the_gateway_reaches_the_other_parts(variant: Cluster) -> None:
    allowed = {
        (source, target, port)
        for source in variant.pods()
        for target, pod in variant.pods().items()
        for port in {8080, 8081, 8082, 8083, 9000, *ports_of(pod).values()}
        if _may_send(variant, source, target, port) and _may_get(variant, source, target, port)
    }
    assert allowed == {
        ("gateway", "encoder", 8082),
        ("gateway", "indexer", 8083),
        ("index", "gateway", 8080),
    }


def _may_send(cluster: Cluster, source: str, target: str, port: int) -> bool:
    pods = cluster.pods()
    return any(
        target in cluster.selected(peer["podSelector"])
        and port in {number(p["port"], pods[target]) for p in rule["ports"]}
        for rule in _rules(cluster, source, "egress")
        for peer in rule["to"]
        if set(peer) == {"podSelector"}
    )


def _may_get(cluster: Cluster, source: str, target: str, port: int) -> bool:
    pods = cluster.pods()
    return any(
        source in cluster.selected(peer["podSelector"])
        and port in {number(p["port"], pods[target]) for p in rule["ports"]}
        for rule in _rules(cluster, target, "ingress")
        for peer in rule["from"]
        if set(peer) == {"podSelector"}
    )


def _rules(cluster: Cluster, name: str, way: str) -> list[Manifest]:
    """The rules for a pod. There is a policy without any, so all that is not allowed is refused."""
    policies = [
        policy["spec"]
        for policy in cluster.kinds("NetworkPolicy")
        if name in cluster.selected(policy["spec"]["podSelector"])
        and way.capitalize() in policy["spec"]["policyTypes"]
    ]
    assert not all(policy.get(way) for policy in policies)
    return [rule for policy in policies for rule in policy.get(way, [])]


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("52.219.170.1", {80, 443}),  # S3
        ("169.254.169.254", set()),  # where a node's keys are given out
        ("169.254.170.23", set()),
        ("10.0.0.1", set()),
        ("172.20.0.1", set()),  # the Kubernetes API
        ("192.168.1.1", set()),
        ("100.64.0.1", set()),
        ("127.0.0.1", {80, 443}),  # a pod itself, where nothing listens on these
    ],
)
def test_photos_cannot_lead_into_private_networks(
    cluster: Cluster, address: str, reached: set[int]
) -> None:
    for name in cluster.pods():
        found = {
            port["port"]
            for rule in _rules(cluster, name, "egress")
            for peer in rule["to"]
            if "ipBlock" in peer and _contains(peer["ipBlock"], address)
            for port in rule["ports"]
        }
        assert found == reached


def _contains(block: Manifest, address: str) -> bool:
    excepted = map(ip_network, block.get("except", []))
    inside = ip_address(address) in ip_network(block["cidr"])
    return inside and not any(ip_address(address) in network for network in excepted)


# The components


def test_encoders_on_gpus(tmp_path: Path) -> None:
    cluster = render(copy_site(tmp_path / "kubernetes", components=["gpu"]))
    container = container_of(cluster.pods()["encoder"])
    assert container["image"].startswith("photoseek-cuda")
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert cluster.environment("encoder", SECRETS)["PHOTOSEEK_DEVICE"] == "cuda"
    assert not cluster.kinds("HorizontalPodAutoscaler")
    others = {container_of(pod)["image"] for n, pod in cluster.pods().items() if n != "encoder"}
    [image] = others
    assert image.startswith("registry.example.org/photoseek:")


def test_keys_of_an_s3_server(tmp_path: Path) -> None:
    cluster = render(copy_site(tmp_path / "kubernetes", components=["keys"]))
    for pod in cluster.pods().values():
        assert {"secretRef": {"name": "s3-keys"}} in container_of(pod)["envFrom"]
    policy = cluster.one("NetworkPolicy", "s3")
    assert cluster.selected(policy["spec"]["podSelector"]) == list(cluster.pods())


# What the documentation tells


def test_the_secrets_of_the_documentation_are_those_that_pods_ask_for(tmp_path: Path) -> None:
    cluster = render(copy_site(tmp_path / "kubernetes", components=["keys"]))
    lines = re.compile(r"^kubectl .*create secret(?:.*\\\n)*.*", re.M)
    commands = lines.findall(DOCS.read_text("utf-8"))
    made = {}
    for command in commands:
        dry = f"{command} --dry-run=client -o yaml"
        done = subprocess.run(["bash", "-euc", dry], capture_output=True, text=True, check=True)
        secret = yaml.safe_load(done.stdout)
        kubernetes_validate.validate(
            {**secret, "metadata": {k: v for k, v in secret["metadata"].items() if v}},
            VERSIONS[0],
            strict=True,
        )
        assert secret["metadata"]["namespace"] == "photoseek"
        made[secret["metadata"]["name"]] = set(secret["data"])
    assert made == {name: set(values) for name, values in SECRETS.items()}
    for pod in cluster.pods().values():
        for variable in container_of(pod).get("env", []):
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                assert reference["key"] in made[reference["name"]]


def test_the_names_in_the_documentation_are_those_of_the_manifests(cluster: Cluster) -> None:
    text = DOCS.read_text("utf-8")
    oldest, newest = (version[:4] for version in VERSIONS)
    assert f"the\nschemas of Kubernetes {oldest} and {newest}" in text
    for name in re.findall(r"--from=cronjob/(\w+)", text):
        assert cluster.one("CronJob", name)
    for kind, name in re.findall(r"(deployment|service|configmap|hpa)/(\w+)", text):
        kinds = {"hpa": "HorizontalPodAutoscaler", "configmap": "ConfigMap"}
        assert cluster.one(kinds.get(kind, kind.capitalize()), name)
    for path in re.findall(r"`(infra/kubernetes/[\w./-]+)`", text):
        assert (FOLDER.parents[1] / path).exists(), path


def test_checkov_finds_nothing(tmp_path: Path, cluster: Cluster) -> None:
    rendered = tmp_path / "site.yaml"
    rendered.write_text(yaml.safe_dump_all(cluster.manifests), "utf-8")
    uv = Path(sys.executable).parent / "uv"
    command: list[str | Path] = [
        uv,
        "tool",
        "run",
        CHECKOV,
        "--config-file",
        FOLDER / "checkov.yaml",
    ]
    done = subprocess.run([*command, "--file", rendered], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert re.search(r"Passed checks: \d{3}, Failed checks: 0", done.stdout), done.stdout
