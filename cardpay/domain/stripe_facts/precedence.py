"""Which of two things that Stripe said about an object is the newer one.

No object of Stripe's has a version, so the order is told by two facts. A final status stays.
Any other is taken only from a request that began after the stored one was applied: of two
requests that overlap, the one that began first may have been carried out last. An event says
when it was made in whole seconds and arrives whenever it likes, so what it says about a status
that is not final is only a reason to ask.
"""

from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What to do with a statement."""

    TAKE = "take"
    KEEP = "keep"  # an older view of an object that has ended
    ASK = "ask"  # the order is not known: only Stripe can tell


def is_newer(as_of: datetime | None, asked_at: datetime | None) -> bool:
    """Whether a statement is newer for certain than the one applied at `as_of`.

    `asked_at` is when its request began; None for an event. The first statement is newer than
    none at all.
    """
    return as_of is None or (asked_at is not None and asked_at > as_of)


def judge(old: str | None, new: str, *, final: AbstractSet[str], newer: bool) -> Verdict:
    """What to do with a statement that the status is `new` where `old` is stored."""
    if new == old or old is None:
        return Verdict.TAKE
    if old in final:
        return Verdict.KEEP
    return Verdict.TAKE if newer or new in final else Verdict.ASK
