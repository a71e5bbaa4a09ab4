"""A selection of photos as one file, with what to print beside each."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence

from fastapi import APIRouter, HTTPException
from fastapi.responses import StreamingResponse
from zipstream import ZIP_STORED, ZipStream

from executors.documents import PhotosDoc, WantedDoc
from executors.gateway.routes.answers import Stored
from executors.gateway.routes.flow import INDEXER, FlowCalls, wire
from executors.gateway.routes.models import Ids
from executors.gateway.routes.originals import downloaded_from
from photoseek.attribution import attribution
from photoseek.errors import PhotoError, SourceError
from photoseek.settings import Settings
from photoseek.storage import PhotoReader

ATTRIBUTIONS = "attributions.csv"
_NEVER_IN_NAMES = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')
COLUMNS = (
    "file", "id", "caption", "photographer", "licence", "attribution", "source_url", "problem"
)  # fmt: skip


def archive_router(flow: FlowCalls, reader: PhotoReader, settings: Settings) -> APIRouter:
    """The route that packs photos."""
    router = APIRouter(prefix="/api/photos", tags=["photos"])

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
            _packed(photos, reader, settings),
            media_type="application/zip",
            headers={"Content-Disposition": 'attachment; filename="photos.zip"'},
        )

    return router


def _packed(photos: Sequence[Stored], reader: PhotoReader, settings: Settings) -> Iterator[bytes]:
    """A zip file, one photo in memory at a time; a photo that is gone is told of in the table."""
    packed = ZipStream(compress_type=ZIP_STORED)  # photos are compressed already
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(COLUMNS)
    for number, photo in enumerate(photos, start=1):
        name, problem = f"{number:03d}-{_safe(photo['uri'])}", ""
        try:
            data = reader.read(downloaded_from(photo, settings))
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


def _safe(uri: str) -> str:
    """The file's own name, without anything that leads out of a folder."""
    place = uri.partition("?")[0] if "://" in uri else uri
    name = _NEVER_IN_NAMES.sub("_", place.rpartition("/")[2])
    return name[-100:].lstrip(".") or "photo"


def _cell(text: str) -> str:
    """A text that a spreadsheet takes for a text and never for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
