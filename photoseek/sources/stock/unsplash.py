"""Unsplash: https://unsplash.com/documentation, and its guidelines for users of its API.

Pictures are shown from Unsplash's own URLs with their `ixid`, photographers and Unsplash are
credited with links that carry UTM parameters, and each download is reported.
"""

from __future__ import annotations

from typing import Any

import httpx
from typing_extensions import override

from photoseek.errors import SourceError
from photoseek.records import Photo
from photoseek.sources.stock.stock_source import (
    Page,
    StockService,
    fields,
    items,
    not_empty,
    number,
    text,
    web_address,
)

PER_PAGE = 30
"""As many as the API gives."""

WIDTH = 1080
"""Pixels: enough for any model and for a screen, 150 KB."""

OFFICIAL = "https://api.unsplash.com"
"""What Unsplash calls itself in its answers, also behind a proxy."""

_CREDIT = {"utm_source": "photoseek", "utm_medium": "referral"}


class Unsplash(StockService):
    """Searches photos. `download_location` in a photo's metadata is where downloads are told."""

    name = "Unsplash"
    keys_page = "https://unsplash.com/developers"
    key_setting = "unsplash_access_key"
    api_setting = "unsplash_api"
    counts_downloads = True

    @staticmethod
    @override
    def headers(key: str) -> dict[str, str]:
        return {"Accept-Version": "v1", "Authorization": f"Client-ID {key}"}

    @override
    def search(self, query: str, page: int) -> Page:
        answer = fields(self._api.get("/search/photos", query=query, page=page, per_page=PER_PAGE))
        return Page(
            photos=tuple(_photo(fields(item)) for item in items(answer.get("results"))),
            total=number(answer.get("total")),
            is_last=page >= number(answer.get("total_pages")),
        )

    @override
    def download_url(self, photo: Photo) -> str:
        """Tell Unsplash that a photo is downloaded; gives the URL of the original.

        Raises:
            SourceError: it cannot be told, or when the address to tell is not Unsplash's: metadata
                may come from anywhere, and the key goes to the API alone.
        """
        place = photo.metadata.get("download_location", "")
        path = _path_at(place, self._api.base_url) or _path_at(place, OFFICIAL)
        if path is None:
            raise SourceError(
                f"The photo {photo.id} cannot be downloaded: its download_location "
                f"{place[:100]!r} is no address of {self.name}. Index it again."
            )
        return web_address(fields(self._api.get(path)).get("url")) or photo.uri


def _path_at(place: str, api: str) -> str | None:
    """The path below `api` of a photo's download; None where `place` is no such address."""
    try:
        url, base = httpx.URL(place), httpx.URL(api)
    except httpx.InvalidURL:
        return None
    folder = base.path.rstrip("/")
    path = url.path.removeprefix(folder)
    same = (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)
    if not same or url.userinfo or not path.startswith("/photos/") or ".." in path:
        return None
    return url.raw_path.decode().removeprefix(folder)


def _photo(item: dict[str, Any]) -> Photo | None:
    urls, links, user = (fields(item.get(name)) for name in ("urls", "links", "user"))
    own_id = text(item.get("id"))
    uri = web_address(urls.get("raw"), w=WIDTH, fit="max", q=80, fm="jpg")
    if not own_id or not uri:
        return None
    premium = item.get("premium") is True or item.get("plus") is True
    tags = (text(fields(tag).get("title")) for tag in items(item.get("tags")))
    return Photo(
        id=f"unsplash:{own_id}",
        uri=uri,
        version=text(item.get("updated_at")),
        caption=text(item.get("description")) or text(item.get("alt_description")),
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        photographer=text(user.get("name")),
        licence="Unsplash+ License" if premium else "Unsplash License",
        source_url=web_address(links.get("html"), **_CREDIT),
        metadata=not_empty(
            {
                "photographer_url": web_address(fields(user.get("links")).get("html"), **_CREDIT),
                "download_location": web_address(links.get("download_location")),
                "original_width": str(number(item.get("width")) or ""),
                "original_height": str(number(item.get("height")) or ""),
            }
        ),
    )
