"""Both ways to name a task, and what is said of what is not understood."""

from __future__ import annotations

import pytest

from photoseek import __version__
from photoseek.cli.arguments import overview, parse
from photoseek.cli.task_groups import GROUPS
from photoseek.cli.task_options import TASKS
from photoseek.cli.task_record import SETTINGS_GROUPS
from photoseek.settings import OPTIONS


@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "red car", "-k", "3"],
        ["search", "red car", "-k", "3"],
        ["-t", "query", "red car", "-k", "3"],
        ["-k", "3", "-t", "query", "red car"],
        ["red car", "-k", "3", "--task", "query"],
        ["-k", "3", "--task=query", "red car"],
        ["-k", "3", "-tquery", "red car"],
    ],
)
def test_a_task_is_named_first_or_with_its_option(arguments: list[str]) -> None:
    options = parse(arguments)
    assert (options.task, options.words, options.top_k) == ("search", ["red car"], 3)


def test_what_comes_after_two_hyphens_names_no_task() -> None:
    assert parse(["query", "--", "car"]).words == ["car"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["query", "--", "-snow"], ["-snow"]),
        (["-t", "query", "red", "-k", "3", "--", "-snow", "--help"], ["red", "-snow", "--help"]),
        (["query", "-night scene"], ["-night scene"]),
        (["query", "red", "-k cats"], ["red", "-k cats"]),
        (["query", "- snow", "-"], ["- snow", "-"]),
        (["query", "-1"], ["-1"]),
        (["-t", "delete", "-1"], ["-1"]),
        (["-t", "delete", "--", "-abc", "--index", "-1"], ["-abc", "--index", "-1"]),
    ],
)
def test_words_may_begin_with_a_hyphen(arguments: list[str], words: list[str]) -> None:
    assert parse(arguments).words == words


@pytest.mark.parametrize("value", ["-abc", "--index", "-1", "a b", "-a b"])
def test_a_value_behind_an_equals_sign_may_begin_with_a_hyphen(value: str) -> None:
    assert parse(["query", f"--like={value}", f"--image={value}"]).like == value


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["query", "-snow"], "no option -snow. Words that begin with - stand behind --: "),
        (["query", "red", "-snow"], 'for photos without it, write "- snow"'),
        (["query", "-kind"], "there is no option -kind."),
        (["delete", "-abc"], "delete -- -abc"),
        (["query", "--like", "-abc"], "write --like=VALUE for a value that begins with -"),
        (["query", "car", "-k"], "expected one argument; write --top-k=VALUE"),
        (["serve", "--", "-x"], "serve takes no '-x'"),
        (["qery", "car"], "there is no task 'qery'. Did you mean query?"),
        (["paint"], "there is no task 'paint'."),
        (["-n", "3"], "name a task: index, work, download, search"),
        (["-t"], "name a task: index, work, download, search"),
        (["index", "--sorce", "photos"], "there is no option --sorce. Did you mean --source?"),
        (["query", "car", "--watch", "5"], "--watch belongs to index, download"),
        (["query", "car", "--in-process"], "--in-process belongs to serve"),
        (["serve", "--gateway", "http://a:1"], "--gateway belongs to index, search"),
        (["serve", "surplus"], "serve takes no 'surplus'"),
        (["index", "my photos"], "if it is a source, write --source 'my photos'"),
        (["reindex", "fast"], "reindex takes no 'fast'; if it is a model, write --model fast"),
        (["tune", "--to", "a", "--batch-size", "8"], "--batch-size belongs to index, work"),
        (["tune", "--to", "a", "--runtime", "onnx"], "--runtime belongs to index, work"),
        (["evaluate", "--ocr"], "--ocr belongs to index"),
        (["delete"], "name the ids to delete"),
        (["index", "--prune", "-n", "3"], "--prune must see the whole source"),
        (["index", "--prune", "--watch", "3"], "leave --prune out"),
        (["index", "--watch", "0"], "'0' is not a number of seconds up to a day"),
        (["download", "--source", "urls.txt"], "say where to"),
        (["completion", "elvish"], "name one shell: bash, zsh, fish or tcsh"),
        (["query", "car", "-k", "zero"], "'zero' is not a whole number from 1"),
    ],
)
def test_what_is_not_understood_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_nothing_at_all_shows_the_first_steps(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([])
    assert not ended.value.code
    told = capsys.readouterr().out
    assert len(told.splitlines()) <= 12
    for step in ("demo", "index --source", "search", "serve", "--help"):
        assert step in told


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--version"])
    assert capsys.readouterr().out == f"photoseek {__version__}\n"


@pytest.mark.parametrize("task", TASKS)
def test_each_task_has_help_of_its_own(capsys: pytest.CaptureFixture[str], task: str) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([task, "--help"])
    assert not ended.value.code
    told = capsys.readouterr().out
    assert TASKS[task].about[1:] in " ".join(told.split())
    assert ("--source" in told) == ("photos" in TASKS[task].settings)


def test_every_setting_that_is_an_option_has_a_heading_and_is_taken_by_every_task() -> None:
    assert {option.group for option in OPTIONS.values()} == set(SETTINGS_GROUPS)
    assert parse(["status", "--batch-size", "4"]).batch_size == 4


def test_an_option_that_is_nearly_right_is_taken_for_no_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        parse(["query", "car", "--topk", "5"])
    assert capsys.readouterr().err.endswith("Did you mean --top-k?\n")


def test_every_task_is_listed_once_below_what_it_is_for() -> None:
    grouped = [task.name for tasks in GROUPS.values() for task in tasks]
    assert sorted(grouped) == sorted(TASKS)
    told = overview().format_help()
    for heading, tasks in GROUPS.items():
        listed = told.partition(f"\n{heading}:\n")[2].partition("\n\n")[0].splitlines()
        assert [line.split()[0] for line in listed] == [task.name for task in tasks]
