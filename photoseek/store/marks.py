"""What was written to an index since some moment, for who brings another one up to date with it."""

from __future__ import annotations

from collections.abc import Iterator


class Marks:
    """Moments of one index. This one is that of an engine which cannot tell what came after one."""

    def now(self) -> str:
        """This moment; "" where it cannot be told later what came after it.

        What is read from now on is of this moment or of a later one, whoever wrote it.
        """
        return ""

    def changed_since(self, mark: str) -> Iterator[list[str]] | None:
        """The ids of photos that anybody has written since a moment, some thousand at a time.

        Others may be among them, and none that is deleted. None where it cannot be told any more:
        then any photo may have been written.
        """
        return None
