"""A look at the ports: free, or who answers there."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import httpx

from photoseek import __version__
from photoseek.cli.checks.findings import Finding, Subject
from photoseek.client.http import brief_answer
from photoseek.compat.http_locks import mend_locks
from photoseek.errors import ServiceError
from photoseek.helpers.counted import counted
from photoseek.helpers.extras import has_extra
from photoseek.helpers.ports import check_free, free_ports, reachable
from photoseek.helpers.program import command
from photoseek.settings import Settings, variable

ANSWER_SECONDS = 3.0
ALIVE = {"status": "alive"}


def look_at_ports(subject: Subject) -> Iterator[Finding]:
    """The port for HTTP, and that for gRPC where it is used."""
    yield _port(subject.settings, "http_port", subject.settings.http_port)
    if has_extra("flow") and not subject.settings.in_process:
        yield _port(subject.settings, "grpc_port", subject.settings.grpc_port)


def _port(settings: Settings, setting: str, port: int) -> Finding:
    name = f"port {port}"
    try:
        check_free(settings.host, port, variable(setting))
    except ServiceError as error:
        other = f"{command('serve')} --{setting.replace('_', '-')} {free_ports(1)[0]}"
        if not _is_open(reachable(settings.host), port):
            return _cannot_listen(settings.host, name, str(error), other)
        url = f"http://{reachable(settings.host)}:{port}"
        if who := _gateway(url) if setting == "http_port" else "":
            return Finding(name, "ok", who)
        if setting == "grpc_port" and _gateway(
            f"http://{reachable(settings.host)}:{settings.http_port}"
        ):
            return Finding(name, "ok", "The gateway answers there, too.")
        text = f"Somebody else listens there on {settings.host}, which is no gateway of photoseek."
        return Finding(name, "warn", text, other)
    return Finding(name, "ok", f"free on {settings.host}")


def _cannot_listen(host: str, name: str, error: str, other: str) -> Finding:
    try:
        check_free(host, 0, variable("host"))
    except ServiceError:  # it is not the port that is wrong
        text = f"{host} is no address of this machine, so nothing can listen there."
        return Finding(name, "wrong", text, f"{command('serve')} --host 127.0.0.1")
    return Finding(name, "wrong", error, other)


def _gateway(url: str) -> str:
    """What the gateway of photoseek is that answers there; "" where it is something else."""
    mend_locks()
    try:
        with httpx.Client(base_url=url, timeout=ANSWER_SECONDS, trust_env=False) as http:
            if json.loads(brief_answer(http, "/healthz", ANSWER_SECONDS)[1]) != ALIVE:
                return ""
            told = http.get("/api/stats").json()
        if "version" not in told:  # it asks for a key, or its index is gone
            return f"A gateway of photoseek answers, and says: {told['detail']}"
        photos = counted(told["photos"], "photo", "photos")
        text = f"photoseek {told['version']} serves {told['location']}, {photos}"
        return text if told["version"] == __version__ else f"{text}; this here is {__version__}"
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return ""


def _is_open(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host.strip("[]"), port), ANSWER_SECONDS):
            return True
    except OSError:
        return False
