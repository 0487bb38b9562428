"""Handing out the month-end file: built, written down in the audit log, and only then given."""

from pathlib import Path
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days, business_day
from cardpay.domain.errors import InvalidInput
from cardpay.exports.month_end.month_end_workbook import write_workbook
from cardpay.reporting.balance.balance_of_days import Balance, balance_of_days
from cardpay.reporting.balance.ledger_filter import LedgerFilter
from cardpay.reporting.balance.ledger_rows import ledger_rows
from cardpay.reporting.balance.payout_filter import PayoutDay, PayoutFilter
from cardpay.reporting.balance.payout_list import all_payouts
from cardpay.services.audit.record_reading import note_month_end
from cardpay.services.desk import Desk
from cardpay.storage.balance.month_ends import digest, keep
from cardpay.storage.schema.tables import MonthEnd


def hand_out_month_end(desk: Desk, actor: Actor, zone: ZoneInfo, days: Days, file: Path) -> None:
    """Write the workbook of these days into `file`, which is private to this call.

    What it had is kept if the days are a month that is over. Raises NotAllowed, SignedOut,
    InvalidInput for a range with an open end.
    """
    actor.require(Permission.EXPORT_PAYMENTS)
    if days.first is None or days.last is None:
        raise InvalidInput("To", "Choose the first and the last day of the file")
    now = desk.now()
    balances: list[Balance] = []

    def read_last() -> list[Balance]:
        balances.extend(balance_of_days(desk.store, actor, days, zone))
        return balances

    written = write_workbook(
        file,
        days,
        zone,
        ledger_rows(desk.store, actor, zone, LedgerFilter(days)),
        all_payouts(desk.store, actor, zone, PayoutFilter(days, by=PayoutDay.LEAVES)),
        read_last,
    )
    rows = sum(len(ids) for ids in written.ids.values())
    note_month_end(desk, actor, {"from": f"{days.first}", "to": f"{days.last}"}, rows)
    is_over = days.last < business_day(now, zone)
    if days.month_is_whole and is_over:
        with desk.store.transaction() as session:
            month = days.first.isoformat()
            kept = [
                MonthEnd(
                    stripe_account_id=desk.account.stripe_account_id,
                    livemode=desk.account.livemode,
                    month=month,
                    zone=zone.key,
                    currency=balance.currency,
                    exported_at=now,
                    transactions=len(written.ids.get(balance.currency, ())),
                    opening_minor=balance.opening.amount_minor,
                    net_minor=written.net(balance.currency),
                    transaction_digests=b"".join(
                        digest(its_id) for its_id in written.ids.get(balance.currency, ())
                    ),
                )
                for balance in balances
            ]
            keep(session, month, kept)
