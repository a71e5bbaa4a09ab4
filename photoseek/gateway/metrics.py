"""What the gateway does, in numbers for Prometheus."""

import asyncio
import time
from collections.abc import Iterator
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from photoseek.sharing import SharedState

Stage = Literal["encode", "search", "total"]

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
UNKNOWN = "other"
"""Stands for every path that is no route, and every method that nobody knows."""

CLIENT_IS_GONE = 499
"""Stands for the status of a search that was broken off; proxies have the same number for it."""


class Metrics:
    """Counts in a registry of its own."""

    def __init__(self, state: SharedState) -> None:
        """`state` is what gateways share, of which it is told how it goes."""
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_StateCollector(state))
        self.requests = Counter(
            "photoseek_http_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=registry,
        )
        self.seconds = Histogram(
            "photoseek_http_request_seconds",
            "From a request to the end of its answer",
            ["route"],
            registry=registry,
            buckets=SECONDS,
        )
        self.in_flight = Gauge(
            "photoseek_http_requests_in_flight", "Requests not answered yet", registry=registry
        )
        self._stages = Histogram(
            "photoseek_stage_seconds",
            "Stages of a search: encoding the query, searching the index, all of it",
            ["stage"],
            registry=registry,
            buckets=SECONDS,
        )
        self._lookups = Counter(
            "photoseek_kept_lookups",
            "Times that an answer or an embedding was looked for among those that are kept",
            ["what", "outcome"],
            registry=registry,
        )
        self._photos = Gauge("photoseek_photos", "Photos in the index", registry=registry)
        self._ready = Gauge(
            "photoseek_ready",
            "1 when every part is up and the index can be read",
            registry=registry,
        )

    def looked_up(self, what: str, *, is_found: bool) -> None:
        """Note whether something was there that gateways share, such as an answer."""
        self._lookups.labels(what, "hit" if is_found else "miss").inc()

    def observe(self, stage: Stage, seconds: float) -> None:
        """Note how long a stage of one search took."""
        self._stages.labels(stage).observe(seconds)

    def text(self, photos: int | None) -> bytes:
        """All numbers in Prometheus' format; `photos` is None when the index does not answer."""
        self._ready.set(photos is not None)
        if photos is not None:
            self._photos.set(photos)
        return generate_latest(self._registry)


class _StateCollector(Collector):
    """How it goes with Redis, where there is one."""

    def __init__(self, state: SharedState) -> None:
        self._state = state

    @override
    def collect(self) -> Iterator[Metric]:
        health = self._state.health()
        if health is not None:
            up, failures = "photoseek_redis_up", "photoseek_redis_failures"
            yield GaugeMetricFamily(up, "1 when Redis answers", value=health.is_up)
            text = "Times that Redis did not answer, or refused"
            yield CounterMetricFamily(failures, text, value=health.failures)


class Measured:
    """ASGI middleware that counts and times requests by route, never by path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        metrics, started = self._metrics, time.perf_counter()
        metrics.in_flight.inc()
        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:
            status = CLIENT_IS_GONE
            raise
        finally:
            metrics.in_flight.dec()
            route = getattr(scope.get("route"), "path", UNKNOWN)
            method = scope["method"] if scope["method"] in METHODS else UNKNOWN
            metrics.requests.labels(method, route, str(status)).inc()
            metrics.seconds.labels(route).observe(time.perf_counter() - started)
