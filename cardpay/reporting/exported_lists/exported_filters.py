"""Filters of the lists: made of days and statuses, and put into words that name nobody."""

from collections.abc import Collection
from dataclasses import fields
from datetime import date
from enum import StrEnum
from typing import Any, Final

from cardpay.domain.business_days import Days
from cardpay.domain.card_number_guard import refuse_card_data_as_id
from cardpay.domain.errors import InvalidInput
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.payout import PayoutStatus
from cardpay.domain.payment.refund import RefundStatus
from cardpay.domain.personal_data.search_keys import check_search
from cardpay.reporting.attempts.attempt_filter import AttemptFilter
from cardpay.reporting.balance.ledger_filter import LedgerFilter
from cardpay.reporting.balance.payout_filter import PayoutFilter
from cardpay.reporting.customers.customers_list import CustomerFilter
from cardpay.reporting.disputes.dispute_filter import DisputeFilter
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.refunds.refund_filter import RefundFilter

_STATUSES: Final[dict[ExportKind, type[StrEnum]]] = {
    ExportKind.PAYMENTS: DisplayStatus,
    ExportKind.ATTEMPTS: AttemptOutcome,
    ExportKind.REFUNDS: RefundStatus,
    ExportKind.DISPUTES: DisputeStatus,
    ExportKind.PAYOUTS: PayoutStatus,
}
_FILTERS: Final[dict[ExportKind, Any]] = {
    ExportKind.PAYMENTS: PaymentFilter,
    ExportKind.ATTEMPTS: AttemptFilter,
    ExportKind.REFUNDS: RefundFilter,
    ExportKind.DISPUTES: DisputeFilter,
    ExportKind.PAYOUTS: PayoutFilter,
}
# Whose name it would be, and what somebody searched for, stays with them.
_UNSAID: Final = {
    "search": "a search",
    "taken_by": "one colleague",
    "tried_by": "one colleague",
    "asked_by": "one colleague",
}


def filter_of(kind: ExportKind, days: Days, statuses: Collection[str]) -> Any:
    """The filter of a list by days and statuses; of the balance, by categories.

    A status may be written in any case, with spaces or underscores. Raises InvalidInput,
    CardDataRefused.
    """
    for one in statuses:
        refuse_card_data_as_id("Status", one)
    wanted = {_key(one) for one in statuses}
    if kind is ExportKind.CUSTOMERS:
        if wanted:
            raise InvalidInput("Status", "Customers have no status")
        return CustomerFilter(days=days)
    if kind is ExportKind.BALANCE:
        return LedgerFilter(days=days, categories=frozenset(wanted))
    known = {_key(one): one for one in _STATUSES[kind]}
    if strange := sorted(wanted - known.keys()):
        raise InvalidInput(
            "Status", f"There is no status {strange[0]}. There are: {', '.join(sorted(known))}"
        )
    return _FILTERS[kind](days=days, statuses=frozenset(known[one] for one in wanted))


def refuse_card_data(chosen: Any) -> None:
    """Refuse a filter with a card number in any of its texts, or a search that none can mean.

    Raises CardDataRefused, InvalidInput.
    """
    check_search(getattr(chosen, "search", ""))
    for one in fields(chosen):
        value = getattr(chosen, one.name)
        for text in value if isinstance(value, frozenset) else (value,):
            if isinstance(text, str):
                label = one.name.replace("_", " ").capitalize()
                refuse_card_data_as_id(label, text.strip())


def filter_words(chosen: Any) -> str:
    """What a filter lets through: "1 Nov 2026 to 30 Nov 2026 · statuses Declined"; empty for all.

    Nothing in it is personal: it is kept, and stands in the audit log.
    """
    said = []
    for one in fields(chosen):
        value = getattr(chosen, one.name)
        if value == one.default or value is None or value == "":
            continue
        if isinstance(value, Days):
            said.append(_days(value))
        elif one.name in _UNSAID:
            said.append(_UNSAID[one.name])
        elif isinstance(value, frozenset):
            said.append(f"{one.name.replace('_', ' ')} {', '.join(sorted(value))}")
        else:
            said.append(f"{one.name.replace('_', ' ')} {value}")
    return " · ".join(said)


def _key(status: str) -> str:
    return "_".join(status.lower().split())


def _days(days: Days) -> str:
    if days.first == days.last and days.first:
        return _day(days.first)
    begins = f"from {_day(days.first)}" if days.first else ""
    ends = f"to {_day(days.last)}" if days.last else ""
    return " ".join(part for part in (begins, ends) if part)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
