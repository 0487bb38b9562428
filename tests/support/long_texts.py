"""What reading a long text costs, against a shorter one of the same make."""

from collections.abc import Callable
from time import thread_time

# What comes last may undo all that was found before.
_END = "42x"


def costs_in_proportion(read: Callable[[str], object], text: str, length: int = 20_000) -> bool:
    """Whether four times the length costs about four times as much.

    Where that costs next to nothing, there is nothing to compare.
    """
    return _cost(read, text, length) < max(0.1, 9 * _cost(read, text, length // 4))


def _cost(read: Callable[[str], object], text: str, length: int) -> float:
    """Seconds of this thread's own time."""
    long = (text * length)[:length] + _END
    taken = []
    for _ in range(3):
        began = thread_time()
        read(long)
        taken.append(thread_time() - began)
    return min(taken)
