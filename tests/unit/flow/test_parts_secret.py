"""The secret that encoder and indexer ask for: where it comes from, and what is refused without."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from photoseek.errors import SettingsError
from photoseek.flow.one_part import run_part
from photoseek.flow.parts_secret import new_secret, parts_secret
from photoseek.flow.secret_check import METADATA, SecretCheck, sending
from photoseek.settings import PartOfFlow, Settings, load_settings
from tests.support.waiting import PATIENCE

SECRET = "the secret of these parts"
KEY = "correct-horse-battery"


async def _one(request: bytes, _: Any) -> bytes:
    return request


async def _many(request: bytes, _: Any) -> AsyncIterator[bytes]:
    yield request


async def _stream(requests: AsyncIterator[bytes], _: Any) -> AsyncIterator[bytes]:
    async for request in requests:
        yield request


HANDLERS = {
    "one": grpc.unary_unary_rpc_method_handler(_one),
    "many": grpc.unary_stream_rpc_method_handler(_many),
    "stream": grpc.stream_stream_rpc_method_handler(_stream),
}


async def _called(method: str, interceptors: list[Any], metadata: Any = ()) -> str:
    """What a part with the secret answers to a call: what was sent, or the name of an error."""
    server = grpc.aio.server(interceptors=[SecretCheck(SECRET)])
    for service in ("a.Part", "grpc.health.v1.Health"):
        handlers = HANDLERS | {"Check": HANDLERS["one"], "Watch": HANDLERS["many"]}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    address = f"127.0.0.1:{port}"
    try:
        async with grpc.aio.insecure_channel(address, interceptors=interceptors) as channel:
            if method.endswith(("/many", "/Watch")):
                call = channel.unary_stream(method)(b"sent", metadata=metadata)
                [answer] = [each async for each in call]
            elif method.endswith("/stream"):
                call = channel.stream_stream(method)(iter([b"sent"]), metadata=metadata)
                [answer] = [each async for each in call]
            else:
                answer = await channel.unary_unary(method)(
                    b"sent", metadata=metadata, timeout=PATIENCE
                )
    except grpc.aio.AioRpcError as error:
        return str(error.code().name)
    finally:
        await server.stop(None)
    return bytes(answer).decode()


@pytest.mark.parametrize("method", ["/a.Part/one", "/a.Part/many", "/a.Part/stream"])
def test_calls_of_every_kind_need_the_secret(method: str) -> None:
    assert asyncio.run(_called(method, sending(SECRET))) == "sent"
    assert asyncio.run(_called(method, sending(SECRET), (("x-other", "1"),))) == "sent"
    for interceptors in ([], sending("another secret, of others")):
        assert asyncio.run(_called(method, interceptors)) == "UNAUTHENTICATED"


def test_a_gateway_with_another_secret_says_why_its_parts_are_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    interceptors = sending("another secret, of others")

    async def refused_twice() -> None:
        for _ in range(2):
            assert await _called("/a.Part/stream", interceptors) == "UNAUTHENTICATED"
            while not caplog.records:
                await asyncio.sleep(0.01)

    asyncio.run(refused_twice())
    [record] = caplog.records
    assert "need the same PHOTOSEEK_PARTS_SECRET" in record.getMessage()


@pytest.mark.parametrize("given", ["", SECRET.upper(), f"{SECRET}x", SECRET[:-1]])
def test_what_is_nearly_the_secret_is_not(given: str) -> None:
    assert asyncio.run(_called("/a.Part/one", [], ((METADATA, given),))) == "UNAUTHENTICATED"


def test_only_the_question_whether_a_part_is_up_is_open() -> None:
    assert asyncio.run(_called("/grpc.health.v1.Health/Check", [])) == "sent"
    for method in ("/grpc.health.v1.Health/Watch", "/grpc.health.v1.Health/many", "/no.Such/thing"):
        assert asyncio.run(_called(method, [])) == "UNAUTHENTICATED"


def test_what_is_set_goes_before_the_file_and_the_file_before_the_key(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("what the file says\n".replace(" ", "-"))
    given = {"parts_secret": SECRET.replace(" ", "-"), "parts_secret_file": str(file)}
    assert parts_secret(load_settings(**given, api_key=KEY)) == "the-secret-of-these-parts"
    assert parts_secret(load_settings(parts_secret_file=str(file), api_key=KEY)) == (
        "what-the-file-says"
    )
    assert parts_secret(load_settings()) is None


def test_what_follows_from_the_key_tells_nothing_of_it() -> None:
    first, again = (parts_secret(load_settings(api_key=KEY)) for _ in range(2))
    assert first == again
    assert first != parts_secret(load_settings(api_key=KEY + "1"))
    assert KEY not in str(first)


def test_parts_that_look_at_once_make_one_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "secret"
    settings = load_settings(parts_secret_file=str(file))
    with ThreadPoolExecutor(16) as pool:
        secrets = {pool.submit(parts_secret, settings) for _ in range(64)}
        assert len({secret.result() for secret in secrets}) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret"]
    assert new_secret() not in file.read_text()


@pytest.mark.parametrize("text", ["", "short", "with spaces in the middle of it", "\u00e9" * 20])
def test_a_file_with_something_else_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "secret"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match="PHOTOSEEK_PARTS_SECRET_FILE is .*secret'"):
        parts_secret(load_settings(parts_secret_file=str(file)))


def test_a_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = load_settings(parts_secret_file=str(tmp_path / "file" / "secret"))
    with pytest.raises(SettingsError, match="which cannot be used: "):
        parts_secret(settings)


@pytest.mark.parametrize("part", ["encoder", "indexer"])
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "photos.example"])
def test_a_part_that_others_reach_does_not_start_without_a_secret(
    part: PartOfFlow, host: str
) -> None:
    with pytest.raises(SettingsError, match=f"The {part} would listen on {host}") as refusal:
        run_part(part, load_settings(parts_host=host))
    assert "PHOTOSEEK_PARTS_SECRET" in str(refusal.value)


@pytest.mark.parametrize("address", ["192.0.2.7:8082", "no-such-host.invalid:8082", "0.0.0.0:8082"])
def test_a_part_that_its_gateway_cannot_reach_says_what_to_set(address: str) -> None:
    """As where what the version before was told is all that there is."""
    settings = load_settings(host="0.0.0.0", encoder=address)
    with pytest.raises(SettingsError, match=f"to find the encoder at {address}") as refusal:
        run_part("encoder", settings)
    assert "Set PHOTOSEEK_PARTS_HOST=0.0.0.0" in str(refusal.value)


def test_parts_listen_on_loopback_wherever_the_gateway_listens() -> None:
    settings: Settings = load_settings(host="0.0.0.0")
    assert settings.parts_host == "127.0.0.1"
