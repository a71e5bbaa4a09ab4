"""Whether the gateway lives, and whether all behind it does."""

from collections.abc import Awaitable, Callable
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from executors.gateway.problems import UNAVAILABLE, Problem


class Health(BaseModel):
    """All is well, or the answer would be an error."""

    status: Literal["alive", "ready"]


def health_router(ready: Callable[[], Awaitable[bool]]) -> APIRouter:
    """`/healthz` and `/readyz`."""
    router = APIRouter(tags=["service"])

    @router.get("/healthz", summary="The gateway lives")
    async def live() -> Health:
        """200 as long as the gateway's process answers at all."""
        return Health(status="alive")

    @router.get("/readyz", summary="Every part is up")
    async def is_ready() -> Health:
        """200 when every executor answers, else 503."""
        if not await ready():
            raise Problem(503, UNAVAILABLE)
        return Health(status="ready")

    return router
