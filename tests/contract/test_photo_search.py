"""What can be done with an index, in this process and through a gateway: the same, in one suite."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from photoseek import Client, PhotoSearch
from photoseek.client import asking
from photoseek.errors import DuplicatePhotoError, PhotoError, QueryError, SourceError
from photoseek.indexing.run_tally import IndexProgress
from photoseek.records import Condition, Found, Photo, Written, content_hash
from photoseek.search.grammar import QueryPart
from photoseek.settings import Settings, load_settings
from tests.support.in_process import running
from tests.support.pictures import drawing, saved
from tests.support.written_photos import in_languages, jpeg_of, listed, xmp_of

pytestmark = pytest.mark.xdist_group("flow")  # where what Flows are forked from runs already

COUNT = 24

GATEWAYS = ["in-process", pytest.param("flow", marks=pytest.mark.flow)]

Either = PhotoSearch | Client


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("photos")
    return load_settings(index=str(home / "index"), uploads=str(home / "uploads"), model="demo")


@pytest.fixture(scope="module")
def local(settings: Settings, drawings: Path) -> Iterator[PhotoSearch]:
    with PhotoSearch.open(settings.index, settings=settings) as photos:
        assert photos.index(drawings, limit=COUNT).indexed == COUNT
        yield photos


@pytest.fixture(scope="module", params=["here", *GATEWAYS])
def photos(
    request: pytest.FixtureRequest, settings: Settings, local: PhotoSearch
) -> Iterator[Either]:
    if request.param == "here":
        yield local
        return
    with running(request.param, settings) as gateway, Client(gateway.url) as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for width in (50, 51, 52):
        (folder / f"{width}.jpg").write_bytes(saved(drawing(width), "JPEG"))
    return folder


def ids(found: Found) -> list[str]:
    return [hit.stored.photo.id for hit in found.hits]


def test_all_answer_alike(local: PhotoSearch, photos: Either) -> None:
    queries = ["red car", "2:boat - 0.5:snow", "cat + dog", ""]
    for query in queries:
        ours, theirs = local.search(query, top_k=7), photos.search(query, top_k=7)
        assert ids(ours) == ids(theirs)
        scores = [hit.score for hit in theirs.hits]
        assert [hit.score for hit in ours.hits] == pytest.approx(scores, abs=1e-3)
        for one, other in zip(ours.hits, theirs.hits, strict=True):
            assert (one.rank, one.stored.photo.caption) == (other.rank, other.stored.photo.caption)
            assert one.stored.traits.colours == other.stored.traits.colours
        assert (ours.query, ours.total, ours.confidence, ours.next_offset) == (
            theirs.query,
            theirs.total,
            theirs.confidence,
            theirs.next_offset,
        )
    some = ids(local.search("car", top_k=3))
    assert local.known([*some, "nobody"]) == photos.known([*some, "nobody"])
    assert local.facets("width > 0") == photos.facets("width > 0")
    assert local.photo(some[0]).indexed_at == photos.photo(some[0]).indexed_at is not None


@pytest.mark.parametrize("text", ["red\x00car", "\x07red\x1bcar\x9f", "red\x85car"])
def test_what_nobody_types_is_a_space_to_all(photos: Either, text: str) -> None:
    plain = photos.search("red car", top_k=5)
    for query in (text, [QueryPart.of(text=text)], [QueryPart("text", text)]):
        found = photos.search(query, top_k=5)
        assert ids(found) == ids(plain)
        assert [hit.score for hit in found.hits] == [hit.score for hit in plain.hits]
        assert found.query == "red car"
    with pytest.raises(QueryError, match="The query is empty"):
        photos.search("\x00\x07")
    with pytest.raises(QueryError, match="The query is empty"):
        photos.search("\u200b\u2060")
    vectors = photos.embed([text, "red car"]).vectors
    assert float(vectors[0] @ vectors[1]) > 0.999


def test_a_run_over_a_known_source_finds_it_unchanged(photos: Either, drawings: Path) -> None:
    report = photos.index(str(drawings), limit=COUNT)
    assert (report.indexed, report.unchanged) == (0, COUNT)
    assert photos.status().photos == COUNT


def test_what_is_unchanged_is_told_by_fingerprints(local: PhotoSearch, photos: Either) -> None:
    known = local.known(ids(local.search("", top_k=COUNT))).values()
    prints = photos.fingerprints(COUNT)
    assert prints is not None
    assert prints.among([photo.fingerprint for photo in known]) == [True] * COUNT
    assert len(prints) == COUNT
    assert photos.fingerprints(COUNT - 1) is None
    kept = [photos.fingerprints(COUNT, keep) for keep in ("thumbnail", "original")]
    assert [len(each) if each is not None else None for each in kept] == [COUNT, 0]


def test_pages_follow_each_other(photos: Either) -> None:
    whole = photos.search("a red car", top_k=COUNT)
    assert (whole.total, whole.next_offset) == (COUNT, None)
    first = photos.search("a red car", top_k=10)
    assert first.next_offset == 10
    second = photos.search("a red car", top_k=100, offset=10)
    assert ids(first) + ids(second) == ids(whole)
    assert [hit.rank for hit in second.hits] == list(range(11, COUNT + 1))
    assert (second.confidence, second.next_offset) == (None, None)


def test_a_picture_finds_itself_by_bytes_path_and_token(photos: Either, tmp_path: Path) -> None:
    [best] = photos.search("a boat", top_k=1).hits
    data = photos.original(best.stored.photo.id)
    path = tmp_path / "boat.jpg"
    path.write_bytes(data)
    by_bytes = photos.search([QueryPart.of(image=data)], top_k=3)
    by_path = photos.search(f'image:"{path}"', top_k=3)
    assert by_bytes.query.startswith("vector:")
    by_token = photos.search(by_bytes.query, top_k=3)
    assert ids(by_bytes) == ids(by_path) == ids(by_token)
    assert by_bytes.hits[0].stored.photo.id == best.stored.photo.id


def test_several_queries_are_answered_as_each_is(photos: Either, tmp_path: Path) -> None:
    mixed = [QueryPart.of(text="boat"), QueryPart.of(text="snow", weight=-0.5)]
    queries: list[str | list[QueryPart]] = ["red car", "", mixed]
    answers = photos.search_all(queries * 12, top_k=3, where="width > 0")
    assert len(answers) == 36
    for query, found in zip(queries * 12, answers, strict=True):
        assert ids(found) == ids(photos.search(query, top_k=3, where="width > 0"))
    assert photos.search_all([]) == []
    with pytest.raises(QueryError, match=r"^searches\[17\]: No photo"):
        photos.search_all([*["car"] * 17, [QueryPart.of(id="nobody")]])
    with pytest.raises(QueryError, match=r"^searches\[1\]: .*cannot be read"):
        photos.search_all(["car", f'image:"{tmp_path / "nothing.jpg"}"'])


def test_embeddings_are_what_searches_use(
    local: PhotoSearch, photos: Either, tmp_path: Path
) -> None:
    [best] = photos.search("a boat", top_k=1).hits
    picture = tmp_path / "boat.jpg"
    picture.write_bytes(photos.original(best.stored.photo.id))
    made = photos.embed(["a boat", picture, picture.read_bytes()])
    assert made.vectors.shape == (3, made.model.dimensions)
    assert made.model == local.index_status().model  # type: ignore[union-attr]
    text, by_path, by_bytes = made.vectors
    assert by_path == pytest.approx(by_bytes)
    assert float(text @ by_path) == pytest.approx(best.score, abs=0.02)
    assert [float(each @ each) for each in made.vectors] == pytest.approx([1, 1, 1], abs=1e-3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["car", " "], r"^inputs\[1\]: "),
        (["car", b"no picture"], r"^inputs\[1\]: .*picture"),
        ("car", "Give a list"),
    ],
)
def test_what_cannot_be_embedded_is_told(photos: Either, given: list[str], said: str) -> None:
    with pytest.raises(QueryError, match=said):
        photos.embed(given)


def test_more_than_a_page_comes_in_pages(photos: Either, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway gives a thousand at once; the limit is lowered here on the client's side."""
    picture = photos.original(photos.search("a boat", top_k=1).hits[0].stored.photo.id)
    monkeypatch.setattr(asking, "MAX_TOP_K", 7)
    for query in ("a red car", [QueryPart.of(image=picture)], ""):
        whole = photos.search(query, top_k=1_000)
        assert len(whole.hits) == whole.total == COUNT
        assert [hit.rank for hit in whole.hits] == list(range(1, COUNT + 1))
        assert whole.next_offset is None
        assert ids(photos.search(query, top_k=9, offset=3)) == ids(whole)[3:12]


