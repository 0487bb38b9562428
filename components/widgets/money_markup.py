"""Amounts and chips as HTML that never cuts an amount."""

from html import escape

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from components.widgets.status_chips import TONE_SIGNS

MINUS = "\N{MINUS SIGN}"


def amount_markup(money: Money, *, taken_off: bool = False) -> str:
    """The amount with its currency's code; with `taken_off` and more than nothing, a minus."""
    sign = MINUS if taken_off and money.amount_minor > 0 else ""
    shown = money
    if money.amount_minor < 0:
        sign, shown = MINUS, Money(-money.amount_minor, money.currency)
    text = escape(sign + format_money(shown))
    return f"<span class='amt'>{text}<i>{escape(money.currency.upper())}</i></span>"


def chip_markup(words: str, tone: str) -> str:
    """A chip: its tint, its sign and its words, since colour alone tells nothing to some."""
    sign = f"<span aria-hidden='true'>{TONE_SIGNS[tone]}</span>"
    return f"<span class='chip {escape(tone)}'>{sign}{escape(words)}</span>"
