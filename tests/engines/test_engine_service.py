"""The whole service over an index in an engine, in processes and in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from photoseek import PhotoSearch
from photoseek.client import Client
from photoseek.indexing.run import index_photos
from photoseek.settings import load_settings
from photoseek.sources import open_source
from tests.conftest import DRAWINGS
from tests.support.forked_flow import ForkedFlow
from tests.support.stored_photos import ids


# One engine of each package of ours; what else differs between engines is below, in the stores.
@pytest.mark.parametrize("place", ["elastic", "milvus"], indirect=True)
def test_a_flow_and_a_process_answer_alike(place: str, drawings: Path, tmp_path: Path) -> None:
    blobs, state = str(tmp_path / "blobs"), str(tmp_path / "state")
    settings = load_settings(index=place, model="demo", blobs=blobs, state=state)
    with ForkedFlow(settings, private=True) as flow, Client(flow.url) as client:
        report = index_photos(open_source(str(drawings)), client)
        assert (report.indexed, report.unchanged, report.skipped) == (DRAWINGS, 0, ())
        again = index_photos(open_source(str(drawings)), client)
        assert (again.indexed, again.unchanged) == (0, DRAWINGS)
        found = ids(client.search("a red car", hybrid=True, top_k=10).hits)
        first = found[0]
        similar, facets = ids(client.similar(first).hits), client.facets()
        assert len(client.thumbnail(first)) > 500
    with PhotoSearch(settings) as search:
        assert ids(search.search("a red car", hybrid=True, top_k=10).hits) == found
        assert ids(search.similar(first).hits) == similar
        assert search.facets() == facets
        assert len(search.thumbnail(first)) > 500, "the settings say where it is, and no variable"
        assert search.delete([first]) == 1
        assert search.status().photos == DRAWINGS - 1
