"""Whose turn it is to look at the whole bucket."""

from __future__ import annotations

from photoseek.events.sweeps import Sweeps
from photoseek.files.memory_files import MemoryFiles

DAY = 24 * 3600.0


def test_one_of_all_workers_sweeps_a_day() -> None:
    place, clock = MemoryFiles("memory"), [1e9]
    one, other = (Sweeps(place, "s3://b/photos", now=lambda: clock[0]) for _ in range(2))
    assert one.take_turn(DAY)
    assert not other.take_turn(DAY)
    assert Sweeps(place, "s3://b/others", now=lambda: clock[0]).take_turn(DAY)
    clock[0] += DAY
    assert other.take_turn(DAY)
    assert not one.take_turn(DAY)


def test_who_could_not_sweep_leaves_it_to_another() -> None:
    place = MemoryFiles("memory")
    one, other = Sweeps(place, "s3://b"), Sweeps(place, "s3://b")
    assert one.take_turn(DAY)
    one.give_back()
    assert other.take_turn(DAY)


def test_what_is_noted_wrongly_holds_nothing_up() -> None:
    place, clock = MemoryFiles("memory"), [1e9]
    sweeps = Sweeps(place, "s3://b", now=lambda: clock[0])
    assert sweeps.take_turn(DAY)
    [entry] = place.entries()
    for note in (b"", b"no JSON", b"[]", b'{"began": "x"}', b'{"began": 1e99}'):
        place.write(entry.name, note)
        clock[0] += DAY
        assert sweeps.take_turn(DAY) is (note != b'{"began": 1e99}')
