"""What a measurement starts ends with it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bench.running import printed
from tests.support.waiting import wait_until

BENCH = Path(__file__).parents[2] / "bench"

MEASURES = """
import sys, time
from bench.processes import APP, measure, plain_environment
from bench.running import running
sleeps = [sys.executable, "-c", "import time; time.sleep(600)"]

def never_ready():
    while True:
        time.sleep(0.01)

with running(sleeps) as server:
    print(server.pid, flush=True)
    NEXT
"""


@pytest.mark.parametrize(
    "step",
    [
        "measure(sleeps, plain_environment(), APP.parent)",
        "running(sleeps, preexec_fn=never_ready).__enter__()",
    ],
    ids=["one runs", "one is being started"],
)
def test_a_measurement_that_is_told_to_stop_stops_what_it_has_started(step: str) -> None:
    command = [sys.executable, "-c", MEASURES.replace("NEXT", step)]
    with subprocess.Popen(command, cwd=BENCH.parent, stdout=subprocess.PIPE) as run:
        try:
            assert run.stdout is not None
            run.stdout.readline()
            wait_until(lambda: len(psutil.Process(run.pid).children()) == 2, "both processes")
            started = psutil.Process(run.pid).children()
            run.send_signal(signal.SIGTERM)
            assert run.wait() == 128 + signal.SIGTERM
            assert not any(process.is_running() for process in started)
        finally:
            run.kill()


def test_what_a_command_prints_is_given_and_a_failure_is_told() -> None:
    assert printed([sys.executable, "-c", "print('ä'.encode('utf-8').decode())"]).strip() == "ä"
    with pytest.raises(subprocess.CalledProcessError):
        printed([sys.executable, "-c", "raise SystemExit(3)"])


def test_all_measurements_start_processes_in_a_way_that_ends_them() -> None:
    by_itself = re.compile(r"subprocess\.Popen\(")
    found = {p.name for p in BENCH.glob("*.py") if by_itself.search(p.read_text("utf-8"))}
    assert found == {"running.py", "load_parts.py"}  # the latter kills and starts them again
