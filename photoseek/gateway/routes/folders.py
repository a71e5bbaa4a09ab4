"""Choosing a folder of this machine and indexing it, for the person who sits at it.

`photoseek.gateway.middleware.this_machine` lets nobody else come here. What is asked is posted, so
that a browser says whose page asks, and no path of a person stands in an address or a log.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends

from photoseek.errors import SourceError
from photoseek.gateway.dependencies import SharedParts
from photoseek.gateway.folder_runs import FolderRuns
from photoseek.gateway.problems import Problem
from photoseek.gateway.route_policy import THIS_MACHINE
from photoseek.gateway.routes.folder_models import (
    FolderModel,
    FolderPath,
    RunAnswer,
    RunModel,
    WantedFolder,
    folder_model,
    run_model,
)
from photoseek.helpers.deadlines import in_background
from photoseek.sources.browsing import checked_folder, first_view, folder_view, why_too_large

T = TypeVar("T")

LOOKING_SECONDS = 10.0
"""How long a folder may take to answer; that of a network disk which is gone never does."""

MOST_LOOKING = 8
"""Folders that are looked at at once, the silent ones among them."""

router = APIRouter(prefix=THIS_MACHINE, tags=["this machine"])


async def get_runs(shared: SharedParts) -> FolderRuns:
    """The runs of this gateway."""
    return shared.folder_runs


Runs = Annotated[FolderRuns, Depends(get_runs)]


@router.post(
    "/folders",
    summary="A folder of the gateway's machine, and those in it",
    operation_id="lookAtFolder",
)
async def look(wanted: WantedFolder, shared: SharedParts) -> FolderModel:
    """Only for the person at that machine. Hidden folders are left out; counts are cut off."""
    roots = shared.settings.photo_roots
    work = partial(folder_view, wanted.path, roots) if wanted.path else partial(first_view, roots)
    return folder_model(await _look(shared.looking, wanted.path, work))


@router.get("/run", summary="The indexing run that was begun here", operation_id="getRun")
async def run(runs: Runs) -> RunAnswer:
    """It goes on when no page is open. What is told of it stays until it is put away."""
    view = runs.view()
    return RunAnswer(run=view and run_model(view))


@router.post(
    "/run",
    status_code=202,
    summary="Index a folder of the gateway's machine",
    operation_id="beginRun",
)
async def begin(folder: FolderPath, runs: Runs, shared: SharedParts) -> RunModel:
    """As `index --source FOLDER` does. 409 while another one is being indexed."""
    look = partial(checked_folder, folder.path, shared.settings.photo_roots)
    found = await _look(shared.looking, folder.path, look)
    if why := why_too_large(found):
        raise Problem(422, why)
    return run_model(runs.begin(str(found)))


@router.post("/run/stop", summary="Stop the run", operation_id="stopRun")
async def stop(runs: Runs) -> RunModel:
    """What is indexed stays, and the next run over the same folder goes on from there."""
    return run_model(runs.stop())


@router.delete(
    "/run",
    status_code=204,
    summary="Put away what is told of a run that has ended",
    operation_id="forgetRun",
)
async def forget(runs: Runs) -> None:
    """409 while it goes on."""
    runs.forget()


async def _look(looking: set[Future[Any]], path: str, look: Callable[[], T]) -> T:
    """What a look at the disk gives, which is waited for a while."""
    if len(looking) >= MOST_LOOKING:
        raise Problem(503, "Other folders are still being looked at. Try again in a moment.")
    work = in_background(look, "look at a folder")
    looking.add(work)
    work.add_done_callback(looking.discard)
    try:
        async with asyncio.timeout(LOOKING_SECONDS):
            return await asyncio.shield(asyncio.wrap_future(work))
    except SourceError as error:
        raise Problem(422, str(error)) from error
    except TimeoutError as error:
        raise Problem(
            504, f"{path or 'A disk'} does not answer. It may be a network disk that is gone."
        ) from error
