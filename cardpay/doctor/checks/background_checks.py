"""What the desk does by itself, besides recovery."""

from collections.abc import Sequence
from typing import Final

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.durations import ago
from cardpay.doctor.findings import START_THE_DESK, Finding, ok, warn
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.history.reconciliation_schedule import interval
from cardpay.domain.stripe_account import Mode
from cardpay.reporting.operations.objects_set_aside import objects_set_aside
from cardpay.reporting.operations.payout_reports import payouts_that_differ
from cardpay.services.history.periodic_reconciliation import first_gap
from cardpay.services.personal_data import remove_expired
from cardpay.storage.history import stored_reconciliations

_LISTED: Final = 10


def reconciliation(context: CheckContext) -> Finding | None:
    """Whether the desk still compares itself with Stripe."""
    store, held = context.store, context.database.account
    if store is None or held is None or context.mode is Mode.DEMO:
        return None
    every = interval(context.settings.reconcile_minutes)
    if every is None:
        return warn(
            "The desk never compares itself with Stripe.",
            "Set CARDPAY_RECONCILE_MINUTES, or run `python -m cardpay reconcile` by cron.",
        )
    now = context.now()
    with store.reading() as session:
        of = (held.stripe_account_id, held.livemode)
        last = stored_reconciliations.last_reconciliation(session, of, finished=False)
        good = stored_reconciliations.last_reconciliation(session, of, finished=True)
    if last is not None and last.problem:
        return warn(
            f"The last comparison with Stripe, {ago(last.started_at, now)}, stopped: "
            f"{last.problem}",
            "It is tried again by itself; if that lasts, look at the page Operations.",
        )
    if good is None:
        return warn("The desk has not compared itself with Stripe yet.", START_THE_DESK)
    if now - good.started_at > 2 * every:
        return warn(
            f"The last comparison with Stripe began {ago(good.started_at, now)}.", START_THE_DESK
        )
    return ok(f"The desk compared itself with Stripe {ago(good.started_at, now)}.")


def compared(context: CheckContext) -> Finding | None:
    """Whether anything lies between the comparisons."""
    store, held = context.store, context.database.account
    if store is None or held is None or context.mode is Mode.DEMO:
        return None
    found, now = first_gap(store, held), context.now()
    if found is None:
        return ok("No time was left out between two comparisons.")
    by_itself = (
        " The desk goes over it by itself, too." if context.settings.reconcile_minutes else ""
    )
    return warn(
        f"What was made between {ago(found.since_at, now)} and {ago(found.until_at, now)} has "
        "not been compared with Stripe.",
        f"Run `python -m cardpay reconcile --since {found.hours_back(now)}h`.{by_itself}",
    )


def set_aside(context: CheckContext) -> Finding | None:
    """Whether every object of Stripe's could be read."""
    if context.store is None:
        return None
    found = objects_set_aside(context.store, SYSTEM)
    if not found:
        return ok("Every object of Stripe's could be read.")
    return warn(
        f"Set aside, since they could not be read: {_named([one.object_id for one in found])}.",
        "The page Operations says why. Install the newest version: it tries them again.",
    )


def payouts(context: CheckContext) -> Finding | None:
    """Whether what is in each payout adds up to it."""
    if context.store is None:
        return None
    found = payouts_that_differ(context.store, context.now())
    if not found:
        return ok("Every payout that is itemised adds up.")
    return warn(
        f"The transactions do not add up to their payout: "
        f"{_named([one.payout_id for one in found])}.",
        "Compare them on the page Operations with Stripe's dashboard, under Payouts.",
    )


def _named(ids: Sequence[str]) -> str:
    """The ids, as far as a line is readable."""
    more = len(ids) - _LISTED
    return ", ".join(ids[:_LISTED]) + (f" and {more:,} more" if more > 0 else "")


def retained(context: CheckContext) -> Finding | None:
    """Whether anything is kept longer than the settings allow."""
    if context.store is None:
        return None
    overdue = remove_expired.overdue(context.store, context.settings.retention, context.now())
    if not overdue:
        return ok("Nothing is kept longer than the settings allow.")
    listed = ", ".join(f"{count:,} {kind}" for kind, count in overdue.items())
    return warn(f"Kept for too long: {listed}.", f"It goes within a day. {START_THE_DESK}")
