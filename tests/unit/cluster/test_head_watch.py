"""The head of a cluster that does not answer any more is noticed, once, and after a while."""

from __future__ import annotations

import socket
import threading

import pytest

from photoseek.cluster.head_watch import watched
from photoseek.cluster.ray_connection import knock
from tests.support.waiting import PATIENCE, wait_until


def test_a_head_that_stays_away_is_told_once() -> None:
    told = threading.Event()
    answers: list[bool] = []

    with socket.create_server(("127.0.0.1", 0)) as head:
        address = f"127.0.0.1:{head.getsockname()[1]}"

        def look() -> None:
            knock(address)
            answers.append(True)

        with watched(look, told.set, look_every=0.01, patience=0.05):
            wait_until(lambda: len(answers) > 2, "some looks")
            assert not told.is_set()
            head.close()
            assert told.wait(PATIENCE)
    with pytest.raises(OSError):  # noqa: PT011 - the system's own words
        knock(address)


def test_a_short_silence_is_nothing() -> None:
    looks, told = [0], threading.Event()

    def every_second_time() -> None:
        looks[0] += 1
        if looks[0] % 2:
            raise ConnectionRefusedError

    with watched(every_second_time, told.set, look_every=0.001, patience=600.0):
        wait_until(lambda: looks[0] > 20, "many looks")
    assert not told.is_set()
