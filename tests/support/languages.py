"""Texts in twenty languages, as people write them and as they do not."""

# ruff: noqa: RUF001 -- letters that look like others are what these are about

from __future__ import annotations

import random

SENTENCES = {
    "en": "a red car at night|snow on the old bridge|two children's kites over the sea, 1998",
    "de": "ein rotes Auto bei Nacht|Schnee auf der alten Brücke|große Möwen über dem Fluß",
    "fr": "une voiture rouge la nuit|l'été à la plage, déjà|un cœur gravé sur l'écorce",
    "es": "un coche rojo de noche|¿dónde está el niño?|mañana habrá nieve en España",
    "pt": "um carro vermelho à noite|a mãe e o pão|corações e canções do verão",
    "it": "un'auto rossa di notte|la città è già bianca|però c'è più luce",
    "nl": "een rode auto in de nacht|het ijs op de gracht|één fiets, twee wielen",
    "pl": "czerwony samochód nocą|żółta łódź na jeziorze|śnieg i źdźbło trawy",
    "cs": "červené auto v noci|žluťoučký kůň běží|sníh na střeše",
    "tr": "gece kırmızı bir araba|İstanbul'da yağmur|çocuğun şapkası ığdır",
    "fi": "punainen auto yöllä|järvi jäätyy hiljaa|hääyöaie ja öljy",
    "vi": "một chiếc xe màu đỏ|phở bò buổi sáng|những đứa trẻ ở biển",
    "ru": "красная машина ночью|снег на старом мосту|ещё один чёрный кот",
    "uk": "червоне авто вночі|їжак у лісі|ґанок і сонце",
    "el": "κόκκινο αυτοκίνητο τη νύχτα|χιόνι στη γέφυρα|ένας σκύλος στην παραλία",
    "ar": "سيارة حمراء في الليل|ثلج على الجسر القديم|قِطّةٌ سوداء",
    "he": "מכונית אדומה בלילה|שלג על הגשר|כלב על החוף",
    "hi": "रात में लाल कार|पुराने पुल पर बर्फ़|समुद्र तट पर बच्चे",
    "ja": "夜の赤い車|古い橋の上の雪、ﾊﾝｶｸ|海辺でキャッチボールをする子ども",
    "zh": "夜晚的红色汽车|旧桥上的雪。|孩子们在海边放风筝，很开心！",
    "ko": "밤의 빨간 자동차|오래된 다리 위의 눈|바닷가의 아이들",
    "th": "รถสีแดงตอนกลางคืน|หิมะบนสะพานเก่า|เด็กๆ เล่นว่าวริมทะเล",
}

ODD = (
    "  two   spaces\tand\na line ",
    "snake_case_words and-hyphens, 'quotes' \"too\"!",
    "&lt;b&gt;caf&eacute;&lt;/b&gt; &amp;amp; more",
    "cafÃ© that was decoded wrongly",
    "🚗🏽 👩‍👩‍👧 ½ ﬁ Ⅳ ™ e\u0301 ＡＢＣ",
    "<s> </s> [SEP] <pad> <|endoftext|> [MASK]",
    "",
    " ",
    "!?.,;:",
    "\u200b\ufeff\x00\x07 control",
    "x" * 300,
    "7 1234567890 3.14 10,000",
)


def corpus() -> list[str]:
    """Every sentence, for training."""
    return [text for texts in SENTENCES.values() for text in texts.split("|")]


def texts(count: int = 1000) -> list[str]:
    """That many texts: short and long, of one language or two, clean or not."""
    chance, every = random.Random(0), corpus()
    made = [*every, *ODD]
    while len(made) < count:
        language = chance.choice([*SENTENCES.values()]).split("|")
        parts = [chance.choice(language) for _ in range(chance.choice((1, 1, 2, 3, 12)))]
        if chance.random() < 0.2:
            parts.append(chance.choice((*ODD, *every)))
        if chance.random() < 0.2:
            parts = [part.upper() for part in parts]
        made.append(chance.choice((" ", ", ", " - ", "\n")).join(parts))
    return made[:count]
