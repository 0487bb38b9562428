"""Comparison with Stripe: what is different there is retrieved, applied and reported.

Lists cost one read for a hundred objects, so the lists are compared and only differences are
retrieved. The Events list brings what never arrived; it is read with a lag, since events appear
some seconds after they were made (readers lag 5 to 60 s on purpose).
"""

from collections.abc import Callable
from datetime import datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import CardpayError
from cardpay.gateway.errors import StripeUnavailable
from cardpay.logs.logger import failure, get_logger
from cardpay.services.desk import Desk
from cardpay.services.history.reconciliation_progress import Compared
from cardpay.services.history.reconciliation_run import ReconciliationRun
from cardpay.storage.database.lease import ExclusiveLost, exclusive

_log = get_logger(__name__)

_NAME = "reconciliation"


class ReconciliationRunning(CardpayError):
    """Another comparison is under way, here or in another process."""

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


class ReconciliationBroken(CardpayError):
    """An error in cardpay that nobody foresaw."""

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
    progress: Callable[[Compared], None] = lambda _: None,
) -> Compared:
    """Compare what was created between two times, and correct what differs here.

    ReconciliationRunning, ReconciliationStopped, ReconciliationTakenOver, ReconciliationBroken,
    ReadBudgetSpent, NotAllowed.
    """
    actor.require(Permission.USE_OPERATIONS)
    with exclusive(desk.store.engine, _NAME, desk.now) as held:
        if held is None:
            raise ReconciliationRunning
        run = ReconciliationRun(desk, actor, held, since, until or desk.now(), progress)
        try:
            return run.carry_out()
        except StripeUnavailable as error:
            stopped = ReconciliationStopped(error.reason)
            run.end(stopped.what)
            raise stopped from error
        except ExclusiveLost as lost:
            taken_over = ReconciliationTakenOver()
            run.end(taken_over.what)
            raise taken_over from lost
        except CardpayError as error:
            run.end(error.what)
            raise
        except Exception as error:
            _log.error("reconciliation failed", **failure(error))
            broken = ReconciliationBroken(error)
            run.end(broken.what)
            raise broken from error
