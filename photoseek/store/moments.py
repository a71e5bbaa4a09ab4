"""When a photo was indexed, as stores keep it: microseconds since 1970, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)


def moment_of(microseconds: int) -> datetime:
    """The time in UTC that a store has kept."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds_of(moment: datetime) -> int:
    """What a store keeps of a time."""
    return (moment - _EPOCH) // _MICROSECOND
