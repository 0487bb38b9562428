"""Small pieces of sentences."""

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money


def count(number: int, noun: str) -> str:
    """ "1 object", "12,000 objects"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def taken(received: Money, total: Money) -> str:
    """ "£100.00 taken"; of a hold that was captured in part, "£60.00 taken (of £100.00 held)"."""
    of = f" (of {format_money(total)} held)" if received != total else ""
    return f"{format_money(received)} taken{of}"


def held(received: Money, total: Money) -> str:
    """The hold that was captured in part, and what went back; empty where all or none was."""
    if received.amount_minor in {0, total.amount_minor}:
        return ""
    rest = Money(total.amount_minor - received.amount_minor, total.currency)
    released = f", of which {format_money(rest)} was released" if rest.amount_minor > 0 else ""
    return f"{format_money(total)}{released}"
