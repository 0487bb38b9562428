"""Amounts and chips as HTML that never cuts an amount."""

from html import escape

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from components.widgets.status_chips import TONE_COLOURS, TONE_SYMBOLS, Chip

MINUS = "\N{MINUS SIGN}"


def amount_markup(money: Money, *, taken_off: bool = False) -> str:
    """The amount with its currency's code; with `taken_off` and more than nothing, a minus."""
    sign = MINUS if taken_off and money.amount_minor > 0 else ""
    shown = money
    if money.amount_minor < 0:
        sign, shown = MINUS, Money(-money.amount_minor, money.currency)
    text = escape(sign + format_money(shown))
    return f"<span class='amt'>{text}<i>{escape(money.currency.upper())}</i></span>"


def chip_markup(chip: Chip) -> str:
    """A chip: its tint, its icon and its words, since colour alone tells nothing to some."""
    icon = symbol_markup(chip.icon)
    return f"<span class='chip {escape(chip.colour)}'>{icon}{escape(chip.words)}</span>"


def tone_chip(words: str, tone: str) -> Chip:
    """The chip of what has no icon of its own: success, error, warning, info or neutral."""
    return Chip(words, TONE_COLOURS[tone], TONE_SYMBOLS[tone])


def symbol_markup(name: str) -> str:
    """An icon by its name in Material Symbols; what it says stands beside it in words."""
    return f"<span class='symbol' aria-hidden='true' translate='no'>{escape(name)}</span>"


def signed_text(money: Money) -> str:
    """The amount as plain text, with a minus that is one."""
    if money.amount_minor < 0:
        return MINUS + format_money(Money(-money.amount_minor, money.currency))
    return format_money(money)


def number_text(money: Money) -> str:
    """The same without a code before it, to stand beside its currency's code."""
    sign = MINUS if money.amount_minor < 0 else ""
    words = format_money(Money(abs(money.amount_minor), money.currency))
    return sign + words.removeprefix(money.currency.upper()).lstrip("\N{NO-BREAK SPACE}")
