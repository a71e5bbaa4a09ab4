"""What several gateways of one index share: counted work, and bytes that were costly to make."""

from photoseek.sharing.memory_state import Buckets, MemoryState
from photoseek.sharing.shared_state import Health, SharedState
from photoseek.sharing.shared_texts import SharedTexts, TextVectors
from photoseek.sharing.state_of_settings import shared_state

__all__ = [
    "Buckets",
    "Health",
    "MemoryState",
    "SharedState",
    "SharedTexts",
    "TextVectors",
    "shared_state",
]