def test_without_a_query_the_newest_are_listed(photos: Either) -> None:
    found = photos.search(top_k=5)
    assert (len(found.hits), found.total, found.next_offset) == (5, COUNT, 5)
    assert {hit.score for hit in found.hits} == {0.0}


def test_words_and_copies(photos: Either) -> None:
    caption = photos.search("car", top_k=1).hits[0].stored.photo.caption
    assert photos.search(caption, hybrid=True, top_k=1).hits[0].stored.photo.caption == caption
    assert photos.search("car", dedupe=True, top_k=3).hits


def test_similar_photos_are_others(photos: Either) -> None:
    photo_id = ids(photos.search("car", top_k=1))[0]
    found = photos.similar(photo_id, top_k=COUNT)
    assert found.total == COUNT - 1
    assert photo_id not in ids(found)
    assert found.query == f'id:"{photo_id}"'
    with pytest.raises(QueryError, match="No photo in the index has the id 'nobody'"):
        photos.similar("nobody")


def test_filters_are_texts_and_conditions(photos: Either) -> None:
    photographer = photos.facets().counts["photographer"][0]
    name, count = photographer
    by_text = f"photographer = {name}"
    wheres: list[object] = [
        by_text,
        [by_text],
        Condition("photographer", "=", name),
        [Condition("photographer", "in", (name,)), "width > 0"],
    ]
    for where in wheres:
        assert photos.search("car", where=where, top_k=1).total == count  # type: ignore[arg-type]
        assert photos.facets(where).total == count  # type: ignore[arg-type]
    assert photos.similar(ids(photos.search(top_k=1))[0], where="width < 0").hits == ()
    assert photos.search(top_k=1, where="width < 99999999999").total == COUNT, "beyond 32 bits"
    for ask in (lambda where: photos.search("car", where=where), photos.facets):
        with pytest.raises(QueryError, match="no column 'licnse' .* Did you mean licence?"):
            ask("licnse = MIT")


