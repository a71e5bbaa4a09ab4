"""Settings: where they come from, and what a wrong one says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from photoseek.errors import SettingsError
from photoseek.settings import PREFIX, Settings, load_settings

README = Path(__file__).parents[2] / "README.md"


def test_defaults_are_for_this_machine_only() -> None:
    settings = load_settings()
    assert settings.host == "127.0.0.1"
    assert settings.loopback
    assert settings.readable_roots is None
    assert settings.model is None


def test_the_command_line_comes_before_the_environment_and_that_before_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text("PHOTOSEEK_HTTP_PORT=1001\nPHOTOSEEK_GRPC_PORT=1002\n")
    monkeypatch.setenv("PHOTOSEEK_HTTP_PORT", "2001")
    monkeypatch.setenv("PHOTOSEEK_BATCH_SIZE", "16")
    settings = load_settings(batch_size=8, index=None)
    assert (settings.http_port, settings.grpc_port, settings.batch_size) == (2001, 1002, 8)
    assert settings.index == "data/index"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "HTTP_PORT",
            "0",
            "PHOTOSEEK_HTTP_PORT is '0'. Input should be greater than or equal to 1",
        ),
        ("HTTP_PORT", "web", "PHOTOSEEK_HTTP_PORT is 'web'. Input should be a valid integer"),
        ("PRECISION", "int4", "PHOTOSEEK_PRECISION is 'int4'. Input should be 'auto', 'fp32'"),
        ("MAX_MEGAPIXELS", "-1", "PHOTOSEEK_MAX_MEGAPIXELS is '-1'. Input should be greater"),
        (
            "PHOTO_ROOTS",
            "/photos",
            "PHOTOSEEK_PHOTO_ROOTS is '/photos'. Input should be a valid tuple. It means: JSON",
        ),
        ("NO_SUCH", "1", "PHOTOSEEK_NO_SUCH is no setting of photoseek. Known settings: PHOTO"),
    ],
)
def test_a_wrong_value_names_variable_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError, match=re.escape(message)):
        load_settings()


def test_child_processes_get_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    given = load_settings(
        model="demo", http_port=1234, photo_roots=["/a", "s3://b/c"], max_megapixels=1.5
    )
    for name, value in given.to_environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == given


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("web", False)],
)
def test_others_can_reach_it_unless_it_is_loopback(host: str, loopback: bool) -> None:
    settings = load_settings(host=host)
    assert settings.loopback is loopback
    assert settings.readable_roots == (None if loopback else ())


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    table = dict(re.findall(r"^\| `PHOTOSEEK_(\w+)` \| (.+?) \|", README.read_text(), re.MULTILINE))
    assert set(table) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if field.default is not None:
            shown = str(field.default).lower() if isinstance(field.default, bool) else field.default
            assert table[name.upper()] == f"`{shown}`"
