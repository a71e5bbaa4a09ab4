"""Which index the command line asks: the one of a gateway that runs, or the one that is here."""

from __future__ import annotations

from pathlib import Path

from photoseek import PhotoSearch
from photoseek.cli.connection import connect
from photoseek.client import Client
from photoseek.settings import load_settings
from tests.support.in_process import Running


def test_a_search_asks_the_gateway_unless_an_index_of_its_own_is_here(
    in_process: Running, drawings: Path
) -> None:
    settings = load_settings(http_port=in_process.settings.http_port)
    with connect(settings, new_index=False) as found:
        assert isinstance(found, Client)
    with PhotoSearch(load_settings(model="demo")) as own:
        assert own.index(drawings, limit=1).indexed == 1
    with connect(settings, new_index=False) as found:
        assert isinstance(found, PhotoSearch)
        assert found.status().photos == 1


def test_a_gateway_says_where_its_index_is_for_whoever_runs_elsewhere(
    tmp_path: Path, drawings: Path
) -> None:
    here = Path.cwd()
    with PhotoSearch(load_settings(index="photos/index", model="demo")) as search:
        assert search.status().location == str(here / "photos" / "index")
