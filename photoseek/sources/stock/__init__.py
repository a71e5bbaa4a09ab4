"""Stock services as sources: a search by their official APIs, with the user's own key."""

from __future__ import annotations

from photoseek.errors import SourceError
from photoseek.records import Photo
from photoseek.settings import PREFIX, StockSettings
from photoseek.sources.stock.pexels import Pexels
from photoseek.sources.stock.service_api import StockApi
from photoseek.sources.stock.stock_source import StockService, StockSource
from photoseek.sources.stock.unsplash import Unsplash

__all__ = ["SERVICES", "StockSource", "download_url", "open_stock", "service_of"]

SERVICES: dict[str, type[StockService]] = {"unsplash": Unsplash, "pexels": Pexels}


def service_of(photo_id: str) -> type[StockService] | None:
    """The service that a photo came from, by its id, such as unsplash:q4fR7x; None for others."""
    scheme, found, _ = photo_id.partition(":")
    return SERVICES.get(scheme.lower()) if found else None


def open_stock(location: str, settings: StockSettings | None) -> StockSource:
    """The photos that unsplash:QUERY or pexels:QUERY finds; asks for the first page.

    Raises:
        SourceError: there is no query or no key, the service refuses, or finds nothing.
    """
    scheme, _, words = location.partition(":")
    query = " ".join(words.split())
    if not query:
        raise SourceError(f"{location!r} names no search. Write: {scheme}:red car")
    service = SERVICES[scheme.lower()]
    opened = service(_api(service, settings))
    return StockSource.open(opened, f"{scheme.lower()}:{query}", query)


def download_url(photo: Photo, settings: StockSettings) -> str:
    """The URL to fetch a photo from when a person downloads it, which is more than showing it.

    A service that wants to be told of each download answers with the URL of the original; this
    tells it. For any other photo it is the photo's uri.

    Raises:
        SourceError: the service cannot be told.
    """
    service = service_of(photo.id)
    if service is None or not service.counts_downloads:
        return photo.uri
    return service(_api(service, settings)).download_url(photo)


def _api(service: type[StockService], settings: StockSettings | None) -> StockApi:
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
