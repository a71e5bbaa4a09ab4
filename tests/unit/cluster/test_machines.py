"""What a machine of a cluster has room for, and whether the same photoseek is on it."""

from __future__ import annotations

import pytest

from photoseek.cluster.machines import check_versions, first_line, machines_of
from photoseek.errors import ServiceError
from tests.support.ray_in_process import RayError, RayInProcess


@pytest.mark.parametrize(
    ("resources", "encoders", "cpus"),
    [
        ({"CPU": 1.0}, 1, 1),
        ({"CPU": 3.0}, 1, 3),
        ({"CPU": 16.0}, 4, 4),
        ({"CPU": 18.0}, 4, 4),
        ({"CPU": 32.0, "GPU": 4.0}, 4, 8),
        ({"CPU": 2.0, "GPU": 8.0}, 8, 0),
    ],
)
def test_a_machine_has_an_encoder_for_each_gpu_or_else_for_four_processors(
    resources: dict[str, float], encoders: int, cpus: int
) -> None:
    [machine] = machines_of(RayInProcess(resources))
    assert (machine.encoders, machine.cpus_of_each) == (encoders, cpus)


def test_a_machine_that_gives_no_processor_away_is_none() -> None:
    assert machines_of(RayInProcess({}, {"memory": 1e9}, {"CPU": 0.5})) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("0.9", "node0 of the Ray cluster has photoseek 0.9, and here it is 1.2"),
        ("", "node0 of the Ray cluster has no photoseek in its Python 3.12.1, and"),
    ],
)
def test_another_photoseek_on_a_machine_is_refused(found: str, said: str) -> None:
    ray = RayInProcess({"CPU": 1.0}, answers=lambda: (found, "3.12.1"))
    with pytest.raises(ServiceError, match=said):
        check_versions(ray, machines_of(ray), "1.2")


def test_the_same_photoseek_is_taken() -> None:
    ray = RayInProcess({"CPU": 1.0}, answers=lambda: ("1.2", "3.12.1"))
    check_versions(ray, machines_of(ray), "1.2")


def test_a_machine_that_does_not_answer_is_named() -> None:
    def away() -> None:
        raise RayError("The node died.\nStack\nof many lines")

    ray = RayInProcess({"CPU": 1.0}, answers=away)
    with pytest.raises(ServiceError, match=r"node0 .* does not answer: The node died\.$"):
        check_versions(ray, machines_of(ray), "1.2")


def test_of_an_error_the_first_line_is_told() -> None:
    assert first_line(ValueError("\n  what is wrong \n more")) == "what is wrong"
    assert first_line(ValueError()) == "ValueError"
