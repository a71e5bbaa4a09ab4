"""Settings: where they come from, and what a wrong one says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from photoseek.cli.arguments import parse
from photoseek.errors import SettingsError
from photoseek.settings import (
    OPTIONS,
    PREFIX,
    SECRETS,
    SECRETS_OF,
    Settings,
    load_settings,
    redis_place,
    variable,
    without_secrets,
)

ROOT = Path(__file__).parents[2]


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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_file_is_utf8_whatever_the_system_writes(encoding: str) -> None:
    Path(".env").write_text("PHOTOSEEK_SOURCE=Fotos/Grüße 猫\n", encoding)
    assert load_settings().source == "Fotos/Grüße 猫"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("HTTP_PORT", "0", "HTTP_PORT is '0'. Give a whole number from 1 to 65535. It means: "),
        ("HTTP_PORT", "web", "HTTP_PORT is 'web'. Give a whole number from 1 to 65535. It"),
        ("HTTP_PORT", "1.5", "HTTP_PORT is '1.5'. Give a whole number from 1 to 65535. It"),
        ("PRECISION", "int4", "PHOTOSEEK_PRECISION is 'int4'. Give 'auto', 'fp32'"),
        ("MAX_MEGAPIXELS", "-1", "MAX_MEGAPIXELS is '-1'. Give a number above 0. It means: "),
        ("MAX_MEGAPIXELS", "nan", "MAX_MEGAPIXELS is 'nan'. Give a number above 0. It means: "),
        ("SEARCH_SECONDS", "soon", "is 'soon'. Give a number from 1 to 3600. It means: "),
        ("CLICKS", "perhaps", "PHOTOSEEK_CLICKS is 'perhaps'. Give true or false. It means: "),
        (
            "PHOTO_ROOTS",
            "/photos",
            "PHOTOSEEK_PHOTO_ROOTS is '/photos'. Give a list in JSON: [\"/photos\"]. It means: ",
        ),
        (
            "ALLOWED_ORIGINS",
            "[https://a.example, 'https://b.example']",
            'Give a list in JSON: ["https://a.example", "https://b.example"]. It means: ',
        ),
        (
            "ALLOWED_ORIGINS",
            "{}",
            "PHOTOSEEK_ALLOWED_ORIGINS is {}. Give a list in JSON. It means: ",
        ),
        ("API_KEY", "short", "set to something else. A key of fewer than 16 characters can be"),
        (
            "API_KEY_FOR",
            "read",
            "PHOTOSEEK_API_KEY_FOR is 'read'. Give 'write', 'all' or 'none'. It means: ",
        ),
        ("RATE_LIMIT", "-1", "RATE_LIMIT is '-1'. Give a whole number from 0. It means: "),
        ("ALLOWED_ORIGINS", '["*"]', "'*' is no origin; write one such as https://photos.example"),
        ("ALLOWED_ORIGINS", '["https://a.example/"]', "'https://a.example/' is no origin"),
        ("ALLOWED_HOSTS", '["Photos:80"]', "is no host name; write it in lower case and without"),
        ("TRUSTED_PROXIES", '["10.0.0.7/24"]', "has host bits set; write such as 10.0.0.7"),
        ("NO_SUCH", "1", "PHOTOSEEK_NO_SUCH is no setting of photoseek. Known settings: PHOTO"),
    ],
)
def test_a_wrong_value_names_variable_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError, match=re.escape(message)):
        load_settings()


def test_what_came_from_an_option_names_it_as_well() -> None:
    told = (
        r"PHOTOSEEK_HTTP_PORT \(--http-port\) is 99999\. Give a whole number from 1 to 65535\. It"
    )
    with pytest.raises(SettingsError, match=told):
        load_settings(http_port=99999)


NUMBERS = [
    name
    for name, field in Settings.model_fields.items()
    if {int, float} & {field.annotation, *get_args(field.annotation)}
]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("wrong", [-1, "many"])
def test_every_number_out_of_range_is_told_in_our_words(name: str, wrong: object) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(**{name: wrong})
    assert re.search(rf" is {wrong!r}\. Give a (whole )?number (from|above) \d", str(caught.value))
    assert "Input should" not in str(caught.value)


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
    assert settings.readable_roots == (None if loopback else (settings.uploads,))
    without = load_settings(host=host, uploads="off", photo_roots=("/photos",))
    assert without.readable_roots == ("/photos",)


KEY = "abcDEF-123_secret"
KEYS = tuple(name for name in SECRETS if name != "redis")  # that one is a URL


@pytest.mark.parametrize("name", KEYS)
def test_a_key_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), f" {KEY}\n")
    settings = load_settings()
    assert getattr(settings, name).get_secret_value() == KEY
    shown = [repr(settings), str(settings), settings.model_dump_json(), repr(vars(settings))]
    assert all(KEY not in text for text in shown)
    assert KEY not in str(settings.to_environment())
    assert PREFIX + name.upper() not in settings.to_environment()


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("bad", [f"{KEY}\nX-Header: 1", f"{KEY} {KEY}", f"{KEY}\u00e9", KEY * 50])
def test_a_wrong_key_is_not_shown_either(
    monkeypatch: pytest.MonkeyPatch, name: str, bad: str
) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), bad)
    with pytest.raises(SettingsError, match="A key has printable ASCII characters") as failure:
        load_settings()
    assert f"{PREFIX}{name.upper()} is set to something else" in str(failure.value)
    assert "abcDEF" not in str(failure.value)
    assert failure.value.__cause__ is None


def test_a_redis_is_named_by_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOSEEK_REDIS", " rediss://me:p%40ss%2Fw%3Ard@redis.example:6380/3\n")
    settings = load_settings()
    assert settings.redis is not None
    place = redis_place(settings.redis.get_secret_value())
    assert (place.host, place.port, place.database) == ("redis.example", 6380, 3)
    assert (place.user, place.password, place.tls) == ("me", "p@ss/w:rd", True)
    shown = [repr(settings), settings.model_dump_json(), str(settings.to_environment())]
    shown += [str(place), repr(place)]
    assert not any("ss/w" in text or "p%40ss" in text for text in shown)
    assert str(place) == "rediss://redis.example:6380/3"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://redis", "redis://redis:6379/0"),
        ("redis://:secret@[::1]:7000/2", "redis://[::1]:7000/2"),
        ("redis://redis/", "redis://redis:6379/0"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock?db=0"),
        ("unix://:secret@/run/redis.sock?db=4", "unix:///run/redis.sock?db=4"),
    ],
)
def test_the_place_of_a_redis_is_told_without_its_password(url: str, shown: str) -> None:
    assert str(redis_place(url)) == shown


@pytest.mark.parametrize(
    "url",
    [
        "redis",
        "redis:6379",
        "http://:abcDEF@redis:6379",
        "redis://",
        "redis:///0",
        "redis://:abcDEF/with@redis:6379",
        "redis://redis:abcDEF",
        "redis://:abcDEF@redis:99999",
        "redis://:abcDEF@redis/one",
        "redis://:abcDEF@redis/0?socket_timeout=9",
        "redis://:abcDEF#@redis",
        "redis://:abcDEF@[redis",
        "unix://abcDEF/run/redis.sock",
        "unix://",
    ],
)
def test_a_wrong_url_of_a_redis_is_not_shown(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("PHOTOSEEK_REDIS", url)
    with pytest.raises(SettingsError, match="Write redis://HOST:PORT/DATABASE") as failure:
        load_settings()
    assert "PHOTOSEEK_REDIS is set to something else" in str(failure.value)
    assert "abcDEF" not in str(failure.value)


def test_other_processes_get_no_keys() -> None:
    environment = {PREFIX + name.upper(): KEY for name in SECRETS}
    environment |= {(PREFIX + name).lower(): KEY for name in SECRETS}
    kept = {"PATH": "/bin", "PHOTOSEEK_INDEX": "x"}
    assert without_secrets(environment | kept) == kept


def test_every_key_is_a_secret() -> None:
    keys = {name for name, field in Settings.model_fields.items() if "Secret" in str(field)}
    assert keys == set(SECRETS)


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_of_the_command_line_is_the_setting_of_its_name(name: str) -> None:
    kind = Settings.model_fields[name].annotation
    choices = {"keep": "none", "precision": "fp32", "runtime": "onnx"}
    given: object = (choices | {"gateway": "http://a.example"}).get(
        name, True if kind is bool else 7 if kind is int else name
    )
    task = "serve" if OPTIONS[name].group == "serving" else "index"
    options = parse(
        ["-t", task, "--" + name.replace("_", "-"), *([str(given)] * (kind is not bool))]
    )
    settings = load_settings(**{each: getattr(options, each, None) for each in OPTIONS})
    assert getattr(settings, name) == ((given,) if name == "keyword_fields" else given)
    assert {each for each in OPTIONS if each in settings.model_fields_set} == {name}


def test_an_option_that_is_not_given_leaves_its_setting_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = vars(parse(["-t", "index"]))
    assert {options.get(name) for name in OPTIONS} == {None}
    monkeypatch.setenv("PHOTOSEEK_ALLOW_PRIVATE_ADDRESSES", "true")
    assert load_settings(**{name: options.get(name) for name in OPTIONS}).allow_private_addresses


def test_an_option_takes_what_its_setting_takes(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--batch-size", "0"], ["--keep", "all"], ["--http-port", "web"]):
        with pytest.raises(SystemExit):
            parse(["-t", "index", *words])
    said = capsys.readouterr().err
    assert "'0' is not a whole number from 1" in said
    assert "invalid choice: 'all' (choose from 'none', 'thumbnail', 'original')" in said
    assert "'web' is not a whole number from 1" in said


def test_deployments_list_the_secrets_that_there_are() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    withheld = {variable(name) for name in SECRETS if name != "parts_secret"}
    assert set(compose["x-encoder"]) == withheld - set(map(variable, SECRETS_OF["encoder"]))
    assert set(compose["x-indexer"]) == withheld - set(map(variable, SECRETS_OF["indexer"]))
    terraform = (ROOT / "infra" / "terraform" / "variables.tf").read_text("utf-8")
    [refused] = re.findall(r"\^PHOTOSEEK_\(([A-Z_|]+)\)\$", terraform)
    names = {name.lower() for name in refused.split("|")}
    assert names - {"image"} <= set(Settings.model_fields)
    assert names >= {"api_key", "parts_secret"}, "they come from Parameter Store, or are made there"
