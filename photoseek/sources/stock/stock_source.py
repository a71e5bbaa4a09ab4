"""A search at a stock service, page by page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import httpx

from photoseek.errors import SourceError
from photoseek.records import Photo, Skip
from photoseek.sources.source import Notes
from photoseek.sources.stock.service_api import StockApi


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search. `total` is how many photos there are on all pages."""

    photos: tuple[Photo | None, ...]
    total: int
    is_last: bool


class StockService(ABC):
    """Searches at one service, with the user's own key."""

    name: ClassVar[str]
    keys_page: ClassVar[str]
    """Where people get a key."""

    key_setting: ClassVar[str]
    api_setting: ClassVar[str]
    """The settings that hold the key and the address of the API."""

    shows_its_own: ClassVar[bool] = True
    """Whether its terms want photos to be shown from its own servers."""

    counts_downloads: ClassVar[bool] = False
    """Whether it wants to be told of each download; `download_url` tells it then."""

    def __init__(self, api: StockApi) -> None:
        self._api = api

    @staticmethod
    @abstractmethod
    def headers(key: str) -> dict[str, str]:
        """The headers by which the API knows who asks."""

    @abstractmethod
    def search(self, query: str, page: int) -> Page:
        """One page, counted from 1; None stands for an entry that describes no photo.

        Raises:
            SourceError: the service refuses, or does not answer.
        """

    def download_url(self, photo: Photo) -> str:
        """The URL to fetch a photo from when a person downloads it.

        Raises:
            SourceError: the service cannot be told of the download.
        """
        return photo.uri


class StockSource:
    """The photos that a search finds, best first.

    Pages are asked for when they are needed. Where one cannot be had after the first, a Skip
    says why and ends the source. What a search no longer lists has not vanished.
    """

    lists_everything = False

    def __init__(self, service: StockService, location: str, query: str, first: Page) -> None:
        self.location = location
        self.notes = Notes()
        self._service = service
        self._query = query
        self._first: Page | None = first
        self._total = first.total

    @classmethod
    def open(cls, service: StockService, location: str, query: str) -> Self:
        """Ask for the first page.

        Raises:
            SourceError: there is nothing on it.
        """
        first = service.search(query, 1)
        if not first.photos:
            raise SourceError(f"{service.name} finds no photos for {query!r}.")
        return cls(service, location, query, first)

    def __iter__(self) -> Iterator[Photo | Skip]:
        """Yield the photos, each once: results move from page to page while they are read."""
        self.notes.begin()
        seen: set[str] = set()
        for number in count(1):
            try:
                page = self._page(number)
            except SourceError as error:
                if number == 1:
                    raise
                reason = f"Page {number} and those after it were not read. {error}"
                yield Skip(self.location, reason, unclear=True)
                return
            before = len(seen)
            for photo in page.photos:
                if photo is None:
                    reason = f"{self._service.name} describes a photo without id or URL."
                    yield Skip(f"{self.location}, page {number}", reason, unclear=True)
                elif photo.id not in seen:
                    seen.add(photo.id)
                    yield self.notes.fitted(photo, photo.id[:80], photo.uri[:1000])
            if page.is_last or len(seen) == before:
                return

    def count(self) -> int:
        """How many photos the service says that it finds."""
        return self._total

    def _page(self, number: int) -> Page:
        first, self._first = self._first, None
        return first if first and number == 1 else self._service.search(self._query, number)


def fields(value: Any) -> dict[str, Any]:
    """A JSON object; an empty one where the answer has something else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """A JSON list; an empty one where the answer has something else."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """A JSON string without odd white space; "" where the answer has something else."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def number(value: Any) -> int:
    """A JSON number; 0 where the answer has something else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def web_address(value: Any, **parameters: str | int) -> str:
    """An http(s) URL with parameters added; "" where the answer has none."""
    try:
        url = httpx.URL(text(value))
        if url.scheme in ("http", "https") and urlsplit(text(value)).hostname:
            return str(url.copy_merge_params(parameters) if parameters else url)
    except (httpx.InvalidURL, ValueError):
        pass
    return ""


def not_empty(metadata: dict[str, str]) -> dict[str, str]:
    """The metadata that the answer had."""
    return {name: value for name, value in metadata.items() if value}
