"""`photoseek completion`, tried in the shells themselves."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.terminal import photoseek
from tests.support.waiting import PATIENCE

IN_BASH = """
. ./script
complete() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  _shtab_photoseek photoseek "${@: -1}" "${@: -2:1}"
  printf '%s\\n' "${COMPREPLY[@]}"
}
complete photoseek sea
complete photoseek search --hy
complete photoseek index --keep th
complete photoseek index --source pho
"""
IN_FISH = """
source ./script
for line in "photoseek sea" "photoseek search --hy" "photoseek index --keep th" \\
    "photoseek index --source pho"
    complete -C $line | string replace --regex '\\t.*' '' | string trim --right --chars=/
end
"""
IN_ZSH = """
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'autoload -Uz compinit; compinit -u -D; eval "$(cat ./script)"'
zpty -w z 'photoseek() { print -r -- "go""t:$*:"; }; print rea""dy'
zpty -r z out '*ready*'
for line in 'sear' 'search --hyb' 'index --keep thum' 'index --source phot'; do
  zpty -w -n z "photoseek $line"$'\\t\\n'
  zpty -r z out '*got:*:*'
  print -r -- "${${out##*got:}%%:*}"
done
"""


def script(shell: str, **environment: str) -> None:
    result = photoseek("completion", shell, environment=environment)
    assert result.returncode == 0, result.stderr
    Path("script").write_text(result.stdout)


def completed(*program: str) -> list[str]:
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed here")
    result = subprocess.run(program, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert result.returncode == 0, result.stderr
    return [line.strip() for line in result.stdout.splitlines() if line.strip()]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("photos").mkdir()


def test_bash_completes_tasks_options_values_and_files() -> None:
    script("bash")
    assert completed("bash", "-c", IN_BASH) == ["search", "--hybrid", "thumbnail", "photos"]


def test_fish_does() -> None:
    script("fish")
    assert completed("fish", "-c", IN_FISH) == ["search", "--hybrid", "thumbnail", "photos"]


def test_zsh_does() -> None:
    script("zsh")
    assert completed("zsh", "-f", "-c", IN_ZSH) == [
        "search",
        "search --hybrid",
        "index --keep thumbnail",
        "index --source photos",
    ]


def test_tcsh_takes_the_script() -> None:
    script("tcsh")
    [rules] = completed("tcsh", "-f", "-c", "source ./script; complete photoseek")
    for rule in ("'c/--source=/f/'", "'n/--keep/(none thumbnail original)/'"):
        assert rule in rules


def test_wrong_settings_do_not_greet_each_new_shell() -> None:
    script("bash", PHOTOSEEK_HTTP_PORT="web")
