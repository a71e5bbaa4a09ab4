"""Photos that were handed in come along when an index is made, with their descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from photoseek.errors import StorageError
from photoseek.files.filestore import FolderFiles, open_files
from photoseek.indexing.inventory import open_inventory
from photoseek.indexing.pruning import Listing
from photoseek.indexing.run import index_photos
from photoseek.indexing.uploads import HandedIn, Uploads
from photoseek.indexing.watching import Watch
from photoseek.photos import ImageLimits
from photoseek.records import DELETED, IndexReport, Photo, Skip
from photoseek.settings import Settings, load_settings
from photoseek.sources import open_source
from tests.support.indexers import MemorySearch
from tests.support.pictures import drawing, saved

RED = Photo(
    "",
    "",
    caption="A red wall, Füssen",
    tags=("wall", "red"),
    photographer="Ada",
    licence="CC0-1.0",
    source_url="https://example.org/1",
)


class Index(MemorySearch):
    """Tells what is said of its photos."""

    def captions(self) -> dict[str, str]:
        return {key: each.photo.caption for key, each in self.memory.get(self.ids).items()}


class Desk:
    """A folder or bucket of uploads, and a source beside it."""

    def __init__(self, location: str, settings: Settings, source: Path) -> None:
        self.location = location
        self.settings = settings
        self.source = source
        self.uploads = Uploads(settings.uploads, ImageLimits(), settings.index)

    def hand_in(self, description: Photo = RED, *, width: int = 60) -> Photo:
        return self.uploads.save(saved(drawing(width), "JPEG"), description)

    def run(
        self, index: Index, source: Iterable[Photo | Skip] = (), **options: Any
    ) -> tuple[IndexReport, HandedIn]:
        handed_in = HandedIn.of(self.settings)
        assert handed_in
        again, keep = options.get("again", False), options.get("keep")
        entries = handed_in.join(source, index, again=again, keep=keep)
        return index_photos(entries, index, again=again, keep=keep), handed_in

    def names(self) -> list[str]:
        return [entry.name for entry in open_files(self.location).entries()]

    def forget_descriptions(self) -> None:
        """As the version before kept uploads."""
        place = open_files(self.location)
        place.remove([name for name in self.names() if name.endswith(".json")])


@pytest.fixture(params=["folder", "bucket"])
def any_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    if request.param == "folder":
        return _desk(str(tmp_path / "uploads"), tmp_path)
    return _desk(request.getfixturevalue("bucket") + "/uploads", tmp_path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return _desk(str(tmp_path / "uploads"), tmp_path)


def _desk(location: str, tmp_path: Path) -> Desk:
    source = tmp_path / "source"
    source.mkdir()
    (source / "own.png").write_bytes(saved(drawing(50, 50), "PNG"))
    return Desk(location, load_settings(uploads=location, index=str(tmp_path / "index")), source)


def test_an_index_made_anew_has_them_with_their_ids_and_descriptions(any_desk: Desk) -> None:
    photo = any_desk.hand_in()
    for index in (Index(), Index()):  # the second one after the first was removed
        report, handed_in = any_desk.run(index, open_source(str(any_desk.source)))
        assert (report.indexed, handed_in.present) == (2, 0)
        assert index.memory.get([photo.id])[photo.id].photo == photo
        again, handed_in = any_desk.run(index, open_source(str(any_desk.source)))
        assert (again.indexed, again.updated, handed_in.present) == (0, 0, 1)
    assert photo.caption == RED.caption
    assert photo.tags == RED.tags


def test_what_was_taken_out_does_not_come_back(any_desk: Desk) -> None:
    photo = any_desk.hand_in()
    assert len(any_desk.names()) == 2
    assert any_desk.uploads.remove(photo.uri)
    assert any_desk.names() == []
    assert any_desk.run(Index())[0].indexed == 0


def test_what_was_deleted_elsewhere_is_noted_for_the_next_index(desk: Desk) -> None:
    """By the command line or over gRPC, where the photo itself stays."""
    one, other = desk.hand_in(), desk.hand_in(width=70)
    index = Index()
    desk.run(index)
    handed_in = HandedIn.of(desk.settings)
    assert handed_in
    handed_in.note_deleted([one.id, "of somebody else"])
    made_anew = Index()
    assert desk.run(made_anew)[0].indexed == 1
    assert made_anew.ids == {other.id}
    assert desk.run(made_anew, again=frozenset({one.id}))[0].indexed == 1
    assert made_anew.memory.get([one.id])[one.id].photo == one
    assert desk.run(Index())[0].indexed == 2


def test_a_deletion_that_only_the_index_knows_is_written_down(desk: Desk, tmp_path: Path) -> None:
    photo = desk.hand_in()

    class Deleted(Index):
        def known(self, ids: Any) -> Any:
            return dict.fromkeys(ids, DELETED)

    assert desk.run(Deleted())[0].indexed == 0
    assert desk.run(Index())[0].indexed == 0
    assert desk.run(Index(), again=True)[0].indexed == 1
    assert photo.id


def test_what_the_index_knows_of_older_ones_is_written_down_once(any_desk: Desk) -> None:
    photo = any_desk.hand_in()
    index = Index()
    any_desk.run(index)
    any_desk.forget_descriptions()
    report, handed_in = any_desk.run(index)
    assert (report.updated, report.skipped, handed_in.present) == (0, (), 1)
    assert len(any_desk.names()) == 2
    made_anew = Index()
    any_desk.run(made_anew)
    assert made_anew.memory.get([photo.id])[photo.id].photo == photo


def test_older_ones_of_which_nobody_knows_anything_come_without(desk: Desk) -> None:
    photo = desk.hand_in()
    desk.forget_descriptions()
    index = Index()
    assert desk.run(index)[0].indexed == 1
    assert index.captions() == {photo.id: ""}


def test_descriptions_survive_that_something_else_is_kept(desk: Desk) -> None:
    photo = desk.hand_in()
    index = Index()
    desk.run(index)
    desk.forget_descriptions()
    assert desk.run(index, keep="none")[0].indexed == 1
    assert index.captions() == {photo.id: RED.caption}


def test_a_source_around_them_does_not_take_their_descriptions(any_desk: Desk) -> None:
    """Nor does --prune take them, for a run over it has come by them."""
    photo = any_desk.hand_in()
    index = Index()
    any_desk.run(index)
    around = any_desk.location.rpartition("/")[0]
    inventory = open_inventory(any_desk.settings.index, around)
    for _ in range(2):
        listing = Listing(open_source(around), inventory)
        report, _ = any_desk.run(index, listing)
        assert report.updated == 0
        assert listing.vanished().ids == frozenset()
        assert index.captions()[photo.id] == RED.caption


def test_a_manifest_may_say_more_of_them(desk: Desk) -> None:
    photo = desk.hand_in()
    index = Index()
    desk.run(index)
    row = Photo(photo.id, photo.uri, photo.version, caption="As corrected later")
    assert desk.run(index, [row])[0].updated == 1
    assert index.captions() == {photo.id: "As corrected later"}


def test_a_watch_takes_them_along_and_never_removes_them(desk: Desk) -> None:
    index = Index()
    watch = Watch(open_inventory(desk.settings.index, str(desk.source)))
    own = desk.source / "own.png"
    (desk.source / "other.png").write_bytes(saved(drawing(50, 51), "PNG"))

    def round_() -> IndexReport:
        handed_in = HandedIn.of(desk.settings)
        assert handed_in
        return watch.round(
            open_source(str(desk.source)), index, take_along=lambda e: handed_in.join(e, index)
        )

    assert round_().indexed == 2
    photo = desk.hand_in()
    assert round_().indexed == 1
    own.unlink()
    round_()
    assert round_().removed == 1
    assert photo.id in index.ids
    assert len(index.ids) == 2


def test_one_bad_description_leaves_one_photo_out(desk: Desk) -> None:
    bad, good = desk.hand_in(), desk.hand_in(width=70)
    place = open_files(desk.location)
    [name] = [n for n in desk.names() if bad.uri.endswith(n)]
    contents = (b"", b"{", b"[]", b"null", b'{"id": 7}', b'{"id": "x", "tags": 3}', b"\xff")
    for content in contents:
        place.write(f"{name}.json", content)
        index = Index()
        report, _ = desk.run(index)
        [skip] = report.skipped
        assert f"{bad.uri}.json, cannot be read" in skip.reason
        assert "Mend it, or remove it" in skip.reason
        assert index.ids == {good.id}


def test_a_photo_is_there_only_with_its_description(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever the process is killed in between."""
    place = type(open_files(desk.location))
    write = place.write

    def only_descriptions(self: Any, name: str, *rest: Any) -> None:
        if not name.endswith(".json"):
            raise StorageError("killed")
        write(self, name, *rest)

    monkeypatch.setattr(place, "write", only_descriptions)
    with pytest.raises(StorageError, match="killed"):
        desk.hand_in()
    assert all(name.endswith(".json") for name in desk.names())
    assert desk.run(Index())[0].indexed == 0


