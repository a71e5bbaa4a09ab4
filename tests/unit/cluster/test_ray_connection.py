"""What names a cluster, and what is said where none answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek.cli.arguments import parse
from photoseek.cluster.ray_connection import connected, is_cluster
from photoseek.errors import MissingPackageError, ServiceError
from photoseek.helpers import extras
from photoseek.helpers.ports import free_ports


@pytest.mark.parametrize("text", ["ray", "ray://head:10001", "ray://10.0.0.7:1", "ray://[::1]:10"])
def test_a_cluster_is_named_by_its_head_or_is_the_one_here(text: str) -> None:
    assert is_cluster(text)
    assert parse(["index", "--on", text]).on == text


@pytest.mark.parametrize("text", ["", "rays", "ray://", "ray://head", "head:10001", "ray://h:1/p"])
def test_another_name_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert not is_cluster(text)
    with pytest.raises(SystemExit):
        parse(["index", "--on", text])
    assert "names no Ray cluster; write ray://HOST:10001" in capsys.readouterr().err


@pytest.mark.parametrize("other", [["--watch", "5"], ["--gateway", "http://h:1"]])
def test_it_is_for_one_look_and_the_index_itself(
    other: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(["index", "--on", "ray", *other])
    assert f"leave {other[0]} out" in capsys.readouterr().err


@pytest.mark.parametrize("is_named", [True, False])
def test_where_nobody_listens_that_is_said_at_once(
    is_named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray")
    [port] = free_ports(1)
    address = f"127.0.0.1:{port}"
    monkeypatch.setenv("RAY_ADDRESS", "" if is_named else address)
    cluster = f"ray://{address}" if is_named else "ray"
    with (
        pytest.raises(ServiceError, match=rf"No Ray cluster answers at .*{address} \(.*refused"),
        connected(cluster),
    ):
        raise AssertionError("there is no cluster")


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "has_extra", lambda _: False)
    with pytest.raises(MissingPackageError, match=r"(?s)Ray cluster need the package ray.*\[ray\]"):
        connected("ray").__enter__()


@pytest.mark.parametrize(("says", "starts"), [("timed out during startup", 2), ("no memory", 1)])
def test_a_cluster_of_this_machine_that_was_too_slow_is_started_once_more(
    says: str, starts: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = pytest.importorskip("ray")
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    begun = []

    def init(address: str, **_: object) -> None:
        begun.append(address)
        if len(begun) == 1 or starts == 1:
            raise Exception(f"The current node {says}. This could happen because")

    monkeypatch.setattr(ray, "init", init)
    if starts == 1:
        with pytest.raises(ServiceError, match=f"of this machine cannot be used: .*{says}"):
            connected("ray").__enter__()
    else:
        with connected("ray") as found:
            assert found is ray
    assert begun == ["local"] * starts
