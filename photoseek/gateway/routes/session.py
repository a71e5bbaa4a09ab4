"""The key in a cookie, for pictures of a page, which cannot send headers."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from photoseek.gateway.access import CHALLENGE, COOKIE, SESSION_SECONDS, WRONG
from photoseek.gateway.dependencies import SharedParts
from photoseek.gateway.middleware.rate_limit import client_of
from photoseek.gateway.problems import Problem


class SessionBody(BaseModel):
    """The key, from the page."""

    key: str = Field(max_length=500)


router = APIRouter(prefix="/api", tags=["access"])


@router.post(
    "/session", status_code=204, summary="Keep the key in a cookie", operation_id="beginSession"
)
async def begin(
    body: SessionBody, request: Request, response: Response, shared: SharedParts
) -> None:
    """Sets an HttpOnly cookie that stands for the key for 30 days, in this browser only."""
    access = shared.access
    if access.needed == "none":
        return
    if not await access.is_key(body.key, client_of(request.scope)):
        raise Problem(401, WRONG, headers=CHALLENGE)
    response.set_cookie(
        COOKIE,
        access.new_session(),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


@router.delete("/session", status_code=204, summary="Forget the key", operation_id="endSession")
async def end(response: Response) -> None:
    """Removes the cookie."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