def test_columns_of_a_manifest_are_fields(photos: Either, tmp_path: Path) -> None:
    rows = [("Spring", "Ann"), ("Spring", "Été"), ("Autumn", "Ann")]
    lines = ["path,project,shot by,number"]
    for number, (project, client) in enumerate(rows):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(saved(drawing(70 + number), "JPEG"))
        lines.append(f"{path},{project},{client},{number}")
    manifest = tmp_path / "photos.csv"
    manifest.write_text("\n".join(lines), encoding="utf-8")
    assert photos.index(manifest).indexed == 3
    facets = photos.facets().counts
    assert facets["metadata.project"] == (("Spring", 2), ("Autumn", 1))
    assert facets["metadata.shot by"] == (("Ann", 2), ("Été", 1))
    assert "metadata.number" not in facets
    spring = photos.facets('project in ["Spring"]')
    assert (spring.total, spring.counts["metadata.shot by"]) == (2, (("Ann", 1), ("Été", 1)))
    wheres: list[object] = [
        ["project = Spring", '"shot by" = Été'],
        Condition("shot by", "=", "Été"),
        {"all": [{"field": "metadata.shot by", "op": "=", "value": "Été"}]},
    ]
    for where in wheres:
        [hit] = photos.search("car", where=where).hits  # type: ignore[arg-type]
        assert hit.stored.photo.metadata == {"project": "Spring", "shot by": "Été", "number": "1"}
    with pytest.raises(QueryError, match='of your manifest .*number, project, "shot by"'):
        photos.search(where="projekt != Spring")
    assert photos.search(where="metadata.projekt != Spring").total == COUNT + 3
    assert photos.delete(ids(photos.search(where="number != ")), vanished=True) == 3


