"""Whether a part on this machine is ready: `python -m photoseek.flow.probe PART`.

For health checks of containers, which run it every few seconds for ever: it imports neither Jina
nor torch nor the settings, which take longer to load than the answer takes. It ends with 0 when the
part is ready, and with 1 and a sentence that says why when it is not.
"""

from __future__ import annotations

import http.client
import os
import sys

SECONDS = 5

# Settings as a container has them, in its environment, and their defaults.
HOSTS = {
    "gateway": ("PHOTOSEEK_HOST", "127.0.0.1"),
    "encoder": ("PHOTOSEEK_PARTS_HOST", "127.0.0.1"),
    "indexer": ("PHOTOSEEK_PARTS_HOST", "127.0.0.1"),
}
PORTS = {
    "gateway": ("PHOTOSEEK_HTTP_PORT", "8080"),
    "encoder": ("PHOTOSEEK_ENCODER", "127.0.0.1:8082"),
    "indexer": ("PHOTOSEEK_INDEXER", "127.0.0.1:8083"),
}
PARTS = tuple(PORTS)


def main() -> int:
    """Ask the part that the command line names."""
    if len(sys.argv) != 2 or sys.argv[1] not in PARTS:
        print(f"usage: python -m photoseek.flow.probe {'|'.join(PARTS)}", file=sys.stderr)
        return 2
    part = sys.argv[1]
    reason = why_not_ready(part)
    if reason:
        print(f"The {part} is not ready: {reason}", file=sys.stderr)
    return 1 if reason else 0


def why_not_ready(part: str) -> str:
    """What keeps a part from being ready, or ""."""
    host, port = _setting(*HOSTS[part]), _setting(*PORTS[part]).rpartition(":")[2]
    here = host if host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104
    return _over_http(here, port) if part == "gateway" else _over_grpc(f"{here}:{port}")


def _setting(name: str, default: str) -> str:
    return os.environ.get(name) or default


def _over_http(host: str, port: str) -> str:
    connection = http.client.HTTPConnection(host, int(port), timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        status = connection.getresponse().status
    except (http.client.HTTPException, OSError) as error:
        return f"{host}:{port} says {error}"
    finally:
        connection.close()
    return "" if status < 300 else f"/readyz on {host}:{port} says {status}"


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
