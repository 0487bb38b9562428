"""Which of two statements of Stripe's about an object is the newer one.

Stripe's objects have no version, so two rules tell. A final status stays. Anything else that was
known already is changed only by a request that began after the last one that was applied: of two
requests that overlap, the one that began first may have been carried out last. An event gives its
time in whole seconds and may arrive at any time, so it may add what is not known yet, and end what
has not ended; if it says anything else, that is only a reason to ask.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from cardpay.domain.stripe_facts.field_rules import Follows, follow
from cardpay.domain.stripe_facts.known import (
    DisputeFields,
    LinkFields,
    PayoutFields,
    RefundFields,
    with_changes,
)

Row = TypeVar("Row", RefundFields, DisputeFields, PayoutFields, LinkFields)


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


def judge(
    old: str | None, new: str, *, final: AbstractSet[str], newer: bool, overwrites: bool
) -> Verdict:
    """What to do with a statement of the status `new` where `old` is stored (None: none yet).

    `final` holds the statuses after which none follows; `newer` is what `is_newer` returned;
    `overwrites` says whether the statement changes another field that was known already.
    """
    if old is None:
        return Verdict.TAKE
    if new != old and old in final:
        return Verdict.KEEP
    ends = new != old and new in final
    return Verdict.TAKE if newer or ends or (new == old and not overwrites) else Verdict.ASK


def fold_row(
    row: Row,
    status: str,
    stated: Mapping[str, Any],
    rules: Mapping[str, Follows],
    *,
    final: AbstractSet[str],
    asked_at: datetime | None,
    now: datetime,
) -> tuple[Row, Verdict]:
    """Take a statement about an object that has one row, with a status and its `status_as_of`.

    With ASK nothing is taken, with KEEP only what was not known yet and never changes again.
    """
    newer = is_newer(row.status_as_of, asked_at)
    changed, overwrites = follow(row, stated, rules)
    verdict = judge(row.status, status, final=final, newer=newer, overwrites=overwrites)
    match verdict:
        case Verdict.ASK:
            changed = {}
        case Verdict.KEEP:
            changed = {
                name: new
                for name, new in changed.items()
                if getattr(row, name) is None and rules[name] is not Follows.LATEST
            }
        case Verdict.TAKE:
            changed["status"] = status
            if newer:
                changed["status_as_of"] = now
    return with_changes(row, changed), verdict
