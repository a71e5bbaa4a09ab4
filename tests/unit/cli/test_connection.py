"""Which index the command line asks: the one of a gateway that runs, or the one that is here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from photoseek import PhotoSearch
from photoseek.cli.connection import connect
from photoseek.cli.main import main
from photoseek.client import Client
from photoseek.errors import ServiceError
from photoseek.helpers.ports import free_ports
from photoseek.settings import load_settings
from photoseek.store import open_store
from tests.support.in_process import Running
from tests.support.stored_photos import MODEL, encoded
from tests.support.web_server import Handler, running_server


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


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler: handler.answer(200, b"<html>Welcome!</html>"),
        lambda handler: handler.answer(200, b'{"status": "ok"}', Content_Type="application/json"),
        lambda handler: handler.answer(404),
        lambda handler: handler.endless(),
        lambda handler: handler.endless("gzip"),
    ],
    ids=["a page", "JSON", "404", "without an end", "no gzip"],
)
def test_another_web_server_on_the_port_is_no_gateway(answer: Callable[[Handler], None]) -> None:
    with running_server({"/readyz": answer, "/api/index": answer}) as stranger:
        settings = load_settings(http_port=stranger.server_port, model="demo")
        with connect(settings, new_index=True) as found:
            assert isinstance(found, PhotoSearch)


@pytest.mark.parametrize("body", [b"<html>Welcome!</html>", b"[]", b'{"a": 1}', b"7"])
def test_another_web_server_that_is_named_as_the_gateway_is_told(body: bytes) -> None:
    def answer(handler: Handler) -> None:
        handler.answer(200, body)

    with running_server({"/api/index": answer}) as stranger:
        settings = load_settings(gateway=stranger.url)
        told = f"at {stranger.url} does not speak as a gateway of photoseek does"
        with pytest.raises(ServiceError, match=told), connect(settings, new_index=True):
            pass


def test_a_gateway_says_where_its_index_is_for_whoever_runs_elsewhere(
    tmp_path: Path, drawings: Path
) -> None:
    here = Path.cwd()
    with PhotoSearch(load_settings(index="photos/index", model="demo")) as search:
        assert search.status().location == str(here / "photos" / "index")


def test_filters_alone_need_no_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(tmp_path / "index", MODEL).upsert([encoded(1)])
    monkeypatch.setenv("TTY_COMPATIBLE", "1")  # so that it is told what is waited for
    asked = ["search", "--index", str(tmp_path / "index"), "--http-port", str(free_ports(1)[0])]
    assert main([*asked, "--filter", "width > 1"]) == 0
    told = capsys.readouterr()
    assert "p00001" in told.out
    assert "Loading" not in told.err
