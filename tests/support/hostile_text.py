"""Text that would break out of a filter, a path or a query."""

from __future__ import annotations

import random

HOSTILE = [
    "", " ", "'", "''", "'''", '"', "`", "\\", "\\'", "\\\\'", "a'b", "' OR '1'='1", "') OR (1=1",
    "'; DROP TABLE photos; --", "-- x", "/* x", "*/", "%", "_", "?", "$1", ":x", "{x}", "NULL",
    "a\nb\r\tc", "\0", "a\0b", "\x1a", "\ufeff", "\u2028", "\u202e", "\ufdd0", "\ufdd0dc80",
    "\udc80", "true", "/photos/\udcff.jpg", "Ünïcödé", "e\u0301", "日本",
    "🌅" * 50, "x" * 10_000, "'" * 10_000,
]  # fmt: skip


def hostile_texts(count: int) -> list[str]:
    dice = random.Random(7)
    pieces = [*HOSTILE[1:-3], "a", "=", ",", "(", ")"]
    return [*HOSTILE, *("".join(dice.choices(pieces, k=dice.randint(2, 6))) for _ in range(count))]
