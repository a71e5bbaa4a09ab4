"""What texts and names are found by."""

from __future__ import annotations

import pytest

from photoseek.store.name_words import file_words
from photoseek.store.word_forms import asked_words, with_forms, words_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A red-car, 16:9 C++", "a red car 16 9 c"),
        ("Café ÉTÉ Straße ﬁne", "cafe ete strasse fine"),
        ("don't t-shirt covid-19", "don t t shirt covid 19"),
        ("नमस्ते। दुनिया", "नमसते दुनिया"),
        ("مَرْحَبًا", "مرحبا"),
        ("車", "車"),
        ("汽车", "汽车 汽 车"),
        ("赤い車2台", "赤い車 赤い い車 赤 い 車 2 台"),
        ("자동차", "자동차 자동 동차 자 동 차"),
        ("ｶﾊﾞﾝ", "カバン カバ バン カ バ ン"),
        ("รถ", "รถ ร ถ"),
        ("รถ ร่ม", "รถ ร ถ รม ร ม"),
        ("", ""),
        ("!? 。、・", ""),
    ],
)
def test_words_of_a_text(text: str, words: str) -> None:
    assert words_in(text) == words.split()


@pytest.mark.parametrize(
    ("text", "words"),
    [("汽车", "汽车"), ("赤い車", "赤い車 赤い い車"), ("車", "車"), ("red CAR", "red car")],
)
def test_who_asks_means_letters_that_stand_together(text: str, words: str) -> None:
    assert asked_words(text) == words.split()


def test_a_text_of_thousands_of_letters_has_no_word_of_that_length() -> None:
    assert max(map(len, words_in("汽车" * 5000))) == 2


def test_an_index_that_splits_the_rest_itself_gets_the_text_and_the_forms() -> None:
    assert with_forms("Red cars") == "Red cars"
    assert with_forms("Été") == "Été"
    assert with_forms("I don't know 'it'").split()[-2:] == ["'it'", "don\u02bct"]
    assert with_forms("l\u2019été", is_asked=True).split() == ["l\u2019été", "l\u02bcété"]
    assert with_forms("Car 汽车").split() == ["Car", "汽车", "汽车", "汽", "车"]
    assert with_forms("汽车", is_asked=True).split() == ["汽车", "汽车"]


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("/p/IMG_1234.JPG", "IMG 1234"),
        ("/p/IMG1234.jpg", "IMG1234 IMG 1234"),
        ("/p/P1010023.jpg", "P1010023 P 1010023"),
        ("/p/redCarAtNight-02.final.jpeg", "redCarAtNight red Car At Night 02 final"),
        ("/p/grünerBaum.tif", "grünerBaum grüner Baum"),
        ("C:\\p\\Red Car.png", "Red Car"),
        ("s3://bucket/a/50%25_off?.jpg", "50 25 off"),
        ("https://e.org/p/caf%C3%A9.jpg?w=200#x", "café"),
        ("https://e.org/photo-1515-0648a3ef77b2?ixid=abc", "photo 1515 0648a3ef77b2"),
        ("https://e.org/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("/p/v1.2 notes.final version", "v1 v 1 2 notes final version"),
        (f"/uploads/{'0f' * 16}.jpg", ""),
        ("/p/汽车.jpg", "汽车"),
    ],
)
def test_words_in_the_name_of_a_file(uri: str, words: str) -> None:
    assert file_words(uri).split() == words.split()
