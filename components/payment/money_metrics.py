"""The money of a payment first: paid, less refunds, disputes and fees, is net."""

from collections.abc import Iterable
from html import escape

import streamlit as st

from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.reporting.payment_page.payment_page import PaymentPage
from cardpay.reporting.payments.settlement import BalanceEffect
from components.widgets.amounts import count
from components.widgets.money_markup import amount_markup
from components.widgets.times import in_zone

_OF_FEES = {"charge": "payment", "refund": "refund", "dispute": "dispute", "transfer": "transfer"}
Metric = tuple[str, str, str]  # name, amounts as markup, caption


def money_metrics(page: PaymentPage, zone: str) -> None:
    """Draw the amounts side by side; a payment that took nothing has its total, or its hold."""
    shown = "".join(
        f"<div><dt>{escape(name)}</dt><dd><div class='v'>{amount}</div>"
        f"<div class='d'>{escape(caption)}</div></dd></div>"
        for name, amount, caption in _metrics(page, zone)
    )
    st.html(f"<dl class='kpis'>{shown}</dl>")


def _metrics(page: PaymentPage, zone: str) -> list[Metric]:
    payment = page.details
    if not payment.received.amount_minor:
        held = payment.allowed_actions.held
        if held is None:
            return [("Amount", amount_markup(payment.total), "Nothing taken")]
        until = in_zone(payment.allowed_actions.capture_before_at, zone)
        return [("Held", amount_markup(held), f"Capture by {until}" if until else "")]
    metrics = [("Paid", amount_markup(payment.received), _paid_caption(page, zone))]
    refunds = [one for one in page.refunds if one.status not in {"Failed", "Cancelled"}]
    metrics.append(
        (
            "Refunded",
            amount_markup(payment.refunded, taken_off=True),
            count(len(refunds), "refund") if refunds else "No refunds",
        )
    )
    if payment.disputes:
        metrics.append(("Disputed", *_disputed(page)))
    if page.effects:
        fees = _sums(page.effects, "fee")
        metrics.append(("Fees", _amounts(fees, taken_off=True), _fees_caption(page.effects)))
        if page.is_settling:  # a sum without the refund would be a wrong one
            metrics.append(("Net", "–", "Updating"))
        else:
            metrics.append(("Net", _amounts(_sums(page.effects, "net")), _settled(page.effects)))
    else:
        metrics.append(("Fees", "–", "Not known yet"))
    return metrics


def _paid_caption(page: PaymentPage, zone: str) -> str:
    payment = page.details
    if payment.released.amount_minor:
        released = format_money(payment.released)
        return f"Of {format_money(payment.total)} held, {released} released"
    return in_zone(payment.succeeded_at, zone)


def _disputed(page: PaymentPage) -> tuple[str, str]:
    """What the bank has taken and not given back, as the balance shows it; and how it stands."""
    payment = page.details
    words = payment.disputes[-1].words.capitalize()
    gross = [one.gross for one in page.effects if one.kind == "dispute"]
    if all(amount.amount_minor >= 0 for amount in gross):
        nothing = amount_markup(Money(0, payment.total.currency))
        return nothing, words if gross else f"{words}: no money taken"
    if {amount.currency for amount in gross} == {payment.total.currency}:
        return _amounts(gross), words
    # In another currency than the payment's: the disputes themselves are in the payment's.
    contested = sum(one.amount.amount_minor for one in payment.disputes)
    taken = Money(contested, payment.total.currency)
    return amount_markup(taken, taken_off=True), words


def _sums(effects: Iterable[BalanceEffect], name: str) -> list[Money]:
    """One sum for each currency of the balance: currencies are never added."""
    by_currency: dict[str, int] = {}
    for effect in effects:
        money: Money = getattr(effect, name)
        by_currency[money.currency] = by_currency.get(money.currency, 0) + money.amount_minor
    return [Money(amount, currency) for currency, amount in by_currency.items()]


def _amounts(amounts: Iterable[Money], *, taken_off: bool = False) -> str:
    return "<br>".join(amount_markup(amount, taken_off=taken_off) for amount in amounts)


def _fees_caption(effects: Iterable[BalanceEffect]) -> str:
    parts = [
        f"{format_money(effect.fee)} {_OF_FEES[effect.kind]}"
        for effect in effects
        if effect.fee.amount_minor > 0
    ]
    return ", ".join(parts) if len(parts) > 1 else ""


def _settled(effects: tuple[BalanceEffect, ...]) -> str:
    currencies = ", ".join(dict.fromkeys(effect.net.currency.upper() for effect in effects))
    rates = [rate for one in effects if one.kind == "charge" for rate in one.exchange_rates]
    return f"Settled in {currencies}" + (f" at {', '.join(rates)}" if rates else "")
