"""What DocArray 0.41 needs mended on Python 3.12 and later, before Jina is imported.

There `DocList[Document]` is an alias of a subclass that has its document type already. Where
`typing` evaluates such a hint it asks that subclass once more, with the same type, and DocArray
raises "object is not subscriptable": `import jina` fails.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any


def mend_typed_lists() -> None:
    """Let a typed `DocList` or `DocVec` be asked for the type that it has."""
    if sys.version_info < (3, 12):
        return
    from docarray import DocList, DocVec

    for kind in (DocList, DocVec):
        ask = kind.__class_getitem__.__func__
        if ask.__module__ != __name__:
            kind.__class_getitem__ = classmethod(_asked_again(ask))


def _asked_again(ask: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def class_getitem(cls: Any, item: Any) -> Any:
        own = getattr(cls, "doc_type", None)
        if own is not None and item in (own, (own,)):
            return types.GenericAlias(cls, item)
        return ask(cls, item)

    return class_getitem
