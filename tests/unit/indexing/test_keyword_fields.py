"""The fields whose words are found by keywords, as a setting names them and an index keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from photoseek import Client, PhotoSearch
from photoseek.errors import ServiceError, SettingsError
from photoseek.records import IndexReport, StoredPhoto
from photoseek.settings import Settings, load_settings
from photoseek.store import open_store
from tests.support.in_process import running_service
from tests.support.indexers import load_colours
from tests.support.pictures import drawing, saved

ROWS = [("Café", "Ann"), ("Autumn", "Bob")]


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    lines = ["path,project,photographer"]
    for number, (project, photographer) in enumerate(ROWS):
        (tmp_path / f"{number}.jpg").write_bytes(saved(drawing(50 + number), "JPEG"))
        lines.append(f"{number}.jpg,{project},{photographer}")
    manifest = tmp_path / "photos.csv"
    manifest.write_text("\n".join(lines), encoding="utf-8")
    return manifest


@pytest.fixture
def index(tmp_path: Path) -> str:
    return str(tmp_path / "index")


def settings_of(index: str, fields: str | None) -> Settings:
    return load_settings(index=index, uploads="off", keyword_fields=fields, model="demo")


def run(manifest: Path, index: str, fields: str | None) -> IndexReport:
    with PhotoSearch(settings_of(index, fields), load_encoder=load_colours) as photos:
        return photos.index(manifest)


def found(index: str, words: str) -> list[str]:
    photos: list[StoredPhoto] = open_store(index).keywords(words, 9)
    return sorted(stored.photo.photographer for stored in photos)


@pytest.mark.parametrize("given", ["project, photographer", '["project", "photographer"]'])
def test_they_are_written_with_commas_or_as_json(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOSEEK_KEYWORD_FIELDS", given)
    settings = load_settings()
    assert settings.keyword_fields == ("project", "photographer")
    for name, value in settings.to_environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings, "a Flow's parts have the same"


def test_what_is_no_list_of_names_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().keyword_fields is None
    assert load_settings(keyword_fields="").keyword_fields == ()
    for wrong in ('["project"', "[3]"):
        monkeypatch.setenv("PHOTOSEEK_KEYWORD_FIELDS", wrong)
        with pytest.raises(SettingsError, match="PHOTOSEEK_KEYWORD_FIELDS is"):
            load_settings()


def test_photos_that_were_indexed_before_are_found_after_a_run_with_nothing_new(
    manifest: Path, index: str
) -> None:
    assert run(manifest, index, None).remarks == ()
    assert found(index, "cafe bob") == []
    report = run(manifest, index, "project,photographer")
    assert (report.indexed, report.updated, report.unchanged) == (0, 0, 2)
    [told] = report.remarks
    assert told.startswith("Keywords of 2 photos that were stored are now those of captions, tags")
    assert found(index, "cafe bob") == ["Ann", "Bob"]
    assert run(manifest, index, "project,photographer").remarks == ()
    assert run(manifest, index, None).remarks == (), "the index keeps what was said"
    assert found(index, "bob") == ["Bob"]
    assert len(run(manifest, index, "").remarks) == 1
    assert found(index, "cafe bob") == []


def test_a_new_index_has_them_from_the_first_photo_on(manifest: Path, index: str) -> None:
    report = run(manifest, index, "project")
    assert (report.indexed, report.remarks) == (2, ())
    assert found(index, "autumn") == ["Bob"]


def test_names_that_no_photo_has_and_fields_without_words_are_told(
    manifest: Path, index: str
) -> None:
    [remark] = run(manifest, index, "project,projekt").remarks
    assert remark.startswith("PHOTOSEEK_KEYWORD_FIELDS: There is no column 'projekt'")
    assert "Did you mean project?" in remark
    with pytest.raises(SettingsError, match="names width, which has no words"):
        run(manifest, index, "width")


def test_what_was_broken_off_is_finished_by_the_next_run(manifest: Path, index: str) -> None:
    import lancedb

    run(manifest, index, None)
    note = {"photoseek:fields": '["project"]', "photoseek:state": "begun"}
    table = lancedb.connect(index).open_table("photos")
    table.update_field_metadata({"path": "words", "metadata": note})
    assert found(index, "autumn") == []
    assert len(run(manifest, index, "project").remarks) == 1
    assert found(index, "autumn") == ["Bob"]
    assert run(manifest, index, "project").remarks == ()


@pytest.fixture
def client(manifest: Path, index: str) -> Iterator[Client]:
    with PhotoSearch(settings_of(index, None)) as photos:
        photos.index(manifest)
    settings = settings_of(index, "project")
    with running_service(settings) as service, Client(service.url) as client:
        yield client


def test_a_gateway_decides_for_its_clients(client: Client, manifest: Path, index: str) -> None:
    assert client.status().keyword_fields == ("project",)
    assert found(index, "autumn") == ["Bob"], "brought up to date when it was started"
    assert client.index(manifest, settings=settings_of(index, "project")).unchanged == 2
    with pytest.raises(ServiceError, match="finds the words of captions, tags, project, and not"):
        client.index(manifest, settings=settings_of(index, "client"))
