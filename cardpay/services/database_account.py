"""Which Stripe account a database belongs to: recorded at first use, and never changed."""

from contextlib import suppress
from datetime import UTC, datetime

from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.services import catalogue
from cardpay.storage.catalogue import products
from cardpay.storage.database.engine import Duplicate, Store
from cardpay.storage.schema.tables import Desk as DeskRow


def recorded(store: Store) -> StripeAccount | None:
    """What the database says; None for a new one."""
    with store.reading() as session:
        row = session.get(DeskRow, 1)
        return StripeAccount(Mode(row.mode), row.stripe_account_id, row.livemode) if row else None


def claim(store: Store, account: StripeAccount) -> None:
    """Record them at first use; StartRefused if the database holds another's.

    A desk without real money begins with the example products, so that it can be tried.
    """
    held = recorded(store)
    if held is None:
        with suppress(Duplicate):  # another process started at the same moment
            _record(store, account)
        held = recorded(store)
        assert held is not None
    _refuse_others(held, account)


def _record(store: Store, account: StripeAccount) -> None:
    with store.transaction() as session:
        session.add(
            DeskRow(
                mode=account.mode,
                stripe_account_id=account.stripe_account_id,
                livemode=account.livemode,
                created_at=datetime.now(UTC),
            )
        )
        session.flush()  # whoever is second is told so here
        if account.mode is not Mode.LIVE and not products.active(session):
            catalogue.add_examples(session, datetime.now(UTC))


def _refuse_others(held: StripeAccount, account: StripeAccount) -> None:
    if held.mode is not account.mode:
        raise StartRefused(
            "CARDPAY_DATABASE_URL",
            f"names a database with {held.mode} payments, but the desk is in "
            f"{account.mode} mode: use another database.",
        )
    if held.stripe_account_id != account.stripe_account_id:
        raise StartRefused(
            "CARDPAY_DATABASE_URL",
            f"names a database of the Stripe account {held.stripe_account_id}, but the key "
            f"belongs to {account.stripe_account_id}: use another database.",
        )
