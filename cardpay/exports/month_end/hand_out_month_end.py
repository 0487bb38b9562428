"""Handing out the month-end file: built, written down in the audit log, and only then given."""

from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.business_days import Days, business_day
from cardpay.domain.errors import InvalidInput
from cardpay.exports.handed_out import HandedOut
from cardpay.exports.month_end.month_end_workbook import WrittenMonth, write_workbook
from cardpay.reporting.balance.balance_of_days import Balance, balance_of_days
from cardpay.reporting.balance.ledger_filter import LedgerFilter
from cardpay.reporting.balance.ledger_rows import ledger_rows
from cardpay.reporting.balance.payout_filter import PayoutDay, PayoutFilter
from cardpay.reporting.balance.payout_list import all_payouts
from cardpay.services.audit.record_act import Value, record
from cardpay.services.desk import Desk
from cardpay.storage.balance.month_ends import digest, keep
from cardpay.storage.schema.tables import MonthEnd

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def hand_out_month_end(
    desk: Desk, actor: Actor, zone: ZoneInfo, days: Days, file: Path
) -> HandedOut:
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
    content = file.open("rb")
    try:
        actor.require(Permission.EXPORT_PAYMENTS)  # building it took a while
        with desk.store.transaction() as session:
            rows = sum(len(ids) for ids in written.ids.values())
            after: dict[str, Value] = {"from": f"{days.first}", "to": f"{days.last}", "rows": rows}
            record(session, actor, "balance.month_end", ("balance", "all"), at=now, after=after)
            if days.month_is_whole and days.last < business_day(now, zone):
                month = days.first.isoformat()
                keep(session, month, [_kept(desk, zone, month, one, written) for one in balances])
    except BaseException:
        content.close()
        raise
    return HandedOut(content, f"balance-{days.first}-{days.last}.xlsx", _XLSX)


def _kept(
    desk: Desk, zone: ZoneInfo, month: str, balance: Balance, written: WrittenMonth
) -> MonthEnd:
    """What the file had of one currency."""
    ids = written.ids.get(balance.currency, ())
    return MonthEnd(
        stripe_account_id=desk.account.stripe_account_id,
        livemode=desk.account.livemode,
        month=month,
        zone=zone.key,
        currency=balance.currency,
        exported_at=desk.now(),
        transactions=len(ids),
        opening_minor=balance.opening.amount_minor,
        net_minor=written.net(balance.currency),
        transaction_digests=b"".join(digest(its_id) for its_id in ids),
    )
