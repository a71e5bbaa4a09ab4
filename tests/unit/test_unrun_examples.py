"""The examples of README.md and the guide that are not run: all that can be said of them is so."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from photoseek.cli.arguments import parse
from photoseek.cli.task_options import TASKS
from photoseek.settings import Settings, load_settings
from tests.support.deploy.compose import COMPOSE, compose_file
from tests.support.deploy.dockerfile import the
from tests.support.fenced import ALL, NOT_RUN, ROOT, Block, is_run, task_words

SHELL = [block for block in ALL if block.language == "bash"]
LEFT_OUT = [(block, line) for block in SHELL if not is_run(block) for line in block.commands]
LINES = {line for _, line in LEFT_OUT}
WRITTEN = [block for block in SHELL if ">> .env" in block.text]


def of(language: str) -> list[Block]:
    return [block for block in ALL if block.language == language]


def named(block: object) -> str | None:
    return block.name if isinstance(block, Block) else None


def test_every_kind_of_example_is_run_or_checked() -> None:
    assert {block.language for block in ALL} == {"bash", "ini", "python", "text", "toml"}
    for pattern in NOT_RUN:
        assert any(re.match(pattern, line) for line in LINES), f"nothing is left out by {pattern}"


def test_the_reasons_name_tests_that_read_the_same_page() -> None:
    for pattern, reason in NOT_RUN.items():
        for name in re.findall(r"tests/[\w/]+\.py", reason):
            assert (ROOT / name).is_file(), f"{pattern}: {name}"
    stock = (ROOT / "tests/unit/sources/stock/test_stock.py").read_text("utf-8")
    assert '"stock.md"' in stock
    deploy = (ROOT / "tests/support/deploy/deployment.py").read_text("utf-8")
    assert '"README.md"' in deploy


@pytest.mark.parametrize("line", sorted(line for line in LINES if line.startswith("make ")))
def test_make_knows_its_targets(line: str) -> None:
    """The targets themselves are run by .ci/run and, for the demo, in tests/commands."""
    words = shlex.split(line, comments=True)
    result = subprocess.run(
        [*words, "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("line", sorted(line for line in LINES if line.startswith("photoseek ")))
def test_the_command_line_takes_what_is_not_run(line: str) -> None:
    parse(task_words(line))  # ends the test where the command line would end


@pytest.mark.parametrize(
    "line",
    [f"{task.name} {example}" for task in TASKS.values() for example in task.examples],
)
def test_the_command_line_takes_the_examples_of_its_help(line: str) -> None:
    parse(task_words(f"photoseek {line}"))


@pytest.mark.parametrize("line", sorted(line for line in LINES if line.startswith("docker ")))
def test_docker_is_asked_for_what_there_is(line: str) -> None:
    """Without an engine: services, profiles and tasks exist, and take these options."""
    _, command, *words = shlex.split(line)
    if command == "build":
        assert words == ["--tag", compose_file({})["services"]["gateway"]["image"], "."]
    elif command == "run":
        image = words.index("photoseek")
        parse(words[image + 1 :] or the("CMD").words())
        given = dict(zip(words[1:image:2], words[2:image:2], strict=True))
        assert set(given) <= {"--env", "--publish", "--volume"}
        variable, _, value = given.get("--env", "PHOTOSEEK_HOST=").partition("=")
        assert variable.removeprefix("PHOTOSEEK_").lower() in Settings.model_fields, value
    else:
        assert command == "compose"
        check_compose(words)


def check_compose(words: list[str]) -> None:
    profile, words = (words[1], words[2:]) if words[0] == "--profile" else (None, words)
    services = compose_file({})["services"]
    profiles = {name for service in services.values() for name in service.get("profiles", [])}
    assert profile is None or profile in profiles
    if "--entrypoint" in words:  # tests/deploy/test_docker_engine.py runs these
        place = words.index("--entrypoint")
        assert words[:place] == ["run", "--rm", "--no-TTY", "--no-deps"]
        assert words[place + 2] in services
    elif words[0] == "run":
        assert words[1] == "--rm"
        service, *arguments = words[2:]
        parse([services[service]["entrypoint"][-1], *arguments])
    else:
        assert words[0] in ("up", "down", "stop")
        assert set(words[1:]) <= {"--build", "--detach", "--wait", "--volumes"}


def test_every_variable_of_compose_is_in_the_guide() -> None:
    used = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text("utf-8")))
    guide = ROOT / "docs" / "guide"
    text = "".join((guide / name).read_text("utf-8") for name in ("docker.md", "settings.md"))
    told = set(re.findall(r"`([A-Z0-9_]+)(?:=[^`]*)?`", text))
    images = {name for name in used if name.endswith("_IMAGE")} - {"PHOTOSEEK_IMAGE"}
    assert used - told == images | {"S3_BUCKET", "S3_MEMORY", "CADDY_MEMORY", "CADDYFILE"}


@pytest.mark.parametrize("block", WRITTEN, ids=named)
def test_settings_are_written_to_a_file_that_can_be_read(block: Block) -> None:
    lines = [line for line in block.commands if ">> .env" in line]
    subprocess.run(["bash", "-euc", "\n".join(lines)], check=True)
    settings = load_settings()
    assert settings.model_fields_set == names_in(Path(".env").read_text())


@pytest.mark.parametrize("block", of("ini"), ids=named)
def test_settings_of_an_example_are_taken(block: Block) -> None:
    Path(".env").write_text(block.text)
    settings = load_settings()
    assert settings.model_fields_set == names_in(block.text)


def names_in(text: str) -> set[str]:
    """The settings of a file; other variables of it are those of AWS."""
    names = re.findall(r"^(\w+)=", text, re.MULTILINE)
    others = [name for name in names if not name.startswith("PHOTOSEEK_")]
    assert all(name.startswith("AWS_") for name in others)
    return {name.removeprefix("PHOTOSEEK_").lower() for name in names} - {
        name.lower() for name in others
    }


@pytest.mark.parametrize("block", of("toml"), ids=named)
def test_toml_can_be_read(block: Block) -> None:
    assert tomllib.loads(block.text)
