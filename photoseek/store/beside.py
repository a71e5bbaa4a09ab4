"""The names of what lies beside the photos of an index, in its folder or bucket."""

from __future__ import annotations

from photoseek.store.blobs import ORIGINALS, THUMBNAILS

SOURCES = "sources"
TOMBSTONES = "tombstones"
COPIES = "copies"
CRASHES = "crashes"
UNDERWAY = "underway"
TEXT_CRASHES = "text_crashes"
TEXT_UNDERWAY = "text_underway"
REINDEX_CRASHES = "reindex_crashes"
REINDEX_UNDERWAY = "reindex_underway"
SWEEPS = "sweeps"
CLICKS = "clicks"
REINDEXED = "reindexed"
LIMITS = "limits"
NAMES = (
    *(SOURCES, TOMBSTONES, CRASHES, UNDERWAY, TEXT_CRASHES, TEXT_UNDERWAY),
    *(REINDEX_CRASHES, REINDEX_UNDERWAY, SWEEPS, CLICKS, COPIES, REINDEXED, LIMITS),
)
"""The folders of what runs note beside an index (`photoseek.store.run_state`)."""

INDEX_SIGN = "photos.lance"
"""The folder that marks an index which lies among photos, in a folder or a bucket."""

BESIDE_SIGN = (THUMBNAILS, ORIGINALS, SOURCES)
"""The folders beside it whose files may look like photos in a listing, and are no user's photos."""
