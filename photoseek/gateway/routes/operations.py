"""How the gateway is: for probes, and in numbers for Prometheus."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from photoseek.errors import PhotoseekError
from photoseek.gateway.dependencies import SharedParts
from photoseek.gateway.health import ANSWER_SECONDS
from photoseek.gateway.problems import Problem
from photoseek.gateway.service import Service

router = APIRouter(tags=["service"])


class Health(BaseModel):
    """All is well, or the answer would be an error."""

    status: Literal["alive", "ready"]


@router.get("/healthz", summary="The gateway lives", operation_id="isAlive")
async def live() -> Health:
    """200 as long as the gateway's process answers at all."""
    return Health(status="alive")


@router.get(
    "/readyz", summary="Every part is up, and the index can be read", operation_id="isReady"
)
async def is_ready(shared: SharedParts) -> Health:
    """200 when all behind the gateway answers and the index does, else 503 within four seconds."""
    if reason := await shared.readiness.problem():
        raise Problem(503, reason)
    return Health(status="ready")


@router.get(
    "/metrics",
    summary="Numbers for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
    operation_id="getMetrics",
)
async def metrics(shared: SharedParts) -> Response:
    """Requests by route and status, latencies by stage, photos in the index."""
    photos = await _photos(shared.service)
    return Response(shared.metrics.text(photos), media_type=CONTENT_TYPE_LATEST)


async def _photos(service: Service) -> int | None:
    """How many there are; None as long as the service is not ready."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return None if await service.problem() else (await service.status()).photos
    except (PhotoseekError, TimeoutError):
        return None
