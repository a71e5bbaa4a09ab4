"""What paths and names mean, told whose rules hold: all of it runs on every system."""

from __future__ import annotations

import ntpath
import unicodedata
from pathlib import PureWindowsPath

import pytest

from photoseek.helpers.path_rules import (
    LONGEST,
    Flavour,
    extended,
    is_absolute,
    is_of_windows,
    is_share,
    last_part,
    may_be_named,
    parent_of,
    path_of_file_uri,
    plain,
    relative,
    safe_name,
    spellings,
)

ANN = r"C:\Users\Ann\Bilder\hund.jpg"
SHARE = r"\\server\share\x.jpg"


@pytest.mark.parametrize(
    ("path", "windows", "posix"),
    [
        (ANN, True, False),
        ("C:/Users/Ann/hund.jpg", True, False),
        ("c:/", True, False),
        (SHARE, True, False),
        ("//server/share/x.jpg", True, True),
        ("/photos/hund.jpg", False, True),
        (r"\photos\hund.jpg", False, False),
        ("C:hund.jpg", False, False),
        ("bilder/hund.jpg", False, False),
        (r"\\.\PhysicalDrive0", False, False),
        (r"\\?\C:\hund.jpg", False, False),
        (r"\\.\pipe\x", False, False),
        ("", False, False),
    ],
)
def test_whole_paths(path: str, windows: bool, posix: bool) -> None:
    assert is_absolute(path, "windows") == windows
    assert is_absolute(path, "posix") == posix
    assert is_of_windows(path) == (windows and not posix)


def test_shares_are_other_machines() -> None:
    assert is_share(SHARE, "windows")
    assert is_share("//server/share", "windows")
    assert is_share(r"\/server/share", "windows")
    assert not is_share(ANN, "windows")
    assert not is_share("//photos/a.jpg", "posix")


@pytest.mark.parametrize(
    ("uri", "path", "flavour"),
    [
        ("file:///C:/Users/Ann/rotes%20Auto.jpg", r"C:\Users\Ann\rotes Auto.jpg", "windows"),
        ("file://localhost/c:/a.jpg", r"c:\a.jpg", "windows"),
        ("file:///C|/a.jpg", r"C:\a.jpg", "windows"),
        ("file://C:/a.jpg", r"C:\a.jpg", "windows"),
        ("file://server/share/x.jpg", SHARE, "windows"),
        ("file:////server/share/x.jpg", SHARE, "windows"),
        ("file:///photos/red%20car.jpg", "/photos/red car.jpg", "posix"),
        ("FILE://localhost/a.jpg", "/a.jpg", "posix"),
    ],
)
def test_file_uris(uri: str, path: str, flavour: Flavour) -> None:
    assert path_of_file_uri(uri, flavour) == path


@pytest.mark.parametrize("uri", ["file://server/share/x.jpg", "file://C:/a.jpg", "file://[x/a"])
def test_a_file_elsewhere_has_no_path_here(uri: str) -> None:
    with pytest.raises(ValueError, match=r"another machine|Invalid IPv6"):
        path_of_file_uri(uri, "posix")


def test_a_long_path_of_windows_says_so_where_it_has_to() -> None:
    below = "\\".join(["x" * 50] * 6)
    long = f"C:\\{below}\\a.jpg"
    assert extended(long, "windows") == f"\\\\?\\{long}"
    assert extended(long.replace("\\", "/"), "windows") == f"\\\\?\\{long}"
    shared = f"\\\\server\\share\\{below}"
    assert extended(shared, "windows") == f"\\\\?\\UNC\\server\\share\\{below}"
    for path in (long, shared):
        assert plain(extended(path, "windows"), "windows") == path
        assert extended(extended(path, "windows"), "windows") == extended(path, "windows")
        assert extended(path, "posix") == path


