"""Whether a part on this machine is ready: `python -m flows.health gateway|encoder|indexer`.

For health checks of containers, so it imports neither Jina nor torch. It ends with 0 when the part
is ready and with 1, and a word why, when it is not.
"""

from __future__ import annotations

import argparse
import sys
import urllib.error
import urllib.request

from flows.ports import reachable
from photoseek.errors import PhotoseekError
from photoseek.settings import Settings, load_settings

PARTS = ("gateway", "encoder", "indexer")
SECONDS = 5


def main() -> int:
    """Ask one part. Its address comes from the settings."""
    parser = argparse.ArgumentParser(prog="python -m flows.health", description=main.__doc__)
    parser.add_argument("part", choices=PARTS)
    part = parser.parse_args().part
    try:
        reason = why_not_ready(part, load_settings())
    except PhotoseekError as error:
        reason = str(error)
    if reason:
        print(f"The {part} is not ready: {reason}", file=sys.stderr)
    return 1 if reason else 0


def why_not_ready(part: str, settings: Settings) -> str:
    """What keeps a part from being ready, or ""."""
    host = reachable(settings.host)
    if part == "gateway":
        return _over_http(f"http://{host}:{settings.http_port}/readyz")
    return _over_grpc(f"{host}:{getattr(settings, part).rpartition(':')[2]}")


def _over_http(url: str) -> str:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(url, timeout=SECONDS).close()
    except (urllib.error.URLError, OSError) as error:
        return f"{url} says {error}"
    return ""


def _over_grpc(address: str) -> str:
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    with grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
        try:
            stub = health_pb2_grpc.HealthStub(channel)
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=SECONDS)
        except grpc.RpcError as error:
            return f"{address} says {error.code().name}"
    serving = answer.status == health_pb2.HealthCheckResponse.SERVING
    return "" if serving else f"{address} does not serve"


if __name__ == "__main__":
    sys.exit(main())