def test_where_nothing_can_be_written_the_rest_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hand_in()
    index = Index()
    desk.run(index)
    desk.forget_descriptions()
    new = desk.hand_in(width=70)

    def refuse(*_: Any) -> None:
        raise StorageError("read-only")

    monkeypatch.setattr(type(open_files(desk.location)), "write", refuse)
    report, _ = desk.run(index)
    assert report.indexed == 1
    assert new.id in index.ids
    [skip] = report.skipped
    assert "cannot be written down: read-only" in skip.reason


def test_the_default_place_may_have_photos_of_several_libraries(tmp_path: Path) -> None:
    one, other = load_settings(index="data/index"), load_settings(index="data/other")
    private = Desk(one.uploads, one, tmp_path).hand_in()
    public = Desk(other.uploads, other, tmp_path).hand_in(width=70)
    for settings, photo in ((one, private), (other, public)):
        index = Index()
        Desk(settings.uploads, settings, tmp_path).run(index)
        assert index.ids == {photo.id}
    named = load_settings(index="data/new", uploads="data/uploads")  # where the library has moved
    index = Index()
    Desk(named.uploads, named, tmp_path).run(index)
    assert index.ids == {private.id, public.id}


def test_photos_that_were_moved_with_their_descriptions_keep_their_ids(tmp_path: Path) -> None:
    before = load_settings(uploads=str(tmp_path / "before"))
    photo = Desk(before.uploads, before, tmp_path).hand_in()
    (tmp_path / "before").rename(tmp_path / "after")
    after = load_settings(uploads=str(tmp_path / "after"))
    index = Index()
    desk = Desk(after.uploads, after, tmp_path)
    assert desk.run(index)[0].indexed == 1
    assert index.captions() == {photo.id: RED.caption}
    assert desk.run(index)[0].unchanged == 1


def test_without_uploads_there_is_nothing(tmp_path: Path) -> None:
    assert HandedIn.of(load_settings(uploads="off")) is None
    desk = Desk("x", load_settings(uploads=str(tmp_path / "none")), tmp_path)
    assert desk.run(Index())[0].indexed == 0
    assert not (tmp_path / "none").exists()


def test_other_files_in_their_place_are_not_ours(tmp_path: Path) -> None:
    settings = load_settings(uploads=str(tmp_path / "uploads"))
    place = FolderFiles(tmp_path / "uploads")
    place.prepare()
    place.write("holiday.png", saved(drawing(50, 50), "PNG"))
    assert Desk("x", settings, tmp_path).run(Index())[0].indexed == 0


def test_a_description_can_be_read_by_people(tmp_path: Path) -> None:
    settings = load_settings(uploads=str(tmp_path / "uploads"), index="data/index")
    photo = Desk("x", settings, tmp_path).hand_in()
    text = Path(f"{photo.uri}.json").read_text("utf-8")
    assert "Füssen" in text
    fields = json.loads(text)
    assert fields["id"] == photo.id
    assert fields["index"] == str(Path.cwd() / "data" / "index")
    assert fields["tags"] == ["wall", "red"]
