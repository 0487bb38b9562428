"""Operations: for how long they may be without an outcome, and which wait for a person."""

from datetime import timedelta
from typing import Final

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.durations import about
from cardpay.doctor.findings import START_THE_DESK, Finding, fail, ok, warn
from cardpay.storage.payments import payment_operations

# The recovery task looks each minute, and leaves a request alone for half a minute.
MAY_BE_UNRESOLVED: Final = timedelta(minutes=10)


def recovery(context: CheckContext) -> Finding | None:
    """Whether what has no outcome is looked at."""
    if context.store is None:
        return None
    with context.store.reading() as session:
        count, oldest_at = payment_operations.count_open_operations(session, needs_review=False)
    if oldest_at is not None and context.now() - oldest_at > MAY_BE_UNRESOLVED:
        return fail(
            f"{count:,} requests to Stripe have no outcome, the oldest since "
            f"{about(context.now() - oldest_at)}: recovery has not run, or gets no answer.",
            f"{START_THE_DESK} The page Operations shows them.",
        )
    return ok("Nothing stays without an outcome.")


def people(context: CheckContext) -> Finding | None:
    """What only a person may decide."""
    if context.store is None:
        return None
    with context.store.reading() as session:
        count, oldest_at = payment_operations.count_open_operations(session, needs_review=True)
    if oldest_at is not None:
        return warn(
            f"{count:,} operations need review, the oldest since "
            f"{about(context.now() - oldest_at)}.",
            "Decide on the page Operations: try again, or give up.",
        )
    return ok("Nothing needs review.")
