"""What is known of published models before they are fetched: names, languages, licences, sizes."""

from photoseek.catalogue.licences import Licence, licence_of, limit_of
from photoseek.catalogue.presets import (
    ENOUGH_MEMORY,
    PRESETS,
    Preset,
    new_index_preset,
    resolved,
)
from photoseek.catalogue.published import languages_of, reads_english_alone
from photoseek.catalogue.sizes import download_size

__all__ = [
    "ENOUGH_MEMORY",
    "PRESETS",
    "Licence",
    "Preset",
    "download_size",
    "languages_of",
    "licence_of",
    "limit_of",
    "new_index_preset",
    "reads_english_alone",
    "resolved",
]
