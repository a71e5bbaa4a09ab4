"""That writers wait until some second, noted as one more alias of the index that they write to.

An engine changes several aliases in one step, and changes none where one that is to go is not
there any more. So a name is switched on the condition that nobody has taken the note away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from photoseek.store.elastic.engine_errors import EngineError
from photoseek.store.elastic.engine_http import EngineHttp

_HELD = "held"


def held_until(index: str, aliases: Iterable[str]) -> float:
    """Until which second of the epoch those who write to an index wait, by its aliases; or 0."""
    start = _note(index, "")
    times = [alias.removeprefix(start) for alias in aliases if alias.startswith(start)]
    return max((int(time) / 1e6 for time in times if time.isdecimal()), default=0.0)


def hold(http: EngineHttp, index: str, until: float, instead_of: float | None) -> bool:
    """Have those who write to an index wait, as `ReindexingEngine.hold` does.

    Raises:
        EngineError: the engine refuses, or some of its nodes do not know of it yet.
    """
    if instead_of is None:
        before = {"remove": {"index": index, "alias": _note(index, "*")}}
    else:
        before = _removed(index, _note_of(index, instead_of))
    after = [{"add": {"index": index, "alias": _note_of(index, until)}}] if until else []
    done = _done(http, [before, *after])
    if done is None:  # nobody was held
        return not until and instead_of is None
    if not done["acknowledged"]:
        raise EngineError("some nodes do not know yet that writers are to wait")
    return True


def switched(http: EngineHttp, name: str, before: str, index: str, until: float) -> bool:
    """Let a name stand for another index, where writers of that of before wait until then."""
    actions = [
        _removed(before, _note_of(before, until)),
        _removed(before, name),
        {"add": {"index": index, "alias": name}},
    ]
    return _done(http, actions) is not None


def _done(http: EngineHttp, actions: list[dict[str, Any]]) -> Any:
    """What the engine says; None where an alias that is to go is not there."""
    return http.ask("POST", "/_aliases", {"actions": actions}, missing=True)


def _removed(index: str, alias: str) -> dict[str, Any]:
    return {"remove": {"index": index, "alias": alias, "must_exist": True}}


def _note_of(index: str, until: float) -> str:
    return _note(index, f"{round(until * 1e6)}")


def _note(index: str, time: str) -> str:
    return f"{index}-{_HELD}-{time}"
