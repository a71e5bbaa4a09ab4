"""Folders of this machine and the run over one of them, as JSON."""

from dataclasses import asdict
from typing import Literal

from pydantic import BaseModel, Field

from photoseek.gateway.routes.filter_models import Strict
from photoseek.indexing.folder_run import RunView
from photoseek.sources.browsing import FolderView


class FolderPath(Strict):
    """A folder of the gateway's machine."""

    path: str = Field(max_length=4096, description="Its absolute path.")


class WantedFolder(Strict):
    """A folder to look at."""

    path: str = Field("", max_length=4096, description='Its path; "" gives the usual places.')


class PlaceModel(BaseModel):
    """A folder on the way to another one."""

    name: str
    path: str


class SubFolderModel(PlaceModel):
    """A folder that can be opened."""

    photos: int = Field(description="Photos in and below it.")
    is_exact: bool = Field(description="Whether these are all; else there are at least as many.")
    problem: str = Field(description="Why it cannot be opened.")


class FolderModel(BaseModel):
    """A folder, or the beginning, which holds the usual places."""

    path: str = Field(description='"" at the beginning.')
    name: str
    parents: list[PlaceModel] = Field(description="The way to it, from one of the usual places.")
    folders: list[SubFolderModel]
    photos: int = Field(description="Photos in and below it.")
    is_exact: bool = Field(description="Whether these are all; else there are at least as many.")
    more: int = Field(description="Folders in it that are not listed.")
    problem: str = Field(description="Why it cannot be indexed as a whole.")


class LeftOut(BaseModel):
    """A photo that was left out."""

    uri: str
    reason: str


class RunModel(BaseModel):
    """An indexing run of a folder, as it is now."""

    id: str
    folder: str
    state: Literal["preparing", "running", "stopping", "stopped", "done", "failed"] = Field(
        description="preparing: the model is loaded, the first time after it was downloaded."
    )
    total: int | None = Field(description="Photos of the folder; null until they are counted.")
    done: int = Field(description="Photos that were dealt with.")
    indexed: int
    updated: int = Field(description="Photos whose bytes the index had.")
    unchanged: int
    skipped: int = Field(description="Photos that were left out.")
    deleted: int = Field(description="Photos that were deleted on purpose earlier, and stay out.")
    per_second: float
    seconds_left: float | None = Field(description="null while nobody knows.")
    seconds: float = Field(description="Since it began, or how long it took.")
    left_out: list[LeftOut] = Field(description="The first of those that were skipped.")
    not_read: str = Field(description="What is told of files of kinds that are not read.")
    remarks: list[str]
    error: str = Field(description="Why it failed.")


class RunAnswer(BaseModel):
    """The run that is under way, or the one that ended last."""

    run: RunModel | None


def folder_model(view: FolderView) -> FolderModel:
    """A folder for the page."""
    return FolderModel(**asdict(view))


def run_model(view: RunView) -> RunModel:
    """A run for the page."""
    return RunModel(**asdict(view))
