"""What an indexing run asks a gateway, request by request."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import httpx
import pytest

from photoseek.client.asking import Request
from photoseek.client.asking_runs import fingerprints
from photoseek.errors import PhotoseekError, QueryError, ServiceError
from photoseek.helpers.fingerprints import Fingerprints

PRINTS = [digit * 32 for digit in "37ac"]


def answered(request: Request) -> httpx.Response:
    """What a gateway says whose pages have two fingerprints."""
    page = Fingerprints([PRINTS]).page(request.arguments["json"]["after"], 2)
    text = b64encode(page.data).decode()
    return httpx.Response(200, json={"fingerprints": text, "next_after": page.next_after})


def ended(asking: Any, answer: httpx.Response | PhotoseekError) -> Any:
    """What a question comes to with its last answer."""
    with pytest.raises(StopIteration) as end:
        asking.throw(answer) if isinstance(answer, PhotoseekError) else asking.send(answer)
    return end.value.value


def test_fingerprints_are_asked_for_page_by_page() -> None:
    asking = fingerprints(1_000, "thumbnail")
    first = next(asking)
    assert first.arguments["json"] == {"most": 1_000, "keep": "thumbnail", "after": ""}
    second = asking.send(answered(first))
    assert second.arguments["json"]["after"] == PRINTS[1]
    whole = ended(asking, answered(second))
    assert whole.among(PRINTS) == [True] * 4
    assert len(whole) == 4


@pytest.mark.parametrize("error", [QueryError("Not Found"), ServiceError("Method Not Allowed")])
def test_a_gateway_of_before_tells_none(error: PhotoseekError) -> None:
    asking = fingerprints(1_000, None)
    next(asking)
    assert ended(asking, error) is None


def test_where_photos_are_asked_for_by_id_there_are_none() -> None:
    asking = fingerprints(1_000, None)
    next(asking)
    assert ended(asking, httpx.Response(200, json={"fingerprints": None, "next_after": ""})) is None


def test_a_gateway_that_begins_again_is_asked_no_more() -> None:
    asking = fingerprints(1_000, None)
    request = next(asking)
    asking.send(answered(request))
    assert len(ended(asking, answered(request))) == 4
