"""Reconciliation with Stripe: what differs here is retrieved, applied and reported.

A list costs one read for a hundred objects, so lists are compared and only differences are
retrieved. The Events list brings events that never arrived; it is read with a lag, since events
are listed some seconds after they were made.
"""

from collections.abc import Callable
from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError
from cardpay.gateway.errors import StripeUnavailable
from cardpay.services.desk import Desk
from cardpay.services.history.note_end import noted_end
from cardpay.services.history.run_reconciliation import ReconciliationProgress, ReconciliationRun
from cardpay.storage.database.lease import acquire_lease

_NAME = "reconciliation"


class ReconciliationRunning(CardpayError):
    """Another reconciliation is under way, here or in another process."""

    def __init__(self) -> None:
        super().__init__(
            "Reconciliation is already running.",
            "Wait until it ends. If it was interrupted, start it again in 2 minutes.",
        )


class ReconciliationStopped(CardpayError):
    """Stripe does not answer any more."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Reconciliation stopped because Stripe isn't responding ({reason}).",
            "Start it again. It continues where it stopped.",
        )


class ReconciliationTakenOver(CardpayError):
    """This process stood still for too long, or lost its connection to the database."""

    def __init__(self) -> None:
        super().__init__(
            "Reconciliation stopped because another process may have started one.",
            "Wait until that one ends, or start it again in 2 minutes.",
        )


class ReconciliationFailed(CardpayError):
    """An unexpected error in cardpay."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"Reconciliation stopped because of an error in cardpay ({type(error).__name__}).",
            "Start it again. If this happens again, tell your administrator.",
        )


def reconcile(
    desk: Desk,
    actor: Actor,
    *,
    since: datetime,
    until: datetime | None = None,
    progress: Callable[[ReconciliationProgress], None] = lambda _: None,
) -> ReconciliationProgress:
    """Compare what was created between two times, and correct what differs here.

    `progress` is called after each page. Raises ReconciliationRunning, ReconciliationStopped,
    ReconciliationTakenOver, ReconciliationFailed, ReadBudgetSpent, NotAllowed, AskedTooOften.
    """
    actor.require(Permission.USE_OPERATIONS)
    desk.asks.count(actor, desk.now())
    with acquire_lease(desk.store.engine, _NAME, desk.now) as lease:
        if lease is None:
            raise ReconciliationRunning
        run = ReconciliationRun(desk, actor, lease, since, until or desk.now(), progress)
        with noted_end(run.end, "reconciliation", ReconciliationTakenOver, ReconciliationFailed):
            try:
                return run.run()
            except StripeUnavailable as error:
                raise ReconciliationStopped(error.reason) from error