def test_photos_tell_of_themselves(photos: Either, tmp_path: Path) -> None:
    named = in_languages("dc:description", x="A pier at dusk") + listed("dc:creator", "Ann Berg")
    (tmp_path / "in.jpg").write_bytes(jpeg_of(xmp_of(named, 'photoshop:City="Bergen"')))
    (tmp_path / "beside.jpg").write_bytes(jpeg_of(colour="navy"))
    sidecar = tmp_path / "beside.xmp"
    sidecar.write_bytes(xmp_of(attributes='photoshop:City="Oslo" xmp:Rating="4"'))
    assert photos.index(tmp_path).indexed == 2
    [hit] = photos.search("pier", hybrid=True, where="city = Bergen").hits
    assert hit.stored.described.caption == "A pier at dusk"
    assert hit.stored.attribution == "Photo by Ann Berg"
    assert hit.stored.traits.written == Written(
        caption="A pier at dusk", creator="Ann Berg", city="Bergen"
    )
    assert photos.facets("rating >= 4").counts["city"] == (("Oslo", 1),)
    sidecar.write_bytes(xmp_of(attributes='photoshop:City="Stavanger"'))
    report = photos.index(tmp_path)
    assert (report.indexed, report.updated, report.unchanged) == (0, 1, 1)
    assert photos.facets("city != ").counts["city"] == (("Bergen", 1), ("Stavanger", 1))
    added = photos.add(jpeg_of(xmp_of(named), colour="gold"), photographer="Jo Ek")
    assert added.attribution == "Photo by Jo Ek"
    assert added.described.caption == "A pier at dusk"
    assert photos.delete([added.photo.id]) == 1
    assert photos.delete(ids(photos.search(where="city != ")), vanished=True) == 2


@pytest.mark.parametrize(
    "query", ['"red" + + "blue"', "11:car", "vector:nonsense", "image:/no/file"]
)
def test_queries_that_make_no_sense_are_refused(photos: Either, query: str) -> None:
    with pytest.raises(QueryError):
        photos.search(query)


def test_a_picture_that_is_none_is_refused(photos: Either) -> None:
    with pytest.raises(QueryError):
        photos.search([QueryPart("image", b"nothing of the kind")])


def test_photos_by_id(photos: Either) -> None:
    first, second = ids(photos.search(top_k=2))
    stored = photos.photo(first)
    assert stored.photo.id == first
    assert [each.photo.id for each in photos.photos([second, "nobody", first])] == [second, first]
    assert photos.photos([]) == []
    many = [*ids(photos.search(top_k=COUNT)), *(f"{n:032}" for n in range(100))]
    assert len(photos.photos(many)) == COUNT
    assert photos.thumbnail(first).startswith(b"\xff\xd8")
    assert photos.original(first) == Path(stored.photo.uri).read_bytes()
    for ask in (photos.photo, photos.thumbnail, photos.original):
        with pytest.raises(QueryError, match="nobody"):
            ask("nobody")


def handed_in(settings: Settings) -> set[Path]:
    """The files that are kept of photos that were added."""
    return {path for path in Path(settings.uploads).rglob("*") if path.is_file()}


def test_an_added_photo_is_found_and_deleted(photos: Either, settings: Settings) -> None:
    data = saved(drawing(90), "JPEG")
    stored = photos.add(data, caption="A wall", tags=["wall", "red, white"], licence="CC0-1.0")
    photo_id = stored.photo.id
    assert (stored.photo.caption, stored.photo.tags) == ("A wall", ("wall", "red, white"))
    assert photos.photo(photo_id) == stored
    assert photos.original(photo_id) == data
    [found] = photos.search("a red wall", hybrid=True, where="tags = wall").hits
    assert found.stored == stored
    with pytest.raises(DuplicatePhotoError, match="in the index already") as error:
        photos.add(data)
    assert error.value.photo_id == photo_id
    assert photos.delete([photo_id, "nobody"]) == 1
    assert photos.known([photo_id])[photo_id].deleted
    assert photos.delete([photo_id]) == 0
    again = photos.add(data)
    assert again.photo.id == photo_id, "added again, it is back"
    assert photos.delete([photo_id]) == 1


