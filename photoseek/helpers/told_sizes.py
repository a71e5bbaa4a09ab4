"""Sizes as people read them."""

from __future__ import annotations


def gigabytes(size: float) -> str:
    """A size in bytes as text: in MB below a tenth of a GB, in kB below a tenth of an MB."""
    if size < 1e5:
        return f"{size / 1e3:,.1f} kB"
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"
