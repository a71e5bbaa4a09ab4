"""compose.yaml: valid, and every container as little trusted as it can be."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from photoseek.errors import SettingsError
from photoseek.flow.compat import DRAIN_SECONDS
from photoseek.guarding import check_guarded, why_exposed
from photoseek.settings import PREFIX, SECRETS, SECRETS_OF, load_settings
from tests.support.deploy.compose import COMPOSE, compose_file
from tests.support.deploy.dockerfile import the

SERVICES: dict[str, dict[str, Any]] = compose_file({})["services"]
OURS = [name for name, service in SERVICES.items() if "photoseek" in service["image"]]
PARTS = {"gateway", "encoder", "indexer"}
JOBS = {"index", "download", "copy"}
ELASTIC = {"elastic1", "elastic2", "elastic3"}
ENGINES = ELASTIC | {"opensearch", "milvus"}

each_service = pytest.mark.parametrize("name", SERVICES)


def test_it_satisfies_the_schema_of_compose() -> None:
    check = Path(sys.executable).parent / "check-jsonschema"
    schema = ["--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([check, *schema, COMPOSE], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_each_step_is_a_service() -> None:
    assert set(SERVICES) == PARTS | JOBS | ENGINES | {"watch", "work", "s3", "caddy"}
    profiles = {name: service.get("profiles", []) for name, service in SERVICES.items()}
    assert {name for name, profile in profiles.items() if not profile} == PARTS
    assert {name for name, profile in profiles.items() if profile == ["jobs"]} == JOBS
    assert {name for name, profile in profiles.items() if profile == ["elastic"]} == ELASTIC
    assert profiles["caddy"] == ["https"]
    for name in ("watch", "work", "s3", "opensearch", "milvus"):
        assert profiles[name] == [name]


def test_one_service_builds_the_image_that_the_others_use() -> None:
    """Several that export one tag at once fail on engines with the containerd image store."""
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["gateway"]
    assert {SERVICES[name]["image"] for name in OURS} == {"photoseek"}


@pytest.mark.parametrize("name", OURS)
def test_nothing_is_pulled(name: str) -> None:
    """A registry would be asked for library/photoseek, which is not ours."""
    assert SERVICES[name]["pull_policy"] == "never"


def test_engines_of_before_25_take_every_health_check() -> None:
    """They end with "can't set healthcheck.start_interval"."""
    for service in SERVICES.values():
        assert "start_interval" not in service.get("healthcheck", {})


@each_service
def test_a_container_may_do_no_more_than_it_must(name: str) -> None:
    """The images of engines write beside their programs."""
    service = SERVICES[name]
    assert service.get("read_only", False) is (name not in ENGINES)
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "caddy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert not any("docker.sock" in volume for volume in service["volumes"])
    assert re.fullmatch(r"\d+[gm]", service["mem_limit"])
    assert service["pids_limit"] > 0


@each_service
def test_what_dies_is_started_again(name: str) -> None:
    assert SERVICES[name]["restart"] == ("no" if name in JOBS else "unless-stopped")


@each_service
def test_what_serves_is_checked(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    if name in JOBS:
        assert check == {"disable": True}
    elif name in ("watch", "work"):
        assert check["test"] == ["CMD", "true"]  # or `up --wait` fails for the want of one
    else:
        assert check["test"][0] == "CMD"
        assert check["start_period"]


@pytest.mark.parametrize("name", OURS)
def test_there_is_time_to_finish_the_requests_in_flight(name: str) -> None:
    assert float(SERVICES[name]["stop_grace_period"].removesuffix("s")) >= DRAIN_SECONDS + 5


def test_parts_start_in_order() -> None:
    needs = {name: set(service.get("depends_on", ())) for name, service in SERVICES.items()}
    assert needs["gateway"] == {"encoder", "indexer"}
    for name in ("index", "watch", "work", "caddy"):
        assert needs[name] == {"gateway"}
    for name in ("indexer", "copy"):
        assert needs[name] == ENGINES
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_healthy"
            assert how.get("required", True) is (needed not in ENGINES)


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_nobody_but_who_uses_the_index_reaches_an_engine(name: str) -> None:
    """They ask for no password."""
    assert SERVICES[name]["networks"] == ["engines"]
    assert "ports" not in SERVICES[name]
    there = {other for other in SERVICES if "engines" in SERVICES[other].get("networks", ())}
    assert there == ENGINES | {"indexer", "copy"}
    assert compose_file({})["networks"]["engines"] == {"internal": True}


def test_three_nodes_make_one_cluster() -> None:
    """Two of them agree on who leads, and each says that it is well when there are two."""
    nodes = {name: SERVICES[name] for name in ELASTIC}
    for name, node in nodes.items():
        settings = node["environment"]
        assert settings["node.name"] == name
        for which in ("discovery.seed_hosts", "cluster.initial_master_nodes"):
            assert set(settings[which].split(",")) == ELASTIC
        assert "wait_for_nodes=>=2&" in node["healthcheck"]["test"][-1]
    assert len({node["volumes"][0] for node in nodes.values()}) == 3


@pytest.mark.parametrize("name", sorted(ENGINES - {"milvus"}))
def test_half_of_an_engines_memory_is_its_heap(name: str) -> None:
    service = SERVICES[name]
    [options] = [value for key, value in service["environment"].items() if "JAVA_OPTS" in key]
    [first, most] = re.findall(r"-Xm[sx](\d+)g", options)
    assert first == most
    assert int(service["mem_limit"].removesuffix("g")) == 2 * int(first)


def test_nothing_but_the_proxy_is_reached_from_other_machines() -> None:
    for name, service in SERVICES.items():
        for port in service.get("ports", []):
            assert name == "caddy" or port.startswith("127.0.0.1:"), port
    published = {port.rpartition(":")[2] for port in SERVICES["gateway"]["ports"]}
    assert published <= set(the("EXPOSE").text.split())


def test_only_who_needs_them_gets_the_keys() -> None:
    for name in ("encoder", "indexer"):
        environment = SERVICES[name]["environment"]
        keys = set(SECRETS) - {"parts_secret"}
        emptied = {key for key in keys if environment.get(PREFIX + key.upper()) == ""}
        assert emptied == keys - set(SECRETS_OF[name])
    keys = {PREFIX + key.upper() for key in SECRETS_OF["indexer"]}
    for name in set(OURS) - {"encoder", "indexer"}:
        environment = SERVICES[name]["environment"]
        emptied = {key for key in keys if environment.get(key) == ""}
        assert emptied == (set() if name == "copy" else keys)


@pytest.mark.parametrize("name", ["gateway", "encoder", "indexer"])
def test_the_parts_share_a_secret_and_where_it_lies(name: str) -> None:
    file = SERVICES[name]["environment"]["PHOTOSEEK_PARTS_SECRET_FILE"]
    assert f"data:{Path(file).parent}" in SERVICES[name]["volumes"]
    assert SERVICES[name]["environment"]["PHOTOSEEK_PARTS_HOST"] == "0.0.0.0"


@pytest.mark.parametrize("name", OURS)
def test_the_settings_are_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {
        "SITE_ADDRESS": "photos.example.org",
        "PHOTOSEEK_IMAGE": "registry.example/photoseek:1",
        "PHOTOSEEK_SOURCE": "s3://bucket/photos",
    }
    service = compose_file(variables)["services"][name]
    assert service["image"] == "registry.example/photoseek:1"
    assert service["env_file"] == [{"path": ".env", "required": False}]
    for variable, value in (the("ENV").pairs() | variables | service["environment"]).items():
        if variable.startswith(PREFIX):
            monkeypatch.setenv(variable, value)
    settings = load_settings()
    with pytest.raises(SettingsError, match=r"names photos\.example\.org, and it has no key"):
        check_guarded(settings)
    assert settings.api_key_for == "all"
    assert settings.host == "0.0.0.0"
    assert settings.index == "/data/index"
    assert settings.source == "s3://bucket/photos"
    assert settings.encoder == "encoder:8082"
    assert settings.allowed_hosts == ("photos.example.org",)
    assert settings.photo_roots == ("/photos", "/data/photos")
    subnet = compose_file({})["networks"]["default"]["ipam"]["config"][0]["subnet"]
    assert settings.trusted_proxies == (subnet,)


@pytest.mark.parametrize(
    ("env_file", "refused"),
    [
        ({}, ""),
        ({"SITE_ADDRESS": "localhost"}, ""),
        ({"HTTP_BIND": "127.0.0.2"}, ""),
        ({"HTTP_BIND": "0.0.0.0"}, "its ports are published on 0.0.0.0"),
        ({"SITE_ADDRESS": "photos.example.org"}, "names photos.example.org"),
        ({"SITE_ADDRESS": "photos.example.org", "PHOTOSEEK_API_KEY_FOR": "none"}, ""),
    ],
)
def test_it_starts_without_a_key_for_this_machine_alone(
    monkeypatch: pytest.MonkeyPatch, env_file: dict[str, str], refused: str
) -> None:
    environment = compose_file(env_file)["services"]["gateway"]["environment"]
    for variable, value in (env_file | environment).items():
        if variable.startswith(PREFIX):
            monkeypatch.setenv(variable, value)
    settings = load_settings()
    assert refused in why_exposed(settings)
    with pytest.raises(SettingsError) if refused else nullcontext():
        check_guarded(settings)
    check_guarded(load_settings(api_key="correct-horse-battery"))


def test_the_gateway_answers_to_the_name_that_the_jobs_use() -> None:
    assert load_settings().allowed_hosts is None
    host = SERVICES["index"]["environment"]["PHOTOSEEK_GATEWAY"].removeprefix("http://")
    assert host.partition(":")[0] == SERVICES["gateway"]["hostname"]


def test_what_is_written_lies_in_volumes() -> None:
    volumes = set(compose_file({})["volumes"])
    for service in SERVICES.values():
        for volume in service["volumes"]:
            source, target, *rest = volume.split(":")
            assert source in volumes or rest == ["ro"], volume
            assert target.startswith("/")
    assert set(the("VOLUME").words()) == {"/data", "/models"}
    assert {"data:/data", "models:/models"} <= set(SERVICES["encoder"]["volumes"])


def test_caddy_serves_the_site_and_passes_on_to_the_gateway() -> None:
    caddyfile = (COMPOSE.parent / "infra" / "caddy" / "Caddyfile").read_text("utf-8")
    assert "\n{$SITE_ADDRESS:localhost} {\n" in caddyfile
    assert "reverse_proxy gateway:8080 {" in caddyfile
    assert "./infra/caddy/Caddyfile:/etc/caddy/Caddyfile:ro" in SERVICES["caddy"]["volumes"]
