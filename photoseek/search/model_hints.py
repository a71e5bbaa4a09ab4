"""What a model cannot read of a query: another language than it has learnt, or what is too long."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from photoseek.catalogue import reads_english_alone
from photoseek.compat.openclip_parts import usual_text
from photoseek.plain_towers.model_card import card_says_english
from photoseek.plain_towers.model_files import text_config_of
from photoseek.search.grammar import QueryPart
from photoseek.tokenizing import make_tokenizer

_SHORT = 40
"""Letters of a text that every model reads whole."""

_WORDS = {
    "German": "ein eine einer einem ohne hund hunde katze katzen frau kinder mädchen blumen "
    "sonnenuntergang rotes roter blaue blaues weiße weißes grüne grünes gelbe gelbes schwarze "
    "schwarzer schwarzes großer großes zwei nebel spielen glückliche familie fahrrad menschen",
    "French": "une dans avec voiture voitures chien chiens homme femme enfant enfants arbre arbres "
    "fille garçon oiseau bateau cheval coucher enneigée jouent rouges noire blanche verte bleue",
    "Spanish": "una junto coche perro perros gato gatos mujer hombre niña niños árbol sofá rojo "
    "roja amarillo montañas pájaro barco caballo puesta atardecer amanecer lluvia jugando",
    "Italian": "una gli macchina gatto gatti donna uomo bambino bambini bambina ragazza albero "
    "rosso rossa tramonto spiaggia barca cavallo cappello pioggia giocano",
}
_IN_NAMES = {
    "German": "der das und auf mit dem bei im am vor unter über nacht mann auto haus baum wald "
    "meer berge himmel schnee stadt straße alte brücke",
    "French": "sur sous au aux du des et nuit plage neige fleurs maison ville montagne ciel soleil "
    "mer forêt jardin rouge noir blanc vert bleu",
    "Spanish": "con en sobre bajo del noche playa flores montaña cielo nieve nevadas ciudad sol "
    "mar bosque puente calle negro negra blanco blanca azul verde",
    "Italian": "con sulla sul nella della nel notte sotto fiori montagna cielo neve mare "
    "bosco ponte auto nero nera bianco bianca verde vecchio vecchia",
}
_OF_LANGUAGE = {
    language: (frozenset(words.split()), frozenset(_IN_NAMES[language].split()))
    for language, words in _WORDS.items()
}
"""Small words of languages, and words for what photos show; the second are also in names that
English queries have, such as Cirque du Soleil, Playa del Carmen and Ponte Vecchio.
"""


def may_be_misread(parts: Sequence[QueryPart]) -> bool:
    """Whether `model_hint` may have something to say: it need not be asked which model there is
    otherwise.
    """
    return any(len(text) > _SHORT or _language(text) for text in _texts(parts))


def model_hint(parts: Sequence[QueryPart], model: str, *, at_terminal: bool = False) -> str:
    """Sentences about texts that a model of that name cannot read, or not to their end.

    `at_terminal` names the option that mends it, which who reads them elsewhere may not have.
    """
    texts = _texts(parts)
    said = []
    language = next(filter(None, map(_language, texts)), "")
    if language and _knows_english_alone(model):
        said.append(
            f"The query seems to be {language}, and the model {model} has learnt from English "
            f"texts alone: what it finds may be chance. Ask in English, or {_mended(at_terminal)}."
        )
    length = next((n for text in texts if len(text) > _SHORT and (n := _cut_at(text, model))), 0)
    if length:
        said.append(
            f"The model {model} reads {length} tokens of a text, which are words or parts of "
            "words. This one is longer, and its end is not read."
        )
    return " ".join(said)


def foreign_hint(texts: Iterable[str], what: str, model: str) -> str:
    """A sentence about those of many texts, labels or queries, that a model cannot read."""
    foreign = [text for text in texts if _language(text)]
    if not foreign or not _knows_english_alone(model):
        return ""
    return (
        f"{len(foreign):,} {what}, such as {foreign[0]!r}, are not in English, and the model "
        f"{model} has learnt from English texts alone: it hardly reads them."
    )


def _knows_english_alone(model: str) -> bool:
    return reads_english_alone(model) or card_says_english(model)


def _mended(at_terminal: bool) -> str:
    if at_terminal:
        return "make an index with --model standard, which reads 100 languages"
    return "have the photos indexed with a model that reads this language"


def _texts(parts: Sequence[QueryPart]) -> list[str]:
    return [str(part.value) for part in parts if part.kind == "text"]


def _language(text: str) -> str:
    """What a text seems to be written in, as the end of a sentence; "" for what may be English."""
    letters = [letter for letter in text if letter.isalpha()]
    foreign = [letter for letter in letters if not _is_latin(letter)]
    if 2 * len(foreign) > len(letters):
        return "in no Latin letters"
    words = set(re.findall(r"\w+", text.casefold()))
    return next((name for name, known in _OF_LANGUAGE.items() if _is_of(words, *known)), "")


def _is_of(words: set[str], plain: frozenset[str], in_names: frozenset[str]) -> bool:
    """Whether words are of a language: two, of which one at least stands in no name, or three."""
    return len(words & (plain | in_names)) >= (2 if words & plain else 3)


def _is_latin(letter: str) -> bool:
    return "LATIN" in unicodedata.name(letter, "")


def _cut_at(text: str, model: str) -> int:
    """How many tokens a model reads of a text that is longer; 0 where it reads all of it, or where
    that cannot be told here.

    A tokenizer that has to be fetched is not: each word has one token at least, and one ends all.
    """
    config = text_config_of(model)
    if config is None:
        return 0
    length = int(config.get("context_length") or usual_text()["context_length"])
    if config.get("hf_tokenizer_name"):
        words = [word for word in text.split() if any(map(str.isalnum, word))]
        return length if len(words) + 1 > length else 0
    if len(text) + 2 <= length:
        return 0
    return length if make_tokenizer(config, None).is_cut(text) else 0
