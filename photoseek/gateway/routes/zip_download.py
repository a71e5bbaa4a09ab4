"""A selection of photos as one file, with what to print beside each."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from fastapi import APIRouter, HTTPException
from fastapi.responses import StreamingResponse
from zipstream import ZIP_STORED, ZipStream

from photoseek.errors import OutsideRootsError, PhotoError, SourceError
from photoseek.files.names import own_name
from photoseek.gateway.dependencies import SharedParts
from photoseek.gateway.middleware.rate_limit import spend
from photoseek.gateway.originals import outside
from photoseek.gateway.routes.request_models import Ids
from photoseek.gateway.work import Asked
from photoseek.records import StoredPhoto

ATTRIBUTIONS = "attributions.csv"
COLUMNS = (
    "file", "id", "caption", "photographer", "licence", "attribution", "source_url", "problem"
)  # fmt: skip


router = APIRouter(prefix="/api/photos", tags=["photos"])


@router.post(
    "/zip",
    summary="Originals of a selection, with a table of licences and attributions",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}}},
    operation_id="downloadZip",
)
async def pack(wanted: Ids, shared: SharedParts) -> StreamingResponse:
    """A photo that cannot be had is named in the table, with the reason."""
    ids = list(dict.fromkeys(wanted.ids))
    await spend(Asked(hits=len(ids)).units)
    photos = await shared.service.photos(ids)
    if not photos:
        raise HTTPException(404, "None of these photos is in the index.")
    return StreamingResponse(
        _packed(photos, shared.originals.read),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="photos.zip"'},
    )


def _packed(stored: Sequence[StoredPhoto], read: Callable[[StoredPhoto], bytes]) -> Iterator[bytes]:
    """A zip file, one photo in memory at a time; a photo that is gone is told of in the table."""
    packed = ZipStream(compress_type=ZIP_STORED)  # photos are compressed already
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(COLUMNS)
    for number, each in enumerate(stored, start=1):
        photo = each.described
        name, problem = f"{number:03d}-{own_name(photo.uri)}", ""
        try:
            data = read(each)
        except OutsideRootsError:
            name, problem = "", outside(each)
        except (PhotoError, SourceError) as error:
            name, problem = "", str(error)
        else:
            packed.add(data, name)
            yield from packed.all_files()
        shown = (photo.caption, photo.photographer, photo.licence, each.attribution)
        rows.writerow([_cell(text) for text in (name, photo.id, *shown, photo.source_url, problem)])
    packed.add("\ufeff" + table.getvalue(), ATTRIBUTIONS)  # the mark tells Excel that it is UTF-8
    yield from packed.finalize()


def _cell(text: str) -> str:
    """A text that a spreadsheet takes for a text and never for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
