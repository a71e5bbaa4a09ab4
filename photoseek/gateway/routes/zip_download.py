"""A selection of photos as one file, with what to print beside each."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from anyio import from_thread
from fastapi import APIRouter, HTTPException
from fastapi.responses import StreamingResponse
from zipstream import ZIP_STORED, ZipStream

from photoseek.attribution import attribution
from photoseek.errors import OutsideRootsError, PhotoError, SourceError
from photoseek.fetch import PhotoReader
from photoseek.files.names import own_name
from photoseek.flow.calls import INDEXER, FlowCalls, wire
from photoseek.flow.documents import PhotosDoc, WantedDoc
from photoseek.gateway.problems import Problem
from photoseek.gateway.routes.answers import Stored
from photoseek.gateway.routes.models import Ids
from photoseek.gateway.routes.originals import (
    KeptOriginals,
    downloaded_from,
    open_local,
    outside,
)
from photoseek.photos import check_start
from photoseek.settings import Settings

ATTRIBUTIONS = "attributions.csv"
COLUMNS = (
    "file", "id", "caption", "photographer", "licence", "attribution", "source_url", "problem"
)  # fmt: skip


def archive_router(flow: FlowCalls, reader: PhotoReader, settings: Settings) -> APIRouter:
    """The route that packs photos."""
    router = APIRouter(prefix="/api/photos", tags=["photos"])
    kept = KeptOriginals(flow, settings)

    def read(photo: Stored) -> bytes:
        """The bytes of a photo, in a thread of their own; a stock service may be told."""
        place = downloaded_from(photo, settings)
        try:
            if (file := open_local(reader, photo)) is not None:
                with file:
                    return file.read(file.status.st_size)
        except PhotoError:
            if not kept.has(photo):
                raise
        if kept.has(photo):
            data = None
            with suppress(Problem):  # then its place may still have it
                data = kept.at_hand(photo) or from_thread.run(kept.of_indexer, photo)
            if data:
                return data
        data = reader.read(place)
        check_start(data)
        return data

    @router.post(
        "/zip",
        summary="Originals of a selection, with a table of licences and attributions",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/zip": {}}}},
    )
    async def pack(wanted: Ids) -> StreamingResponse:
        asked = wire(WantedDoc, ids=list(dict.fromkeys(wanted.ids)))
        answer = await flow.call("/photos", asked, PhotosDoc, only=INDEXER)
        photos = json.loads(answer.photos)
        if not photos:
            raise HTTPException(404, "None of these photos is in the index.")
        return StreamingResponse(
            _packed(photos, read),
            media_type="application/zip",
            headers={"Content-Disposition": 'attachment; filename="photos.zip"'},
        )

    return router


def _packed(photos: Sequence[Stored], read: Callable[[Stored], bytes]) -> Iterator[bytes]:
    """A zip file, one photo in memory at a time; a photo that is gone is told of in the table."""
    packed = ZipStream(compress_type=ZIP_STORED)  # photos are compressed already
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(COLUMNS)
    for number, photo in enumerate(photos, start=1):
        name, problem = f"{number:03d}-{own_name(photo['uri'])}", ""
        try:
            data = read(photo)
        except OutsideRootsError:
            name, problem = "", outside(photo)
        except (PhotoError, SourceError) as error:
            name, problem = "", str(error)
        else:
            packed.add(data, name)
            yield from packed.all_files()
        credit = attribution(photo["photographer"], photo["licence"], photo["source_url"])
        known = (
            photo["caption"],
            photo["photographer"],
            photo["licence"],
            credit,
            photo["source_url"],
        )
        rows.writerow([_cell(text) for text in (name, photo["id"], *known, problem)])
    packed.add("\ufeff" + table.getvalue(), ATTRIBUTIONS)  # the mark tells Excel that it is UTF-8
    yield from packed.finalize()


def _cell(text: str) -> str:
    """A text that a spreadsheet takes for a text and never for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
