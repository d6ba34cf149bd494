"""What is there in this process, for tests of what is kept: objects by what they are, and what containers hold."""

from __future__ import annotations

import gc
from collections import Counter, deque
from collections.abc import Iterator
from logging import LogRecord
from types import BuiltinFunctionType
from weakref import WeakKeyDictionary, WeakValueDictionary, ref

_CONTAINERS = {dict, list, set, deque, WeakKeyDictionary, WeakValueDictionary}
# The loop keeps those that were called off, up to a hundred of them.
_OF_THE_LOOP = {"Context", "TimerHandle"}


class Census(Counter[str]):
    """How many objects of each type, and how many things in the containers of each type, as `dict holds`."""


def census() -> Census:
    """Of all but censuses.

    The collector does not follow everything: texts and numbers are seen by the containers that hold them alone.
    """
    gc.collect()
    found = Census()
    for each in _objects():
        kind = type(each)
        if kind is Census or kind.__name__ in _OF_THE_LOOP or _is_logged(each) or _is_of_types(each):
            continue
        found[kind.__name__] += 1
        # Not by isinstance: abstract types remember everything that they were asked about.
        if not _CONTAINERS.isdisjoint(kind.__mro__) and not _is_of_the_loop(each):
            found[f"{kind.__name__} holds"] += len(each)  # type: ignore[arg-type]
    return found


def _is_logged(thing: object) -> bool:
    """pytest keeps what is logged."""
    return type(thing) is LogRecord or (type(thing) is dict and "levelname" in thing)


def _is_of_types(thing: object) -> bool:
    """Abstract types remember everybody that they were once asked about, in sets of weak references."""
    if type(thing) is set:
        return _is_of_types(next(iter(thing), None))
    if type(thing) is ref:
        return isinstance(thing(), type)
    return type(thing) is BuiltinFunctionType and thing.__name__ == "_destroy"


def _is_of_the_loop(container: object) -> bool:
    return type(container) is list and len(container) > 0 and type(container[0]).__name__ in _OF_THE_LOOP


def _objects() -> Iterator[object]:
    followed = gc.get_objects()
    known = {id(each) for each in followed}
    yield from followed
    # A dict of nothing but texts and numbers is not followed, and is found by its owner.
    for each in followed:
        for held in gc.get_referents(each):
            if type(held) is dict and id(held) not in known:
                known.add(id(held))
                yield held
