"""A small archive in the layout of Unsplash Lite, and a server that has it and its photos."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field

from photoseek.demo.library import jpeg_of, library_scenes
from tests.support.web_server import Handler, Route

PHOTO_COLUMNS = (
    "photo_id", "photo_url", "photo_image_url", "photo_submitted_at", "photo_featured",
    "photo_width", "photo_height", "photo_aspect_ratio", "photo_description",
    "photographer_username", "photographer_first_name", "photographer_last_name",
    "exif_camera_make", "exif_camera_model", "exif_iso", "exif_aperture_value",
    "exif_focal_length", "exif_exposure_time", "photo_location_name", "photo_location_latitude",
    "photo_location_longitude", "photo_location_country", "photo_location_city", "stats_views",
    "stats_downloads", "ai_description", "ai_primary_landmark_name",
    "ai_primary_landmark_latitude", "ai_primary_landmark_longitude",
    "ai_primary_landmark_confidence", "blur_hash",
)  # fmt: skip
KEYWORD_COLUMNS = (
    "photo_id", "keyword", "ai_service_1_confidence", "ai_service_2_confidence",
    "suggested_by_user",
)  # fmt: skip

Row = dict[str, str]


def photo_row(number: int, server: str, **more: str) -> Row:
    return {
        "photo_id": f"photo-{number}",
        "photo_url": f"https://unsplash.com/photos/photo-{number}",
        "photo_image_url": f"{server}/images/{number}",
        "photo_width": "4000",
        "photo_height": "3000",
        "photo_description": f"Description {number}",
        "photographer_username": "ann",
        "photographer_first_name": "Ann",
        "photographer_last_name": "Über",
        "ai_description": f"AI description {number}",
    } | more


def keyword_row(number: int, keyword: str, one: str = "", two: str = "", user: str = "f") -> Row:
    values = (f"photo-{number}", keyword, one, two, user)
    return dict(zip(KEYWORD_COLUMNS, values, strict=True))


def table(columns: Sequence[str], rows: Sequence[Row], delimiter: str = "\t") -> str:
    def quoted(cell: str) -> str:
        special = any(letter in cell for letter in f'{delimiter}"\n')
        return '"' + cell.replace('"', '""') + '"' if special else cell

    lines = [delimiter.join(columns)]
    lines += [delimiter.join(quoted(row.get(name, "")) for name in columns) for row in rows]
    return "".join(f"{line}\n" for line in lines)


def archive(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return buffer.getvalue()


def lite_archive(server: str, count: int) -> bytes:
    """As it is published: several tables, of which two are used."""
    photos = [photo_row(number, server) for number in range(count)]
    keywords = [keyword_row(n, word, "90.5", "", "f") for n in range(count) for word in ("a", "b")]
    return archive(
        {
            "TERMS.md": "Terms",
            "photos.tsv000": table(PHOTO_COLUMNS, photos),
            "keywords.tsv000": table(KEYWORD_COLUMNS, keywords),
            "colors.tsv000": "photo_id\thex\n",
        }
    )


@dataclass
class ArchiveRoute:
    """Serves a file as object stores do: ranges, ETag; `cut_after` breaks off once."""

    data: bytes = b""
    etag: str = '"one"'
    cut_after: int | None = None
    ranges: list[str] = field(default_factory=list)

    def __call__(self, handler: Handler) -> None:
        wanted = handler.headers.get("Range", "")
        self.ranges.append(wanted)
        start = 0
        if wanted and handler.headers.get("If-Range") == self.etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start and start >= len(self.data):
            handler.answer(416, Content_Range=f"bytes */{len(self.data)}")
            return
        body = self.data[start:]
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("ETag", self.etag)
        handler.end_headers()
        if self.cut_after is not None:
            body, self.cut_after = body[: self.cut_after], None
            handler.close_connection = True
        handler.wfile.write(body)


def photo_routes(count: int) -> dict[str, Route]:
    """The drawings that stand for the photos."""
    pictures = [jpeg_of(scene, longest=64) for scene in library_scenes(count)]

    def route(picture: bytes) -> Route:
        return lambda handler: handler.answer(200, picture)

    return {f"/images/{number}": route(picture) for number, picture in enumerate(pictures)}
