"""Tables as spreadsheets and databases write them: encodings, separators, blank cells, quotes."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path

import pytest

from photoseek.errors import SourceError
from photoseek.records import Photo
from photoseek.sources import open_source
from tests.support.manifests import photo, read, reason, written

ACCENTS = ["Café à Genève", "12° in Zürich \u2013 \u201cnaïve\u201d"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg"):
        (tmp_path / name).write_bytes(b"bytes")
    return tmp_path


def captions(folder: Path, content: str | bytes, name: str = "photos.csv") -> list[str]:
    return [photo(found).caption for found in read(folder, content, name)]


def table(rows: list[str], separator: str = ",", end: str = "\r\n") -> str:
    lines = [f"{name}.jpg{separator}{text}" for name, text in zip("abcd", rows, strict=False)]
    return end.join([f"path{separator}caption", *lines, ""])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", list(",;\t|"))
@pytest.mark.parametrize("name", ["photos.csv", "photos.tsv"])
def test_separators(folder: Path, separator: str, end: str, name: str) -> None:
    content = table(["one", '"two, three; four\tfive|six"'], separator, end)
    assert captions(folder, content, name) == ["one", "two, three; four\tfive|six"]


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_encodings_that_are_sure(folder: Path, mark: bytes, codec: str) -> None:
    content = mark + table([*ACCENTS, "夜の赤い車"], "\t").encode(codec)
    assert captions(folder, content) == [*ACCENTS, "夜の赤い車"]
    assert not list(open_source(written(folder, content)).notes.remarks())


@pytest.mark.parametrize(
    ("codec", "texts"),
    [
        ("cp1252", ACCENTS),
        ("cp1252", ["ÉCOLE", "10 €"]),
        ("mac-roman", ACCENTS),
        ("cp1251", ["Красная машина ночью", "Лодка на озере"]),
        ("cp932", ["夜の赤い車", "湖のボート"]),
        ("gb18030", ["晚上的红色汽车", "湖上的船"]),
        ("cp949", ["밤의 빨간 자동차", "호수의 보트"]),
    ],
)
def test_encodings_that_are_guessed_are_told(folder: Path, codec: str, texts: list[str]) -> None:
    source = open_source(written(folder, table(texts, ";").encode(codec)))
    assert [photo(found).caption for found in source] == texts
    [remark] = source.notes.remarks()
    assert "is not UTF-8. It is read as" in remark
    assert "a guess" in remark


def test_a_damaged_letter_does_not_change_the_encoding(folder: Path) -> None:
    one, two, three = read(folder, table(["é", "x", "ü"]).encode().replace(b"x", b"\xe9"))
    assert [photo(one).caption, photo(three).caption] == ["é", "ü"]
    assert reason(two) == "line 3: row is not UTF-8; save the file as UTF-8."


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_for_excel_tells_the_separator(folder: Path, first: str) -> None:
    good, bad = read(folder, f"{first}\r\npath;note\r\na.jpg;1,5\r\ngone.jpg;x\r\n")
    assert photo(good).metadata == {"note": "1,5"}
    assert reason(bad).startswith("line 4: ")


def test_rows_of_blank_cells_are_blank_lines(folder: Path) -> None:
    content = ",,\npath,caption,tags\na.jpg,one,x\n,,\nb.jpg,two,y\n" + ",,\n" * 500 + " , ,\t\n"
    assert captions(folder, content) == ["one", "two"]


@pytest.mark.parametrize("header", ["path,caption", "path,caption,,,", "path, caption ,,"])
def test_blank_cells_beyond_the_header_do_no_harm(folder: Path, header: str) -> None:
    assert captions(folder, f"{header}\na.jpg,one,,,\nb.jpg,two, ,\n,,,,\n") == ["one", "two"]


def test_a_doubled_column_is_kept_under_another_name(folder: Path) -> None:
    source = open_source(written(folder, "path,caption,note,caption,note\na.jpg,1,2,3,4\n"))
    [found] = map(photo, source)
    assert found.caption == "1"
    assert found.metadata == {"note": "2", "caption (2)": "3", "note (2)": "4"}
    assert [remark[:32] for remark in source.notes.remarks()] == [
        "There is another column 'caption",
        "There is another column 'note': ",
    ]


def test_tabs_without_quoting_are_read_as_they_stand(folder: Path) -> None:
    texts = ['12" record', '"Big Ben" at night', '"', 'ends with a quote"']
    assert captions(folder, table(texts, "\t"), "p.tsv") == texts
    texts = ['"Big Ben" at night', '""', '"whole"', '"open']
    assert captions(folder, table(texts, "\t"), "p.tsv") == texts


@pytest.mark.parametrize("dialect", ["excel", "excel-tab", "unix"])
def test_what_programs_quote_is_read_as_they_mean_it(folder: Path, dialect: str) -> None:
    texts = ['12" record', '"Big Ben" at night', 'two\nlines, and\ta tab "here"', '"']
    path = folder / "photos.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = zip(("a.jpg", "b.jpg", "c.jpg", "d.jpg"), texts, strict=True)
        csv.writer(file, dialect).writerows([("path", "caption"), *rows])
    assert [photo(found).caption for found in open_source(str(path))] == texts


@pytest.mark.parametrize("separator", [",", ";", "|"])
def test_a_lone_quote_costs_its_own_row_only(folder: Path, separator: str) -> None:
    texts = ["fine", '"open', 'ends with a quote"', '"so" he said']
    one, two, three, four = read(folder, table(texts, separator))
    assert photo(one).caption == "fine"
    assert reason(two).startswith("line 3: row cannot be read")
    assert photo(three).caption == 'ends with a quote"'
    assert "line 5: row cannot be read" in reason(four)


def test_a_quote_left_open_does_not_reach_over_rows_of_urls(folder: Path) -> None:
    rows = "".join(f"https://example.com/{number}.jpg,text\n" for number in range(1_000))
    found = read(folder, f'url,caption\nhttps://example.com/x.jpg,"open\n{rows}')
    assert "check its quotes" in reason(found[0])
    assert sum(isinstance(each, Photo) for each in found) == 1_000


@pytest.mark.parametrize("separator", list(",;\t"))
@pytest.mark.parametrize(
    "title",
    ["Photo list 2026", "Photo list, 2026{0}{0}\r\n{0}{0}", '"Spring; all\r\nof it"{0}x{0}'],
)
def test_a_title_above_the_table(folder: Path, separator: str, title: str) -> None:
    above = title.format(separator)
    content = f"{above}\r\n{table(['one', 'two'], separator)}"
    assert captions(folder, content) == ["one", "two"]
    source = open_source(written(folder, content))
    first = next(iter(source))
    assert photo(first).caption == "one"
    [remark] = source.notes.remarks()
    line = above.count("\n") + 2
    assert remark.startswith(f"The columns are those of line {line};")
    [bad] = [
        found
        for found in read(folder, content + f"gone.jpg{separator}")
        if not isinstance(found, Photo)
    ]
    assert reason(bad).startswith(f"line {line + 3}: gone.jpg")


def test_a_table_without_a_header_is_refused(folder: Path) -> None:
    rows = "".join(f"{number}.jpg,x\n" for number in range(40)) + "path,caption\na.jpg,one\n"
    with pytest.raises(SourceError, match="It needs a column path or url"):
        open_source(written(folder, rows))
