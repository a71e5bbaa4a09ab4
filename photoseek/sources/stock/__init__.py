"""Stock services as sources: a search by their official APIs, with the user's own key."""

from __future__ import annotations

from photoseek.errors import SourceError
from photoseek.records import Photo
from photoseek.settings import PREFIX, StockSettings
from photoseek.sources.stock.pexels import Pexels
from photoseek.sources.stock.service_api import StockApi
from photoseek.sources.stock.stock_source import StockSource
from photoseek.sources.stock.unsplash import Unsplash

__all__ = ["SERVICES", "StockSource", "download_url", "is_stock", "open_stock"]

SERVICES: dict[str, type[Unsplash] | type[Pexels]] = {"unsplash": Unsplash, "pexels": Pexels}


def is_stock(location: str) -> bool:
    """Whether a location is a search such as unsplash:red car."""
    return location.partition(":")[0].lower() in SERVICES and ":" in location


def open_stock(location: str, settings: StockSettings | None) -> StockSource:
    """Open unsplash:QUERY or pexels:QUERY; asks for the first page.

    Raises SourceError without a query or a key, when the service refuses, and when it finds
    nothing.
    """
    scheme, _, words = location.partition(":")
    query = " ".join(words.split())
    if not query:
        raise SourceError(f"{location!r} names no search. Write: {scheme}:red car")
    service = SERVICES[scheme.lower()](_api(scheme.lower(), settings))
    return StockSource.open(service, f"{scheme.lower()}:{query}", query)


def download_url(photo: Photo, settings: StockSettings) -> str:
    """The URL to fetch a photo from when a person downloads it, which is more than showing it.

    Unsplash wants to be told of each download and answers with the URL of the original; this
    tells it. For any other photo it is the photo's uri. Raises SourceError where Unsplash cannot
    be told.
    """
    if not photo.id.startswith("unsplash:"):
        return photo.uri
    return Unsplash(_api("unsplash", settings)).download_url(photo)


def _api(scheme: str, settings: StockSettings | None) -> StockApi:
    service = SERVICES[scheme]
    key = getattr(settings, service.key_setting, None)
    variable = PREFIX + service.key_setting.upper()
    if settings is None or key is None:
        raise SourceError(
            f"{service.name} needs a key of your own. Get one at {service.keys_page} and set "
            f"{variable}."
        )
    headers = service.headers(key.get_secret_value())
    base_url: str = getattr(settings, service.api_setting)
    return StockApi(service.name, base_url, headers, variable)
