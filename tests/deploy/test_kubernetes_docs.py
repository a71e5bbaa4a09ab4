"""What docs/kubernetes.md says of infra/kubernetes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import kubernetes_validate
import yaml

from tests.support.deploy.manifests import (
    FOLDER,
    NEEDS_KUBECTL,
    SECRETS,
    VERSIONS,
    Cluster,
    container_of,
    copy_site,
    render,
)

DOCS = FOLDER.parents[1] / "docs" / "kubernetes.md"

pytestmark = NEEDS_KUBECTL


def test_the_secrets_of_the_documentation_are_those_that_pods_ask_for(tmp_path: Path) -> None:
    cluster = render(copy_site(tmp_path / "kubernetes", components=["engine", "redis", "keys"]))
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
