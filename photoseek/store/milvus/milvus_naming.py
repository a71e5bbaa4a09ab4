"""What the collection is called that a name stands for first; later ones have other numbers."""

from __future__ import annotations

_LONGEST_NAME = 240  # Milvus takes 255 letters


def first_collection(name: str) -> str:
    """The collection that is made where nothing has a name yet."""
    return f"{name[:_LONGEST_NAME]}_000001"
