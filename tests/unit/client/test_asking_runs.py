"""What an indexing run asks a gateway, request by request."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import httpx
import pytest

from photoseek.client.asking import Request, embed
from photoseek.client.asking_runs import fingerprints
from photoseek.errors import PhotoseekError, QueryError, ServiceError
from photoseek.helpers.fingerprints import Fingerprints
from photoseek.search.grammar import QueryPart
from photoseek.search.inputs import MAX_INPUTS

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


def embedded(count: int, **told: str) -> httpx.Response:
    about = {"model": "demo", "fingerprint": "f" * 16, "dimensions": 2}
    return httpx.Response(200, json=about | told | {"embeddings": [[0.6, 0.8]] * count})


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (({"tokenizer": "1a2b3c4d"}, {"tokenizer": ""}), "1a2b3c4d"),  # the last are pictures
        (({}, {}), ""),  # an older gateway
    ],
)
def test_vectors_tell_how_their_texts_were_read(
    told: tuple[dict[str, str], dict[str, str]], expected: str
) -> None:
    asking = embed([QueryPart("text", "car")] * MAX_INPUTS + [QueryPart("image", b"jpeg")])
    next(asking)
    asking.send(embedded(MAX_INPUTS, **told[0]))
    made = ended(asking, embedded(1, **told[1]))
    assert made.vectors.shape == (MAX_INPUTS + 1, 2)
    assert made.model.tokenizer == expected


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