def test_a_file_is_added_and_one_that_is_no_photo_is_not(
    photos: Either, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "wall.png"
    path.write_bytes(saved(drawing(91), "PNG"))
    stored = photos.add(path)
    assert photos.delete([stored.photo.id]) == 1
    path.write_bytes(b"no picture at all")
    before = handed_in(settings)
    for nothing in (path, b"no picture at all", tmp_path / "nowhere.png"):
        with pytest.raises(PhotoError):
            photos.add(nothing)
        assert handed_in(settings) == before
    assert photos.status().photos == COUNT


def test_over_http_a_photo_goes_with_its_file(photos: Either, settings: Settings) -> None:
    data = saved(drawing(92), "JPEG")
    before = handed_in(settings)
    photo_id = photos.add(data, caption="A wall").photo.id
    kept, described = sorted(handed_in(settings) - before)
    assert kept.read_bytes() == data
    assert json.loads(described.read_text("utf-8"))["caption"] == "A wall"
    if isinstance(photos, Client):
        for status in (204, 404):
            answer = httpx.delete(f"{photos.url}/api/photos/{photo_id}")
            assert answer.status_code == status
        assert handed_in(settings) == before
    else:  # a deletion of many, which is what there is here, leaves the files
        assert photos.delete([photo_id]) == 1
        assert handed_in(settings) - before == {kept, described}
        kept.unlink()
        described.unlink()


def test_a_photo_of_a_batch_of_which_too_much_is_said_is_left_out(
    photos: Either, folder: Path
) -> None:
    good, other = (Photo(f"batch-{n}", str(folder / f"{n}.jpg")) for n in (50, 51))
    bad = replace(other, caption="x" * 100_001)
    outcomes = photos.index_batch([bad, good, replace(other, id=good.id)], [""] * 3)
    assert [each.outcome for each in outcomes] == ["skipped", "indexed", "skipped"]
    assert outcomes[0].error.startswith("The photo is left out: the caption has 100,001 char")
    assert "another one in this batch has the id batch-50" in outcomes[2].error
    assert photos.delete([good.id], vanished=True) == 1


def test_what_is_deleted_stays_out_and_what_vanishes_is_pruned(
    photos: Either, folder: Path
) -> None:
    heard: list[IndexProgress] = []
    assert photos.index(folder, on_progress=heard.append).indexed == 3
    assert heard[-1].done == 3
    found = photos.search(where=f"uri = {folder / '50.jpg'}")
    [photo_id] = ids(found)
    assert photos.delete([photo_id]) == 1
    assert photos.index(folder).deleted == 1
    assert photos.index(folder, again={photo_id}).indexed == 1
    (folder / "51.jpg").unlink()
    assert photos.index(folder, prune=True).removed == 1
    left = [photo_id, *ids(photos.search(where=f"uri = {folder / '52.jpg'}"))]
    assert photos.delete(left, vanished=True) == 2
    assert photos.known(left) == {}
    shutil.rmtree(folder)
    with pytest.raises(SourceError, match="There is no folder or manifest"):
        photos.index(folder)


def test_bytes_that_the_index_knows_are_encoded_no_more(
    local: PhotoSearch, photos: Either, tmp_path: Path
) -> None:
    """Nobody can encode these: whoever has the photo in the end has asked the index for it."""
    status = local.index_status()
    assert status is not None
    [like] = local.photos(ids(local.browse(top_k=1)))
    [stored] = local.contents([like.content_hash]).values()
    data = b"no picture at all"
    known = replace(stored, photo=Photo("old", "/old.jpg", "1"), content_hash=content_hash(data))
    local.store([known], [], status.model)
    (tmp_path / "new.jpg").write_bytes(data)
    report = photos.index(tmp_path, keep="thumbnail")
    assert (report.indexed, report.skipped) == (1, ())
    [hit] = local.browse(where=[Condition("uri", "=", str(tmp_path / "new.jpg"))]).hits
    new, photo_id = hit.stored, hit.stored.photo.id
    assert (new.width, new.height, new.traits) == (like.width, like.height, like.traits)
    assert photos.thumbnail(photo_id) == local.thumbnail(like.photo.id)
    assert photos.similar(photo_id, top_k=1).hits[0].score == pytest.approx(1, abs=1e-3)
    assert local.delete(["old", photo_id], vanished=True) == 2


def test_the_original_is_kept_where_it_is_wanted(photos: Either, folder: Path) -> None:
    photos.index(folder, keep="original", limit=1)
    [stored] = [hit.stored for hit in photos.search(top_k=1).hits]
    data = Path(stored.photo.uri).read_bytes()
    shutil.rmtree(folder)
    assert photos.original(stored.photo.id) == data
    assert photos.known([stored.photo.id])[stored.photo.id].keep == "original"
    assert photos.delete([stored.photo.id], vanished=True) == 1


def test_the_status_names_model_and_index(
    local: PhotoSearch, photos: Either, settings: Settings
) -> None:
    photos.maintain()
    status = photos.status()
    assert (status.model, status.dimensions, status.photos) == ("demo", 128, COUNT)
    assert status.location == settings.index
    assert (status.ann, status.problem) == (False, "")
    assert status.fingerprint == local.status().fingerprint != ""


ORDERS = ["indexed_at", "indexed_at:asc", "pixels", "taken:asc", "width"]


@pytest.mark.parametrize("sort", ORDERS)
def test_a_sorted_list_goes_on_after_its_last_photo(
    local: PhotoSearch, photos: Either, sort: str
) -> None:
    whole = photos.search(sort=sort, top_k=COUNT)
    assert ids(whole) == ids(local.search(sort=sort, top_k=COUNT))
    assert (len(whole.hits), whole.total) == (COUNT, COUNT)
    assert (whole.next_offset, whole.next_after) == (None, "")
    first = photos.search(sort=sort, top_k=10)
    assert (first.next_offset, bool(first.next_after)) == (10, True)
    rest = photos.search(sort=sort, top_k=COUNT, after=first.next_after)
    assert ids(first) + ids(rest) == ids(whole)
    assert [hit.rank for hit in rest.hits] == list(range(11, COUNT + 1))
    assert (rest.next_offset, rest.next_after) == (None, "")
    sizes = [hit.stored.width * hit.stored.height for hit in whole.hits]
    assert sort != "pixels" or sizes == sorted(sizes, reverse=True)
    with pytest.raises(QueryError, match="leads to no page of this list"):
        photos.search(sort="height:asc", after=first.next_after)
    with pytest.raises(QueryError, match="not both"):
        photos.search(sort=sort, after=first.next_after, offset=3)


def test_the_good_hits_of_a_search_are_sorted(local: PhotoSearch, photos: Either) -> None:
    plain = photos.search("a red car", top_k=COUNT)
    found = photos.search("a red car", top_k=COUNT, sort="indexed_at")
    assert ids(found) == ids(local.search("a red car", top_k=COUNT, sort="indexed_at"))
    assert set(ids(found)) == set(ids(plain)[: len(found.hits)]), "the best ones"
    assert 0 < len(found.hits) < COUNT
    nothing = photos.search("a submarine", top_k=COUNT, sort="indexed_at")
    assert (len(nothing.hits), nothing.confidence) == (20, "low")
    since = [hit.stored.indexed_at for hit in found.hits]
    assert None not in since
    assert since == sorted(since, reverse=True)  # type: ignore[type-var]
    assert found.confidence == plain.confidence
    assert {hit.stored.photo.id: hit.score for hit in plain.hits}.items() >= {
        hit.stored.photo.id: hit.score for hit in found.hits
    }.items()
    pages = [photos.search("a red car", top_k=2, offset=n, sort="indexed_at") for n in (0, 2)]
    assert [i for page in pages for i in ids(page)] == ids(found)[:4]
    assert (found.next_offset, pages[0].next_offset) == (None, 2)
    [batch] = photos.search_all(["a red car"], top_k=COUNT, sort="indexed_at")
    assert ids(batch) == ids(found)
    with pytest.raises(QueryError, match=r"Did you mean taken\? There are width"):
        photos.search("a red car", sort="take")
    with pytest.raises(QueryError, match="Only a list without a query"):
        photos.search("a red car", after="x")
