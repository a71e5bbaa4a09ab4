"""Measure reading the text in pictures: characters right, and seconds a photo.

    python -m bench.ocr                                  # Latin, Greek and Cyrillic, drawn
    python -m bench.ocr --font Chinese=NotoSansSC.ttf    # and what that font can draw
    python -m bench.ocr --photos FOLDER                  # seconds for your own photos too
    python -m bench.ocr --side 960 --side 1600           # pictures brought to other sizes

Lines are drawn black on grey, light on dark and slanted, as on signs and packages. "Characters
right" is 1 - edit distance / length of all lines together, without spaces, and not below 0.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from photoseek.ocr import TextReader, read_text
from photoseek.ocr.rapid import SIDE, RapidTextReader
from photoseek.photos import ImageLimits, decode_whole
from photoseek.records import Pixels

LINES: Mapping[str, Sequence[str]] = {
    "English": ("SUMMER SALE", "Fresh coffee, every day", "50% off until 31 July", "No parking"),
    "German": ("Größte Auswahl", "Bäckerei & Café Müller", "Öffnungszeiten", "Straßenfest"),
    "French": ("Crème brûlée à l'orange", "Forêt protégée", "Été 2024 : soldes", "Où êtes-vous ?"),
    "Polish": ("Wyjście ewakuacyjne", "Świeże pączki", "Żółta łódź", "Źródło wody"),
    "Czech": ("Příliš žluťoučký kůň", "Čerstvé pečivo", "Řeznictví", "Vchod zezadu"),
    "Turkish": ("Çıkış kapısı", "İçecekler soğuk", "Güneş gözlüğü", "Şehir müzesi"),  # noqa: RUF001
    "Vietnamese": ("Phở bò tái", "Cà phê sữa đá", "Lối thoát hiểm", "Chợ Bến Thành"),
    "Greek": ("Έξοδος κινδύνου", "Φρέσκο ψωμί", "Ανοιχτά σήμερα", "Θάλασσα"),
    "Russian": ("Запасный выход", "Свежий хлеб", "Скидки до 50%", "Открыто сегодня"),
    "Chinese": ("安全出口", "欢迎光临", "新鲜水果每日特价", "请勿停车"),
    "Chinese, traditional": ("安全出口", "歡迎光臨", "營業時間", "請勿停車"),
    "Japanese": ("非常口", "いらっしゃいませ", "コーヒー豆", "駐車禁止"),
    "Korean": ("비상구", "어서 오세요", "신선한 커피", "주차 금지"),
    "Arabic": ("مخرج الطوارئ", "قهوة طازجة", "ممنوع الوقوف", "مفتوح اليوم"),
    "Hebrew": ("יציאת חירום", "קפה טרי", "אין חניה", "פתוח היום"),
    "Thai": ("ทางออกฉุกเฉิน", "กาแฟสด", "ห้ามจอดรถ", "เปิดวันนี้"),
    "Hindi": ("आपातकालीन निकास", "ताज़ा कॉफ़ी", "पार्किंग निषेध", "आज खुला है"),
}
"""What signs and packages say."""

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
OF_DEJAVU = (
    *("English", "German", "French", "Polish", "Czech", "Turkish", "Vietnamese"),
    *("Greek", "Russian", "Arabic", "Hebrew"),
)
HEIGHTS = (18, 28, 48)
"""Pixels of the letters in a picture of 1280 pixels."""

LOOKS = ((("#e8e4dc", "#202020"), 0), (("#7a1f1f", "#f4e9c8"), 0), (("#dfe8f2", "#16305c"), 9))
"""Colours of ground and letters, and degrees by which lines are slanted."""

_SIZE = (1280, 853)


def drawn(lines: Sequence[str], font: Path, height: int, look: int) -> Image.Image:
    """A picture with the lines, as tall as that."""
    (ground, ink), angle = LOOKS[look]
    picture = Image.new("RGB", _SIZE, ground)
    draw = ImageDraw.Draw(picture)
    letters = ImageFont.truetype(str(font), height)
    for number, line in enumerate(lines):
        draw.text((140, 190 + number * 130), line, fill=ink, font=letters)
    turned = picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=ground)
    grain = np.random.default_rng(look).normal(0, 6, (*_SIZE[::-1], 1))
    return Image.fromarray((np.asarray(turned) + grain).clip(0, 255).astype(np.uint8))


def right(read: str, written: str) -> float:
    """The share of characters that were read rightly."""
    read, written = _bare(read), _bare(written)
    return max(0.0, 1 - distance(read, written) / max(1, len(written)))


def distance(one: str, other: str) -> int:
    """How many characters have to be put in, taken out or exchanged to make one of the other."""
    row = list(range(len(other) + 1))
    for number, char in enumerate(one, start=1):
        before, row[0] = row[0], number
        for at, opposite in enumerate(other, start=1):
            before, row[at] = (
                row[at],
                min(row[at] + 1, row[at - 1] + 1, before + (char != opposite)),
            )
    return row[-1]


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def accuracy(reader: TextReader, font: Path, lines: Sequence[str]) -> list[float]:
    """Characters right for each height of the letters."""
    return [
        statistics.mean(
            right(
                read_text(reader, np.asarray(drawn(lines, font, height, look))).text,
                "\n".join(lines),
            )
            for look in range(len(LOOKS))
        )
        for height in HEIGHTS
    ]


def seconds(reader: TextReader, pictures: Sequence[Pixels]) -> float:
    """Of a photo, the median."""
    took = []
    for pixels in pictures:
        start = time.perf_counter()
        read_text(reader, pixels)
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def _photos(folder: Path, side: int) -> Iterator[Pixels]:
    for path in sorted(folder.rglob("*.jpg"))[:40]:
        yield decode_whole(path.read_bytes(), side, ImageLimits())


def main() -> int:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.ocr", description=__doc__)
    parser.add_argument("--font", action="append", default=[], metavar="SCRIPT=FILE")
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--side", type=int, action="append", default=[])
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    fonts = dict.fromkeys(OF_DEJAVU, DEJAVU) if DEJAVU.exists() else {}
    fonts |= {name: Path(file) for name, _, file in (each.partition("=") for each in options.font)}
    for side in options.side or [SIDE]:
        reader = RapidTextReader(threads=options.threads, side=side)
        print(f"\n{reader.name}, {options.threads} threads\n")
        print("| written in | " + " | ".join(f"{height} px" for height in HEIGHTS) + " |")
        print("| --- |" + " ---: |" * len(HEIGHTS))
        for name, font in fonts.items():
            shares = accuracy(reader, font, LINES[name])
            print(f"| {name} | " + " | ".join(f"{share:.0%}" for share in shares) + " |")
        empty = np.asarray(Image.new("RGB", _SIZE, "#cccccc"))
        sign = np.asarray(drawn(LINES["English"], DEJAVU, 48, 0))
        print(f"\nseconds: nothing written {seconds(reader, [empty] * 5):.2f}", end="")
        print(f", four lines {seconds(reader, [sign] * 5):.2f}", end="")
        if options.photos:
            print(
                f", your photos {seconds(reader, list(_photos(options.photos, side))):.2f}", end=""
            )
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
