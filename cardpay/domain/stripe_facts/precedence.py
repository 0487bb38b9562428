"""Which of two statements of Stripe's about an object is the newer one.

Stripe's objects have no version, so two rules tell. A final status stays. Anything else that was
known already is changed only by a request that began after the last one that was applied: of two
requests that overlap, the one that began first may have been carried out last. An event gives its
time in whole seconds and may arrive at any time, so it may add what is not known yet, and end what
has not ended; if it says anything else, that is only a reason to ask.
"""

from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What to do with a statement of Stripe's."""

    TAKE = "take"
    KEEP = "keep"  # an older view of an object that has ended
    ASK = "ask"  # the order is not known: only Stripe can tell


def is_newer(as_of: datetime | None, asked_at: datetime | None) -> bool:
    """Whether a statement is certainly newer than the one applied at `as_of` (None: none was).

    `asked_at` is when the statement's request began; None for an event.
    """
    return as_of is None or (asked_at is not None and asked_at > as_of)


def judge(old: str | None, new: str, *, final: AbstractSet[str], newer: bool) -> Verdict:
    """What to do with the status `new` where `old` is stored (None: none yet).

    `final` holds the statuses after which none follows; `newer` is what `is_newer` returned.
    """
    if new == old or old is None:
        return Verdict.TAKE
    if old in final:
        return Verdict.KEEP
    return Verdict.TAKE if newer or new in final else Verdict.ASK


def judge_all(
    old: str | None, new: str, *, final: AbstractSet[str], newer: bool, overwrites: bool
) -> Verdict:
    """As `judge`, for a statement with other fields beside the status.

    `overwrites` says whether it changes a field that was known already.
    """
    verdict = judge(old, new, final=final, newer=newer)
    ends = new != old and new in final
    if verdict is Verdict.TAKE and overwrites and not (newer or ends):
        return Verdict.ASK
    return verdict
