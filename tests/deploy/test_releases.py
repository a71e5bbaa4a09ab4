"""What a host does when it is told to start, to upgrade and to go back: deploy.sh, run for real.

Docker and AWS are stand-ins: a folder is the bucket, and a file the key. test_host.py has the real
command line of AWS, and test_docker_engine.py a real engine as well.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.deploy.cloud import AWS, PROGRAM, Cloud
from tests.support.deploy.host import LIBRARY, Host
from tests.support.deploy.terraform import FOLDER
from tests.support.waiting import PATIENCE

UP = "docker compose up --detach --no-build --remove-orphans --wait --wait-timeout 1800"


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    cloud = Cloud(tmp_path / "cloud")
    cloud.send()
    cloud.make_key("the-first-key")
    return cloud


@pytest.fixture
def host(cloud: Cloud, tmp_path: Path) -> Host:
    host = Host(tmp_path / "disk", "", tmp_path / "tools")
    host.settings.mkdir(parents=True)
    (host.settings / "settings.env").write_text("TORCH='cpu'\n")
    place = {"IMAGE": "", "KEY_PARAMETER": "/key", "REGION": "", "SOURCE": "s3://source"}
    (host.settings / "place.env").write_text("".join(f"{n}='{v}'\n" for n, v in place.items()))
    library = host.disk / LIBRARY.lstrip("/")
    library.mkdir(parents=True)
    shutil.copy(FOLDER / "host" / "deploy.sh", library)
    host.place_tools(aws=AWS)
    return host


@pytest.fixture
def running(host: Host, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host on which version 1 runs."""
    monkeypatch.setenv("CLOUD", str(cloud.folder))
    deploy(host, "start")
    return host


def deploy(host: Host, how: str, **extra: str) -> str:
    """What is said while it succeeds."""
    result = host.run("deploy.sh", how, **extra)
    assert result.returncode == 0, result.stderr
    return result.stderr


def fail(host: Host, how: str, **extra: str) -> str:
    """What is said while it fails."""
    result = host.run("deploy.sh", how, **extra)
    assert result.returncode == 1, result.stdout + result.stderr
    return result.stderr


def builds(host: Host) -> bool:
    return "docker compose build" in host.calls


def test_a_reboot_starts_what_ran_and_asks_nobody(running: Host, cloud: Cloud) -> None:
    cloud.send(**{"app.py": "print('sent, and not asked for')\n"})
    ran = running.runs
    deploy(running, "start", CLOUD="/away")
    assert running.calls == ["docker version", f"docker image inspect {ran}", UP]
    assert running.runs == ran


def test_a_host_without_an_image_fetches_the_program(running: Host) -> None:
    """As the first start does, or one after somebody has removed it."""
    (running.disk / "images").write_text("")
    deploy(running, "start")
    assert builds(running)
    assert running.runs in running.images


def test_a_file_of_the_same_length_is_replaced_both_ways(running: Host, cloud: Cloud) -> None:
    """Security fixes nearly always keep the length of a pin; a sync goes by size and time."""
    first = running.runs
    pins = running.current / "requirements.txt"
    cloud.send(**{"requirements.txt": "pillow==13.0.1\n"})
    deploy(running, "upgrade")
    assert builds(running)
    assert running.runs != first
    assert pins.read_text() == "pillow==13.0.1\n"
    deploy(running, "rollback")
    assert not builds(running)
    assert running.runs == first
    assert pins.read_text() == "pillow==13.0.0\n"


def test_an_upgrade_to_what_runs_builds_nothing(running: Host) -> None:
    ran = running.runs
    deploy(running, "upgrade")
    assert not builds(running)
    assert running.runs == ran
    assert running.images == {ran}


@pytest.mark.parametrize("what", ["changed", "too much", "missing"])
def test_a_program_that_came_half_is_not_built(what: str, running: Host, cloud: Cloud) -> None:
    if what == "changed":
        cloud.put({"requirements.txt": "pillow==13.0.1\n"})
    elif what == "too much":
        cloud.put({"photoseek/old.py": "# of a version that is being replaced\n"})
    else:
        cloud.remove("compose.yaml")
    said = fail(running, "upgrade")
    assert "a terraform apply broke off, or is at work" in said
    assert running.calls == ["docker version"]
    assert (running.current / "requirements.txt").read_text() == "pillow==13.0.0\n"


def test_what_does_not_come_up_is_taken_back(running: Host, cloud: Cloud) -> None:
    first = running.runs
    cloud.send(**{"app.py": "dies at its start\n"})
    said = fail(running, "upgrade")
    assert f"did not come up. Going back to {first}." in said
    assert "docker compose --project-name photoseek logs --no-color --tail 20" in running.calls
    stop = running.calls.index("docker compose --project-name photoseek stop --timeout 20")
    assert UP in running.calls[:stop]  # or what keeps dying is seen again
    assert UP in running.calls[stop:]
    assert running.runs == first
    assert running.images == {first}
    assert (running.current / "app.py").read_text() == PROGRAM["app.py"]
    deploy(running, "start")
    assert running.runs == first


