"""Pexels: https://www.pexels.com/api/documentation."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

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

PER_PAGE = 80
"""As many as the API gives."""


class Pexels(StockService):
    """Searches photos."""

    name = "Pexels"
    keys_page = "https://www.pexels.com/api"
    key_setting = "pexels_api_key"
    api_setting = "pexels_api"

    @staticmethod
    @override
    def headers(key: str) -> dict[str, str]:
        return {"Authorization": key}

    @override
    def search(self, query: str, page: int) -> Page:
        answer = fields(self._api.get("/v1/search", query=query, page=page, per_page=PER_PAGE))
        return Page(
            photos=tuple(_photo(fields(item)) for item in items(answer.get("photos"))),
            total=number(answer.get("total_results")),
            is_last=not text(answer.get("next_page")),
        )


def _photo(item: dict[str, Any]) -> Photo | None:
    own_id = number(item.get("id"))
    uri = web_address(fields(item.get("src")).get("large"))
    if not own_id or not uri:
        return None
    width, height = number(item.get("width")), number(item.get("height"))
    return Photo(
        id=f"pexels:{own_id}",
        uri=uri,
        # The API tells no time of change. Another picture would have another size or colour.
        version=f"{width}x{height}{text(item.get('avg_color'))}",
        caption=text(item.get("alt")),
        photographer=text(item.get("photographer")),
        licence="Pexels License",
        source_url=web_address(item.get("url")),
        metadata=not_empty(
            {
                "photographer_url": web_address(item.get("photographer_url")),
                "original_width": str(width or ""),
                "original_height": str(height or ""),
            }
        ),
    )