def test_other_paths_are_left_as_they_are() -> None:
    almost = "C:\\" + "x" * (LONGEST - 3)
    assert extended(almost, "windows") == almost
    assert extended(almost, "windows", room=1) == f"\\\\?\\{almost}"
    for path in (ANN, "x" * 500, "/" + "x" * 500):
        assert extended(path, "windows", room=0) == path
    assert plain(r"\\?\GLOBALROOT\Device", "windows") == r"\\?\GLOBALROOT\Device"
    assert plain(r"\\?\C:\a.jpg", "posix") == r"\\?\C:\a.jpg"


def test_what_a_place_lies_in() -> None:
    places = []
    place = r"C:\Bilder/2024\a.jpg"
    while place:
        places.append(place)
        place = parent_of(place, "windows")
    assert places == [r"C:\Bilder/2024\a.jpg", r"C:\Bilder/2024", r"C:\Bilder", "C:"]
    assert parent_of(r"/a\b/c", "posix") == r"/a\b"
    assert parent_of(r"https://a.example/b\c", "windows") == "https://a.example"
    assert parent_of("", "windows") == ""


def test_a_way_from_folder_to_file_has_slashes() -> None:
    assert relative(r"C:\a\photos\b.jpg", r"C:\a\lists", "windows") == "../photos/b.jpg"
    assert relative(r"D:\photos\b.jpg", r"C:\a", "windows") == r"D:\photos\b.jpg"
    assert relative("/a/photos/b.jpg", "/a/lists", "posix") == "../photos/b.jpg"


def test_names_at_the_end() -> None:
    assert last_part(ANN) == "hund.jpg"
    assert last_part("C:/a/b.jpg") == "b.jpg"
    assert last_part(SHARE) == "x.jpg"
    assert last_part(r"/photos/a\b.jpg") == r"a\b.jpg"
    assert last_part("C:\\") == ""


def test_what_others_wrote_is_looked_for_in_their_spelling() -> None:
    assert list(spellings("a.jpg", "posix")) == ["a.jpg"]
    assert list(spellings(r"bilder\a.jpg", "posix")) == [r"bilder\a.jpg", "bilder/a.jpg"]
    assert list(spellings(r"bilder\a.jpg", "windows")) == [r"bilder\a.jpg"]
    assert list(spellings(ANN, "posix")) == [ANN]
    nfc, nfd = (unicodedata.normalize(form, "Grün.jpg") for form in ("NFC", "NFD"))
    assert nfc != nfd
    assert list(spellings(nfc)) == [nfc, nfd]
    assert list(spellings(nfd)) == [nfd, nfc]
    assert list(spellings("a%20b.jpg")) == ["a%20b.jpg", "a b.jpg"]
    assert list(spellings(f"b\\{nfc}", "posix")) == [f"b\\{nfc}", f"b/{nfc}", f"b/{nfd}"]


def _is_reserved(name: str) -> bool:
    """What Python itself says, in the words of its version."""
    if hasattr(ntpath, "isreserved"):  # from 3.13 on
        return bool(ntpath.isreserved(name))
    return PureWindowsPath(name).is_reserved()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("red car.jpg", "red car.jpg"),
        ("aux.jpg", "_aux.jpg"),
        ("CON", "_CON"),
        ("nul .tar.gz", "_nul .tar.gz"),
        ("com1", "_com1"),
        ("COM¹.jpg", "_COM¹.jpg"),
        ("conin$", "_conin$"),
        ("console.jpg", "console.jpg"),
        ("com10.jpg", "com10.jpg"),
        ("trailing. . ", "trailing"),
        ('a:b*c?"<>|\\/d\x00\n.jpg', "a_b_c_______d__.jpg"),
        ("...", ""),
    ],
)
def test_names_that_every_system_takes(name: str, safe: str) -> None:
    changed = safe_name(name)
    assert changed == safe
    assert safe_name(changed) == changed
    assert not _is_reserved(changed)
    assert may_be_named(name, "windows") == (name == changed)
    assert may_be_named(name, "posix")