def test_what_cannot_be_built_changes_nothing(running: Host, cloud: Cloud) -> None:
    first = running.runs
    cloud.send(**{"app.py": "print('version 2')\n"})
    said = fail(running, "upgrade", REFUSED="compose build")
    assert "could not be built. What ran goes on." in said
    assert UP not in running.calls
    assert (running.current / "app.py").read_text() == PROGRAM["app.py"]
    assert [path.name for path in (running.root / "releases").iterdir()] == [
        first.removeprefix("photoseek:")
    ]


def test_the_last_two_stay_and_nothing_of_others_goes(running: Host, cloud: Cloud) -> None:
    others = {"postgres:17", "photoseek:mine", "photoseek:latest", "mine/photoseek:0123456789ab"}
    with (running.disk / "images").open("a") as images:
        images.writelines(f"{name}\n" for name in others)
    ran = [running.runs]
    for number in (2, 3):
        cloud.send(**{"app.py": f"print('version {number}')\n"})
        deploy(running, "upgrade")
        ran.append(running.runs)
    assert running.images == {*ran[1:], *others}
    assert {f"photoseek:{path.name}" for path in (running.root / "releases").iterdir()} == {
        *ran[1:]
    }
    assert not any("image prune" in call or "system prune" in call for call in running.calls)
    assert "docker builder prune --force --keep-storage 10GB" in running.calls


def test_a_new_key_is_put_to_use_and_stays_after_a_rollback(running: Host, cloud: Cloud) -> None:
    """Each release keeps its own settings; a key that was replaced does not come back."""
    cloud.send(**{"app.py": "print('version 2')\n"})
    with (running.settings / "settings.env").open("a") as settings:
        settings.write("PHOTOSEEK_NEW='what version 1 refuses'\n")
    deploy(running, "upgrade")
    cloud.make_key("the-second-key")
    deploy(running, "upgrade")
    assert not builds(running)
    environment = (running.current / ".env").read_text()
    assert "PHOTOSEEK_API_KEY='the-second-key'\n" in environment
    assert "PHOTOSEEK_NEW=" in environment
    deploy(running, "rollback")
    environment = (running.current / ".env").read_text()
    assert "PHOTOSEEK_API_KEY='the-second-key'\n" in environment
    assert "the-first-key" not in environment
    assert "PHOTOSEEK_NEW=" not in environment
    assert (running.current / ".env").stat().st_mode & 0o077 == 0


def test_the_key_of_an_engine_comes_from_a_parameter_of_its_own(
    running: Host, cloud: Cloud
) -> None:
    with (running.settings / "place.env").open("a") as place:
        place.write("ENGINE_KEY='PHOTOSEEK_ENGINE_PASSWORD'\nENGINE_KEY_PARAMETER='/engine'\n")
    for program, password in (("2", "first"), ("3", "second")):
        cloud.send(**{"app.py": f"print('version {program}')\n"})
        (cloud.folder / "engine").write_text(f"the-{password}-password\n")
        deploy(running, "upgrade")
    deploy(running, "rollback")
    environment = (running.current / ".env").read_text()
    assert "PHOTOSEEK_ENGINE_PASSWORD='the-second-password'\n" in environment
    (cloud.folder / "engine").write_text("it's not to be had\n")
    assert "/engine has an apostrophe or a line break" in fail(running, "upgrade")
    assert (running.current / ".env").read_text() == environment


def test_a_key_that_nothing_starts_with_is_taken_back(running: Host, cloud: Cloud) -> None:
    cloud.make_key("another-key")
    fail(running, "upgrade", REFUSED="compose up*")
    assert "PHOTOSEEK_API_KEY='the-first-key'\n" in (running.current / ".env").read_text()


def test_there_is_nothing_to_go_back_to_at_first(running: Host, cloud: Cloud) -> None:
    said = fail(running, "rollback")
    assert "There is no program from before the last upgrade on this host." in said
    assert UP not in running.calls


def test_a_first_program_that_does_not_come_up_is_an_error(
    host: Host, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUD", str(cloud.folder))
    cloud.send(**{"app.py": "dies at its start\n"})
    assert "there is nothing on this host to go back to" in fail(host, "start")
    cloud.send()
    deploy(host, "start")  # systemd tries again
    assert (host.current / "app.py").read_text() == PROGRAM["app.py"]


def test_two_at_once_wait_for_each_other(running: Host) -> None:
    (running.disk / "calls").unlink(missing_ok=True)
    with (running.root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen(
            running.command("deploy.sh", "start"),
            env=running.environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr
        assert "Another deployment is at work here" in process.stderr.readline()
        assert running.calls == []
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert UP in running.calls


def test_an_engine_that_is_away_is_none_without_images(running: Host, cloud: Cloud) -> None:
    """Or a boot would bring what nobody has asked for."""
    cloud.send(**{"app.py": "print('sent, and not asked for')\n"})
    fail(running, "start", REFUSED="version")
    assert running.calls == ["docker version"]
    assert (running.current / "app.py").read_text() == PROGRAM["app.py"]


def test_a_cloud_that_is_away_changes_nothing(running: Host) -> None:
    ran = running.runs
    assert running.run("deploy.sh", "upgrade", CLOUD="/away").returncode == 255
    assert running.calls == ["docker version"]
    deploy(running, "start", CLOUD="/away")
    assert running.runs == ran


def test_what_there_is_not_is_told(running: Host) -> None:
    result = running.run("deploy.sh", "forwards")
    assert result.returncode == 2
    assert result.stderr == "usage: deploy.sh start|upgrade|rollback\n"
