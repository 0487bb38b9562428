"""The six numbers of Insights, each beside the one before: arrow, change, and what it was."""

from collections.abc import Callable
from html import escape
from typing import Final

import streamlit as st

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.reporting.insights.chart_data import percent, relative
from cardpay.reporting.insights.insights import Insights, Side
from components.widgets.money_markup import amount_markup

_UP: Final = ("up", "arrow_upward", "green")
_DOWN: Final = ("down", "arrow_downward", "red")
_LEVEL: Final = ("no change", "arrow_forward", "muted")


def metric_strip(found: Insights) -> None:
    """Draw them side by side."""
    drawn = "".join(
        f"<div><dt>{escape(name)}</dt><dd><div class='v'>{value}</div>"
        f"<div class='d'>{change}</div></dd></div>"
        for name, value, change in _metrics(found)
    )
    st.html(f"<dl class='kpis insights'>{drawn}</dl>")


def _metrics(found: Insights) -> list[tuple[str, str, str]]:
    """Name, value and change, as markup."""
    currency = found.currency
    return [
        _amount("Volume", found, lambda side: Money(side.totals.volume_minor, currency)),
        _number("Payments", found, lambda side: side.totals.payments),
        _amount("Average", found, lambda side: _average(side, currency)),
        _net(found),
        _rate("Payments succeeded", found, lambda side: side.totals.payment_success),
        _rate("Attempts succeeded", found, lambda side: side.totals.attempt_success),
    ]


def _average(side: Side, currency: str) -> Money | None:
    average = side.totals.average_minor
    return None if average is None else Money(average, currency)


def _amount(
    name: str, found: Insights, of: Callable[[Side], Money | None]
) -> tuple[str, str, str]:
    now = of(found.now)
    before = of(found.before) if found.before else None
    if now is None:
        return name, "–", ""
    if before is None or before.currency != now.currency:
        return name, amount_markup(now), ""
    change = relative(now.amount_minor, before.amount_minor)
    return name, amount_markup(now), _changed(change, format_money(before))


def _number(name: str, found: Insights, of: Callable[[Side], int]) -> tuple[str, str, str]:
    now = of(found.now)
    if not found.before:
        return name, f"{now:,}", ""
    before = of(found.before)
    return name, f"{now:,}", _changed(relative(now, before), f"{before:,}")


def _net(found: Insights) -> tuple[str, str, str]:
    """By the balance, in its own currencies; refunds and disputes of the payments are off it."""
    name = "Net after fees, refunds and disputes"
    if len(found.now.net) == 1:
        return _amount(name, found, lambda side: side.net[0] if len(side.net) == 1 else None)
    if not found.now.net:
        return name, "–", "Not known yet"
    return name, " ".join(amount_markup(one) for one in found.now.net), ""


def _rate(name: str, found: Insights, of: Callable[[Side], float | None]) -> tuple[str, str, str]:
    now = of(found.now)
    before = of(found.before) if found.before else None
    if now is None:
        return name, "–", ""
    if before is None:
        return name, percent(now), ""
    points = round(100 * (now - before), 1)
    return name, percent(now), _told(points, f"{abs(points):.1f} points", percent(before))


def _changed(change: float | None, was: str) -> str:
    if change is None:
        return f"was {escape(was)}"
    points = round(100 * change, 1)
    return _told(points, f"{abs(points):.1f}%", was)


def _told(change: float, size: str, was: str) -> str:
    word, icon, colour = _UP if change > 0 else _DOWN if change < 0 else _LEVEL
    arrow = f"<span class='symbol' aria-hidden='true' translate='no'>{icon}</span>"
    return (
        f"<span class='change {colour}'>{arrow}<span class='unseen'>{word} </span>"
        f"{escape(size)}</span> was {escape(was)}"
    )
