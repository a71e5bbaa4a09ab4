"""A name whose addresses change, asked with the gateway's options; prints who answered, as JSON.

Run by test_balancing.py in a mount namespace whose /etc/hosts is this program's own.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import grpc
import yaml
from grpc_health.v1 import health_pb2, health_pb2_grpc

FLOW = Path(__file__).parents[3] / "flows" / "photoseek.yml"
AGE_MS = 300
PAUSE = 0.01


class Replica(health_pb2_grpc.HealthServicer):  # type: ignore[misc]
    """An encoder, as far as the channel can tell."""

    def __init__(self, address: str, answers: Counter[str]) -> None:
        self._address, self._answers = address, answers

    async def Check(self, *_: object) -> Any:  # noqa: N802 -- gRPC's name
        self._answers[self._address] += 1
        return health_pb2.HealthCheckResponse()


async def main(port: int) -> None:
    """One replica, two, the second alone, and then one at a new address."""
    flow = yaml.safe_load(FLOW.read_text("utf-8").replace("${{", "#"))
    options = flow["gateway"]["grpc_channel_options"]
    answers: Counter[str] = Counter()
    errors: list[str] = []

    async def replica(address: str) -> Any:
        server_options = flow["executors"][0]["grpc_server_options"] | {
            "grpc.max_connection_age_ms": AGE_MS
        }
        server = grpc.aio.server(options=list(server_options.items()))
        health_pb2_grpc.add_HealthServicer_to_server(Replica(address, answers), server)
        server.add_insecure_port(f"{address}:{port}")
        await server.start()
        return server

    async with grpc.aio.insecure_channel(f"encoder:{port}", list(options.items())) as channel:
        stub = health_pb2_grpc.HealthStub(channel)

        async def ask_until(*addresses: str, only: bool = False) -> None:
            answers.clear()
            while not all(answers[address] > 9 for address in addresses):
                await asyncio.sleep(PAUSE)
                try:
                    await stub.Check(health_pb2.HealthCheckRequest(), timeout=10)
                except grpc.aio.AioRpcError as error:
                    errors.append(error.code().name)
                if only and set(answers) - set(addresses):
                    answers.clear()

        name("127.0.0.2")
        first = await replica("127.0.0.2")
        await ask_until("127.0.0.2")
        name("127.0.0.2", "127.0.0.3")
        second = await replica("127.0.0.3")
        await ask_until("127.0.0.2", "127.0.0.3")
        name("127.0.0.3")
        await asyncio.gather(first.stop(10), ask_until("127.0.0.3", only=True))
        lost, errors[:] = list(errors), []
        await second.stop(None)
        name("127.0.0.4")
        third = await replica("127.0.0.4")
        await ask_until("127.0.0.4")
        await third.stop(None)
    print(json.dumps({"lost": lost, "lost_while_all_were_gone": errors}))


def name(*addresses: str) -> None:
    """Let the name stand for these."""
    lines = "".join(f"{address} encoder\n" for address in addresses)
    Path("/etc/hosts").write_text(lines)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
