"""What doctor finds, in what is there and in what is broken."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest
from huggingface_hub import constants

from photoseek import __version__
from photoseek.cli.checks.access_checks import look_at_key, look_at_source
from photoseek.cli.checks.findings import Finding, Subject, findings_of
from photoseek.cli.checks.index_checks import look_at_index
from photoseek.cli.checks.machine_checks import (
    look_at_clock,
    look_at_disk,
    look_at_folders,
    look_at_memory,
    look_at_open_files,
)
from photoseek.cli.checks.model_checks import (
    look_at_devices,
    look_at_speed,
    look_at_torch,
    look_at_weights,
    model_name,
)
from photoseek.cli.checks.port_checks import look_at_ports
from photoseek.cli.checks.program_checks import (
    NEEDED,
    NEWEST,
    OLDEST,
    look_at_extras,
    look_at_packages,
    look_at_page,
    look_at_python,
)
from photoseek.cli.checks.settings_checks import look_at_settings, usable_settings
from photoseek.cli.checks.sharing_checks import look_at_redis
from photoseek.errors import ModelError
from photoseek.helpers.installation import CHECKOUT
from photoseek.helpers.ports import free_ports
from photoseek.indexing.default_model import default_model
from photoseek.settings import Settings, load_settings
from photoseek.store import open_store
from photoseek.store.lance.opening import layout_of
from photoseek.store.switching import reindexing_engine
from tests.servers.redis import own_redis
from tests.support.in_process import running_service
from tests.support.models import save_model
from tests.support.stored_photos import MODEL, encoded
from tests.support.web_server import running_server


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def index(here: Path) -> Path:
    store = open_store(here / "index", MODEL)
    for start in (0, 5):
        store.upsert([encoded(number) for number in range(start, start + 5)])
    return here / "index"


def subject(name: str = "demo", /, **given: Any) -> Subject:
    return Subject(usable_settings(given), given, name)


def one(found: Iterator[Finding]) -> Finding:
    [finding] = found
    return finding


def in_shell(command_line: str) -> str:
    done = subprocess.run(["bash", "-c", command_line], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_this_python_is_one_that_photoseek_was_run_with() -> None:
    python, program = look_at_python(subject())
    assert python.state == "ok"
    assert sys.prefix in python.found
    assert __version__ in program.found


def test_what_is_installed_is_listed() -> None:
    assert one(look_at_packages(subject())).state == "ok"
    flow, s3 = look_at_extras(subject(index="s3://bucket/index"))
    assert (flow.state, s3.state) == ("ok", "ok")
    assert "boto3 1." in s3.found
    assert one(look_at_page(subject())).name == "page"


def test_an_index_in_an_engine_needs_other_things(tmp_path: Path) -> None:
    away = subject(index="milvus://127.0.0.1:9/photos", blobs=str(tmp_path / "blobs"))
    _, _, milvus = look_at_extras(away)
    assert milvus.state == ("ok" if find_spec("pymilvus") else "wrong")
    assert "pymilvus" in milvus.found
    folders = {finding.name: finding.found for finding in look_at_folders(away)}
    assert set(folders) == {"folder of state", "folder of blobs", "folder of uploads"}
    assert folders["folder of blobs"] == f"{tmp_path}/blobs can be written."
    assert "disk of the index" not in {finding.name for finding in look_at_disk(away)}
    nowhere = subject(index="elastic+http://127.0.0.1:9/photos")
    [index] = look_at_index(nowhere)
    assert (index.state, index.mend) == ("wrong", "")
    assert "Elasticsearch does not answer at http://127.0.0.1:9" in index.found


def test_what_is_looked_for_is_what_photoseek_is_installed_with() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[^\w-]", each)[0] for each in project["dependencies"]}
    assert {*NEEDED, "torch"} <= needed
    supported = [text.rpartition(" ")[2] for text in project["classifiers"] if ":: 3." in text]
    assert [".".join(map(str, each)) for each in (OLDEST, NEWEST)] == [supported[0], supported[-1]]


def test_whatever_goes_wrong_in_a_look_is_a_finding() -> None:
    def look(error: BaseException) -> Iterator[Finding]:
        yield Finding("part", "ok", "fine")
        raise error

    for error, said in (
        (ModelError("No model."), "No model."),
        (OSError("libcudart.so:\n cannot open"), "OSError, libcudart.so: cannot open."),
        (AssertionError(), "AssertionError, no reason is given."),
        (SystemExit(3), "SystemExit, 3."),
    ):
        fine, wrong = findings_of("part", lambda error=error: look(error))  # type: ignore[misc]
        assert fine.state == "ok"
        assert (wrong.name, wrong.state) == ("part", "wrong")
        assert said in wrong.found
    with pytest.raises(KeyboardInterrupt):
        list(findings_of("part", lambda: look(KeyboardInterrupt())))


def test_memory_disk_and_files_of_this_machine() -> None:
    memory = one(look_at_memory(subject()))
    assert f"{psutil.virtual_memory().total / 1e9:,.1f} GB" in memory.found
    of_index = one(look_at_disk(subject()))
    assert of_index.name == "disk of the index"
    assert "10,000 photos" in of_index.found
    both = list(look_at_disk(subject("hf-hub:nobody/nothing", index="s3://bucket/index")))
    assert [finding.name for finding in both] == ["disk of models"]
    assert one(look_at_clock(subject())).state == "ok"


def test_few_open_files_are_told_with_the_command_for_more() -> None:
    program = (
        "import resource; from photoseek.cli.checks.machine_checks import look_at_open_files;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, 4096));"
        "[found] = look_at_open_files(None); print(found.state, found.mend)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
    )
    assert done.stdout == "warn ulimit -n 1024\n", done.stderr
    assert in_shell("ulimit -n 256 && ulimit -n 1024; ulimit -n") in ("256\n", "1024\n")
    assert one(look_at_open_files(subject())).name == "open files"


def test_folders_that_can_be_written_and_some_that_cannot(here: Path) -> None:
    found = list(look_at_folders(subject(uploads="off")))
    assert [(each.name, each.state) for each in found] == [("folder of index", "ok")]
    (here / "file").write_text("")
    of_index, of_uploads = look_at_folders(subject(index="/proc/photos/index", uploads="file"))
    assert (of_index.state, of_uploads.state) == ("wrong", "wrong")
    assert "/proc/photos/index cannot be written (/proc: " in of_index.found
    assert of_index.mend == "ls -ld /proc"
    assert "it is a file" in of_uploads.found
    assert "file" in in_shell(of_uploads.mend)
    assert sorted(path.name for path in here.iterdir()) == ["file"], "nothing is left behind"


def test_the_index(index: Path) -> None:
    found, upkeep = look_at_index(subject(index=str(index)))
    assert found == Finding(
        "index", "ok", f"{index}: 10 photos, model demo; a search looks at every photo."
    )
    assert upkeep.state == "ok"
    assert model_name(usable_settings({"index": str(index)})) == "demo"


def test_an_index_with_another_one_beside_it(index: Path) -> None:
    engine, place = reindexing_engine(str(index)), str(index)
    before = engine.generations(place).current
    target = engine.begin(place, replace(MODEL, fingerprint="f" * 16, name="newer"))
    _, second, _ = look_at_index(subject(index=place))
    assert (second.name, second.state) == ("second index", "warn")
    assert f"{target}, of the model newer, is unfinished. --drop-old removes it" in second.found
    assert second.mend.endswith(f"--index {index} --model newer")
    engine.switch(place, target)
    _, second, _ = look_at_index(subject(index=place))
    assert (second.state, second.mend) == ("ok", "")
    assert f"{before}, of the model demo, was in use before" in second.found


def test_an_index_that_somebody_writes_to(index: Path) -> None:
    with layout_of(str(index)).writer():
        _, writers, _ = look_at_index(subject(index=str(index)))
    assert writers.found == "Somebody writes to it at this moment, and others wait for their turn."
    assert len(list(look_at_index(subject(index=str(index))))) == 2


def test_an_index_that_is_not_there_yet() -> None:
    found = one(look_at_index(subject(index="nothing")))
    assert (found.state, found.found) == ("warn", "There is none yet at nothing.")
    assert "index --source ~/Pictures" in found.mend or "-t index" in found.mend
    assert not Path("nothing").exists()
    assert model_name(usable_settings({"index": "nothing"})) == default_model()


@pytest.mark.parametrize("lost", ["photos.lance/data", "photos.lance/_versions"])
def test_an_index_that_has_lost_files(lost: str, index: Path) -> None:
    shutil.rmtree(index / lost)
    found = one(look_at_index(subject(index=str(index))))
    assert found.state == "wrong"
    assert str(index) in found.found
    assert "--index new-index" in found.mend
    assert model_name(usable_settings({"index": str(index)})) in ("demo", default_model())


@pytest.mark.parametrize("name", ["file", "folder"])
def test_what_is_no_index(name: str, here: Path) -> None:
    (here / "file").write_text("no index")
    (here / "folder").mkdir()
    shutil.copy(here / "file", here / "folder")
    found = one(look_at_index(subject(index=name)))
    assert found.state == "wrong"
    assert "holds other things and no index" in found.found


def test_an_index_of_another_model_than_the_settings_name(index: Path) -> None:
    found, _ = look_at_index(subject(index=str(index), model="ViT-B-32:openai"))
    assert found.state == "wrong"
    assert "the model demo, and the settings name ViT-B-32:openai" in found.found


def test_an_index_with_many_small_files_and_the_command_that_joins_them(index: Path) -> None:
    store = open_store(index)
    for number in range(10, 42):
        store.upsert([encoded(number)])
    _, upkeep = look_at_index(subject(index=str(index)))
    assert upkeep.state == "warn"
    done = subprocess.run(
        ["bash", "-c", upkeep.mend],
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    _, upkeep = look_at_index(subject(index=str(index)))
    assert upkeep.state == "ok"


def test_ports_that_are_free_and_one_that_somebody_else_has() -> None:
    [port] = free_ports(1)
    found = list(look_at_ports(subject(http_port=port, in_process=True)))
    assert found == [Finding(f"port {port}", "ok", "free on 127.0.0.1")]
    with running_server({}) as other:
        port = int(other.url.rpartition(":")[2])
        held = one(look_at_ports(subject(http_port=port, in_process=True)))
    assert held.state == "warn"
    assert "no gateway of photoseek" in held.found
    assert "serve --http-port " in held.mend


def test_a_gateway_that_answers_is_told_with_its_version(index: Path) -> None:
    settings = Settings(index=str(index), model="demo", uploads="off")
    with running_service(settings) as running:
        port = running.settings.http_port
        found = one(look_at_ports(subject(http_port=port, in_process=True)))
    assert found.state == "ok"
    assert found.found == f"photoseek {__version__} serves {index}, 10 photos"


def test_an_address_that_this_machine_has_not() -> None:
    found = one(look_at_ports(subject(host="192.0.2.1", in_process=True)))
    assert found.state == "wrong"
    assert found.found == "192.0.2.1 is no address of this machine, so nothing can listen there."
    assert found.mend.endswith("serve --host 127.0.0.1") or "-t serve --host" in found.mend


def test_settings_that_are_wrong_are_told_with_their_lines(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["# mine", "PHOTOSEEK_INDX=x", "export photoseek_precision = fp8", "PHOTOSEEK_IMAGE=a"]
    (here / ".env").write_text("\n".join([*lines, "PHOTOSEEK_INDEX=mine", "{{{"]))
    monkeypatch.setenv("PHOTOSEEK_MODLE", "demo")
    monkeypatch.setenv("PHOTOSEEK_BATCH_SIZE", "many")
    found = list(look_at_settings(subject()))
    assert {finding.state for finding in found} == {"wrong", "warn"}
    told = "\n".join(f"{finding.found} {finding.mend}" for finding in found)
    assert "MODLE in the environment is no setting. Did you mean PHOTOSEEK_MODEL? unset" in told
    assert "PHOTOSEEK_BATCH_SIZE is 'many'." in told
    assert f"Line 2 of {here / '.env'} sets PHOTOSEEK_INDX, which is no setting." in told
    assert "Did you mean PHOTOSEEK_INDEX?" in told
    assert f"Line 3 of {here / '.env'}: PHOTOSEEK_PRECISION is 'fp8'." in told
    assert len(found) == 4
    usable = usable_settings({"host": None})
    assert (usable.index, usable.precision, usable.batch_size) == ("mine", "auto", 32)


@pytest.mark.parametrize("content", [b"\x00\xff\xfe{{{", b"PHOTOSEEK_PHOTO_ROOTS=[", b"\xff" * 99])
def test_a_file_of_settings_that_is_none(
    content: bytes, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / ".env").write_bytes(content)
    monkeypatch.setenv("PHOTOSEEK_INDEX", "mine")
    found = one(look_at_settings(subject()))
    assert found.state == "wrong"
    assert ".env" in found.found
    assert usable_settings({}).index == "mine"


def test_settings_without_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(look_at_settings(subject())).found == "none but the defaults"
    monkeypatch.setenv("PHOTOSEEK_INDEX", "mine")
    assert one(look_at_settings(subject())).found.startswith("1 in the environment, 0 in ")


def test_torch_and_the_devices_of_this_machine() -> None:
    torch = one(look_at_torch(subject()))
    assert torch.state in ("ok", "warn")
    assert ("--index-url" in torch.mend) == (torch.state == "warn")
    assert "cpu" in one(look_at_devices(subject(device="cpu"))).found
    wrong = one(look_at_devices(subject(device="cuda:99")))
    assert wrong.state == "wrong"
    assert "There are " in wrong.found
    assert "--device auto" in wrong.mend
    assert list(look_at_speed(subject(device="cuda:99"))) == []


def test_weights_that_are_here(tmp_path: Path) -> None:
    assert "which come with photoseek" in one(look_at_weights(subject("demo"))).found
    name = save_model(tmp_path / "model")
    assert one(look_at_weights(subject(name))).state == "ok"
    weights = tmp_path / "model" / "open_clip_model.safetensors"
    weights.rename(tmp_path / "weights.ckpt")
    assert one(look_at_weights(subject(f"ViT-B-32:{tmp_path / 'weights.ckpt'}"))).state == "ok"
    lost = one(look_at_weights(subject(name)))
    assert lost.state == "wrong"
    assert "holds no open_clip_model.safetensors" in lost.found
    for none in ("ViT-B-33", "ViT-B-32:", "::", "\0"):
        found = one(look_at_weights(subject(none)))
        assert found.state == "wrong"
        assert "There are no weights of the name" in found.found


def test_weights_that_are_not_here_and_a_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    asked = subject("hf-hub:nobody/nothing")
    with running_server({}) as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        found = one(look_at_weights(asked))
        assert (found.state, "fetches it from" in found.found) == ("ok", True)
    found = one(look_at_weights(asked))  # nobody listens there any more
    assert found.state == "wrong"
    assert f"{hub.url} cannot be reached" in found.found
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE is set" in one(look_at_weights(asked)).found
    snapshot = tmp_path / "models--nobody--nothing"
    (snapshot / "refs").mkdir(parents=True)
    (snapshot / "refs" / "main").write_text("abc")
    (snapshot / "snapshots" / "abc").mkdir(parents=True)
    (snapshot / "snapshots" / "abc" / "open_clip_pytorch_model.bin").write_bytes(b"weights")
    assert one(look_at_weights(asked)).state == "ok"


def test_speed_is_measured_with_the_model_or_that_of_the_demo(tmp_path: Path) -> None:
    name = save_model(tmp_path / "model")
    found = one(look_at_speed(subject(name, device="cpu"), seconds=0))
    assert f" photos/s with {name} on cpu in " in found.found
    found = one(look_at_speed(subject("hf-hub:nobody/nothing", device="cpu"), seconds=0))
    assert " photos/s with demo on cpu in " in found.found
    assert "the weights of hf-hub:nobody/nothing are not here" in found.found


def test_where_no_flow_can_run_none_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.killpg")
    flow, _ = look_at_extras(subject())
    assert (flow.state, flow.mend) == ("ok", "")
    assert "needs Linux or macOS" in flow.found


def test_a_redis_is_asked_how_soon_it_answers() -> None:
    assert not list(look_at_redis(subject()))
    with own_redis("--requirepass", "secret") as server:
        place = server.url.removeprefix("redis://")
        found = one(look_at_redis(subject(redis=f"redis://:secret@{place}")))
        assert found.state == "ok"
        assert re.fullmatch(rf"{server.url}: Redis [\d.]+ answers in [\d.]+ ms\.", found.found)
        refused = one(look_at_redis(subject(redis=f"redis://:wrong-one@{place}")))
        server.kill()
        away = one(look_at_redis(subject(redis=server.url)))
    assert (refused.state, away.state) == ("wrong", "wrong")
    assert "goes on by itself" in away.found
    assert "wrong-one" not in refused.found


@pytest.mark.parametrize(
    ("given", "state", "told"),
    [
        ({}, "ok", "None is needed"),
        ({"host": "0.0.0.0"}, "wrong", "Give it a key: PHOTOSEEK_API_KEY"),
        ({"host": "0.0.0.0", "api_key": "k" * 20}, "ok", "The gateway has one."),
        ({"host": "0.0.0.0", "api_key_for": "none"}, "warn", "Everyone who reaches the gateway"),
    ],
)
def test_a_gateway_that_others_reach_without_a_key(
    given: dict[str, Any], state: str, told: str
) -> None:
    """It would not start, and doctor said that all is well."""
    subject = Subject(load_settings(**given), {}, "demo")
    [found] = findings_of("key", lambda: look_at_key(subject))
    assert (found.name, found.state) == ("key", state)
    assert told in found.found


def test_a_source_that_is_set_and_not_there(here: Path) -> None:
    def look(**given: str) -> list[Finding]:
        subject = Subject(load_settings(**given), {}, "demo")
        return list(findings_of("source", lambda: look_at_source(subject)))

    assert look() == [], "none is set"
    [found] = look(source=str(here / "none"))
    assert found.state == "wrong"
    assert "There is no folder or manifest at" in found.found
    (here / "photos").mkdir()
    (here / "photos" / "a.jpg").touch()
    [found] = look(source=str(here / "photos"))
    assert found.state == "ok"
