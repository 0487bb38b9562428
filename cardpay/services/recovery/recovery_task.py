"""The periodic task that recovers open operations and expires unpaid payments.

It ends every open operation by `recovery`, which never charges, captures or refunds unattended.
A lease lets one process do it at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from cardpay.domain.payment.operation import SENT_BY_PEOPLE
from cardpay.logs.logger import bound, failure, get_logger
from cardpay.services.after_payment.receipt_emails import abandon_left_receipts
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import PeriodicTask, ShouldContinue
from cardpay.services.recovery.expire_payment import expire_payment
from cardpay.services.recovery.recover_links import recover_link
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.taking.payment_view import view
from cardpay.storage.database.lease import HeldLease, LeaseLost, acquire_lease
from cardpay.storage.payments import checkout_links, payment_operations, unpaid_payments

EVERY: Final = timedelta(minutes=1)
_NEVER = datetime.min.replace(tzinfo=UTC)  # no payment was created before

_log = get_logger(__name__)


def recovery_task(desk: Desk, unpaid_for: timedelta | None) -> PeriodicTask:
    """The task: `recover_all` when the process starts, and then every minute."""
    return PeriodicTask(
        "recovery",
        EVERY,
        lambda should_continue: recover_all(desk, unpaid_for, should_continue),
    )


def recover_all(
    desk: Desk, unpaid_for: timedelta | None, should_continue: ShouldContinue = lambda: True
) -> None:
    """Recover all open operations and links once, then expire what is unpaid for `unpaid_for`.

    With None only those payments expire that can no longer be paid. Does nothing while another
    process holds the lease.
    """
    try:
        with acquire_lease(desk.store.engine, "recovery", desk.now) as lease:
            if lease is None:
                return
            _recover_operations(desk, lease, should_continue)
            _recover_links(desk, lease, should_continue)
            abandon_left_receipts(desk)
            created_before = desk.now() - unpaid_for if unpaid_for else _NEVER
            _expire_payments(desk, lease, should_continue, created_before)
    except LeaseLost:
        _log.warning("recovery stopped: another process has taken it over")


def _recover_operations(desk: Desk, lease: HeldLease, should_continue: ShouldContinue) -> None:
    for payment_id in payment_operations.with_open_operation(desk.store, SENT_BY_PEOPLE):
        if not should_continue():
            return
        lease.renew()
        with _failure_logged(payment_id):
            recover_payment(desk, payment_id, page_is_watched=False)


def _recover_links(desk: Desk, lease: HeldLease, should_continue: ShouldContinue) -> None:
    for payment_id in checkout_links.unended(desk.store):
        if not should_continue():
            return
        lease.renew()
        with _failure_logged(payment_id):
            recover_link(desk, payment_id)


def _expire_payments(
    desk: Desk, lease: HeldLease, should_continue: ShouldContinue, created_before: datetime
) -> None:
    for payment_id in unpaid_payments.unpaid(desk.store, created_before):
        if not should_continue():
            return
        lease.renew()
        with _failure_logged(payment_id):
            expire_payment(desk, payment_id, created_before)
        if view(desk, payment_id).open_operation is not None:
            return  # Stripe does not answer now: the others would only wait as well


@contextmanager
def _failure_logged(payment_id: str) -> Iterator[None]:
    """Log a failure, so that it does not keep the other payments from being recovered."""
    with bound(payment_id=payment_id):
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            _log.warning("recovery failed", **failure(error))
