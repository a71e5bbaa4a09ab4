"""What people say of hits: good, or wrong."""

from functools import partial

from anyio import to_thread
from fastapi import APIRouter, HTTPException
from pydantic import Field

from photoseek.description_limits import MAX_ID
from photoseek.gateway.dependencies import SharedParts
from photoseek.gateway.problems import Problem
from photoseek.gateway.routes.filter_models import Strict
from photoseek.indexing.clicks import LONGEST_QUERY, Click

router = APIRouter(prefix="/api/clicks", tags=["search"])


class ClickBody(Strict):
    """That a photo is a good hit for a text, or a wrong one."""

    query: str = Field(
        min_length=1, max_length=LONGEST_QUERY, description="The text that was searched for."
    )
    photo: str = Field(min_length=1, max_length=MAX_ID, description="The id of the photo.")
    good: bool = Field(description="Whether it is what was meant.")


@router.post(
    "", status_code=204, summary="Say that a hit is good, or wrong", operation_id="addClick"
)
async def add_click(body: ClickBody, shared: SharedParts) -> None:
    """It is kept beside the index, for `photoseek tune --from clicks`. Of several for one text and
    photo the newest counts. 403 where the gateway keeps none, and 507 when no more fit.
    """
    if shared.clicks is None:
        raise HTTPException(403, "Clicks are not kept here: PHOTOSEEK_CLICKS is off.")
    query = " ".join(body.query.split())
    if not query:
        raise Problem(422, "The query of a click is empty; give the text that was searched for.")
    if not await shared.service.photos([body.photo]):
        raise HTTPException(404, f"No photo in the index has the id {body.photo!r}.")
    click = Click.now(query, body.photo, good=body.good)
    await to_thread.run_sync(partial(shared.clicks.add, click))
