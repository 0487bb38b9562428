"""Amounts and counts in words."""

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 object", "12,000 objects"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def amount_taken(received: Money, total: Money) -> str:
    """The amount taken: "£100.00 taken", or of a hold "£60.00 taken (of £100.00 held)"."""
    of = f" (of {format_money(total)} held)" if received != total else ""
    return f"{format_money(received)} taken{of}"


def amount_held(received: Money, total: Money) -> str:
    """A hold that was captured in part, and what was released; empty if all or none was taken."""
    if received.amount_minor in {0, total.amount_minor}:
        return ""
    rest = Money(total.amount_minor - received.amount_minor, total.currency)
    released = f" ({format_money(rest)} released)" if rest.amount_minor > 0 else ""
    return f"{format_money(total)}{released}"
