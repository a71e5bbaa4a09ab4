"""What to print beside a photo, so that its licence is honoured."""

from __future__ import annotations


def attribution(photographer: str, licence: str, source_url: str) -> str:
    """One line with whatever is known: "Photo by Anna Berg, CC-BY-4.0, https://...", or ""."""
    known = [f"Photo by {photographer}" if photographer else "", licence, source_url]
    return ", ".join(filter(None, (part.strip() for part in known)))
