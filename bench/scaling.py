"""What libraries of five sizes take: machines, memory, dollars, hours. Arithmetic with units.

    python -m bench.scaling

It measures nothing: each unit says where it comes from. docs/scaling.md holds what this prints.
Prices are those of us-east-1 on demand, in dollars, as docs/deploy.md has them.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

HOURS_A_MONTH = 730
GB = 1e9


@dataclass(frozen=True, slots=True)
class Unit:
    """A figure that the tables are made of, and where it comes from."""

    value: float
    what: str
    source: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of EC2 instance: its memory in GB, and dollars an hour."""

    name: str
    memory: int
    price: float


SMALL = Machine("m7i-flex.large", 8, 0.0958)
MIDDLE = Machine("m7i.xlarge", 16, 0.2016)
LARGE = Machine("m7i.2xlarge", 32, 0.4032)
NODE = Machine("r7i.large", 16, 0.1323)
LARGE_NODE = Machine("r7i.2xlarge", 64, 0.5292)
GPU = Machine("g6.xlarge", 16, 0.8048)

DECODE = Unit(0.0505, "CPU seconds to decode a photo of 12 MP", "`python -m bench.decode`")
ENCODE = Unit(
    35,
    "photos of 12 MP that two processors encode in a second",
    "`python -m bench.limit`, a Flow with torch in bfloat16",
)
THUMBNAIL = Unit(
    14_000, "bytes of a thumbnail", "mean of 21 real photos, of 0.2 and of 12 MP alike"
)
ROW = Unit(2_940, "bytes of a photo in LanceDB, on disk", "`python -m bench million`, after upkeep")
RESIDENT = Unit(
    613,
    "bytes of a photo in LanceDB, in memory",
    "`python -m bench million`: a process that only searches, beyond 0.1 GB",
)
DOCUMENT = Unit(2_600, "bytes of a photo in Elasticsearch, on disk", "100,000 rows, merged")
CODES = Unit(580, "the same in memory", "arithmetic, by Elasticsearch's rule: 4 + 512 + 4 x 16")
BITS = Unit(
    142,
    "the same with `PHOTOSEEK_ENGINE_VECTORS=small`",
    "arithmetic, by its rule: 14 + 64 + 4 x 16",
)
GRAPH = Unit(2_176, "bytes of a photo in Milvus, in memory", "arithmetic: 4 x 512 + 8 x 16")
LISTS = Unit(520, "the same with `PHOTOSEEK_ENGINE_VECTORS=small`", "arithmetic: 512 + 8")
IDS = Unit(
    24,
    "bytes that a commit of 32 reads for each photo in LanceDB in a bucket",
    "20,000 and 50,000 rows",
)
UNITS = (DECODE, ENCODE, THUMBNAIL, ROW, RESIDENT, DOCUMENT, CODES, BITS, GRAPH, LISTS, IDS)

_GET, _PUT, _LIST = 0.0004 / 1000, 0.005 / 1000, 0.005 / 1000 / 1000
_S3, _DISK = 0.023, 0.08  # a GB a month
_REPLICAS = 2
_FOR_VECTORS = 0.5  # of a node's memory: the rest is heap and what is read from disk


@dataclass(frozen=True, slots=True)
class Plan:
    """What one size runs on. `node` is None where LanceDB lies beside the service."""

    photos: int
    engine: str
    host: Machine
    hosts: int = 1
    node: Machine | None = None
    bytes_of_photo: float = 0.0

    @property
    def vectors(self) -> float:
        """GB of memory for vectors, replicas included."""
        return self.photos * self.bytes_of_photo * (_REPLICAS if self.node else 1) / GB

    @property
    def nodes(self) -> int:
        """How many machines the engine has."""
        if self.node is None:
            return 0
        return max(3, math.ceil(self.vectors / (self.node.memory * _FOR_VECTORS)))

    @property
    def disk(self) -> float:
        """GB of the index on disk."""
        each = DOCUMENT.value * _REPLICAS if self.node else ROW.value
        return self.photos * each / GB

    @property
    def monthly(self) -> float:
        """Dollars a month: machines, disks, thumbnails in S3, and a listing each day."""
        machines = self.hosts * self.host.price
        machines += self.nodes * self.node.price if self.node else 0
        thumbnails = self.photos * THUMBNAIL.value / GB * _S3
        listings = 30 * self.photos * _LIST
        return machines * HOURS_A_MONTH + self.disk * _DISK + thumbnails + listings

    @property
    def machines(self) -> str:
        """What runs, in words."""
        service = f"{self.hosts} {self.host.name}"
        return f"{service}, {self.nodes} {self.node.name}" if self.node else service


