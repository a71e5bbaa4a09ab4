"""Locations of indexes in Elasticsearch and OpenSearch."""

from __future__ import annotations

import pytest

from photoseek.errors import StoreError
from photoseek.store import canonical
from photoseek.store.elastic.engine_address import address_of


def test_a_location_names_the_dialect_the_nodes_and_the_index() -> None:
    address = address_of("Elastic+HTTPS://ES1:9243,es2,[::1]:9200,es2/photos/")
    assert address.dialect == "elastic"
    assert address.hosts == ("https://es1:9243", "https://es2:443", "https://[::1]:9200")
    assert address.name == "photos"
    assert address_of(address.location) == address
    assert canonical("opensearch+http://h/photos-2") == "opensearch+http://h:9200/photos-2"


@pytest.mark.parametrize(
    "location",
    [
        "elastic+http://",
        "elastic+http://host",
        "elastic+http://host/",
        "elastic+http://host/a/b",
        "elastic+http://host/Photos",
        "elastic+http://host/_all",
        "elastic+http://host/*",
        "elastic+http://host/a,b",
        "elastic+http://host:port/photos",
        "elastic+http://,/photos",
        "elastic+ftp://host/photos",
        "elastic+http://host/" + "a" * 201,
    ],
)
def test_other_locations_are_refused(location: str) -> None:
    with pytest.raises(StoreError, match=r"is at such as elastic\+https://HOST:9200/photos"):
        address_of(location)


def test_a_password_in_a_location_is_refused_and_not_repeated() -> None:
    with pytest.raises(StoreError, match="PHOTOSEEK_ENGINE_PASSWORD") as refused:
        address_of("elastic+https://ann:secret@host/photos")
    assert "secret" not in str(refused.value)