PLANS = (
    Plan(100_000, "LanceDB", SMALL, bytes_of_photo=RESIDENT.value),
    Plan(1_000_000, "LanceDB", MIDDLE, bytes_of_photo=RESIDENT.value),
    Plan(10_000_000, "Elasticsearch", MIDDLE, 2, NODE, CODES.value),
    Plan(100_000_000, "Elasticsearch, small", LARGE, 2, LARGE_NODE, BITS.value),
    Plan(1_000_000_000, "Elasticsearch, small", LARGE, 4, LARGE_NODE, BITS.value),
)

_ON_CPU = ENCODE.value * 4  # a machine of eight processors, in photos a second
_ON_GPU = 4 / DECODE.value  # four processors feed it, and decode no more

_ROWS: tuple[tuple[str, Callable[[Plan], str]], ...] = (
    ("engine", lambda plan: plan.engine),
    ("machines", lambda plan: plan.machines),
    ("memory for vectors, GB", lambda plan: _number(plan.vectors)),
    ("index on disk, GB", lambda plan: _number(plan.disk)),
    ("thumbnails, GB", lambda plan: _number(plan.photos * THUMBNAIL.value / GB)),
    ("**dollars a month**", lambda plan: _number(plan.monthly)),
    (f"encode once, hours of a {LARGE.name}", lambda plan: _hours(plan, _ON_CPU)),
    ("the same, dollars", lambda plan: _cost(plan, _ON_CPU, LARGE)),
    (f"encode once, hours of a {GPU.name}", lambda plan: _hours(plan, _ON_GPU)),
    ("the same, dollars", lambda plan: _cost(plan, _ON_GPU, GPU)),
    ("reading and writing S3 once, dollars", lambda plan: _number(plan.photos * (_GET + _PUT))),
    (
        "LanceDB in a bucket: a commit reads, MB",
        lambda plan: _number(plan.photos * IDS.value / 1e6),
    ),
    ("Milvus instead: memory, GB", lambda plan: _number(plan.photos * GRAPH.value / GB)),
    ("Milvus, small: memory, GB", lambda plan: _number(plan.photos * LISTS.value / GB)),
)


def main() -> int:
    """Print both tables of docs/scaling.md."""
    print("\n".join([*units_table(), "", *sizes_table()]))
    return 0


def units_table() -> list[str]:
    """What the other table is made of."""
    rows = [f"| {unit.what} | {unit.value:,g} | {unit.source} |" for unit in UNITS]
    return ["| unit | figure | where it comes from |", "| --- | ---: | --- |", *rows]


def sizes_table() -> list[str]:
    """What each size takes."""
    head = f"| photos | {' | '.join(_size(plan.photos) for plan in PLANS)} |"
    rows = [f"| {name} | {' | '.join(map(of, PLANS))} |" for name, of in _ROWS]
    return [head, f"| --- |{' ---: |' * len(PLANS)}", *rows]


def _size(photos: int) -> str:
    for unit, name in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand")):
        if photos >= unit:
            return f"{photos // unit} {name}"
    return str(photos)


def _number(value: float) -> str:
    """With two digits that say something."""
    if value >= 100:
        return f"{round(value, 1 - int(math.log10(value))):,.0f}"
    return f"{value:.2g}"


def _hours(plan: Plan, photos_per_second: float) -> str:
    return _number(plan.photos / photos_per_second / 3600)


def _cost(plan: Plan, photos_per_second: float, machine: Machine) -> str:
    return _number(plan.photos / photos_per_second / 3600 * machine.price)


if __name__ == "__main__":
    sys.exit(main())
