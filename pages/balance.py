"""Balance: opening, transactions and payouts that add up to closing; what is in each payout."""

import streamlit as st

from cardpay.reporting.balance.balance_of_days import balance_of_days, days_of_ledger
from cardpay.reporting.balance.not_paid_out import not_paid_out
from cardpay.reporting.balance.payout_list import payout_named
from components.balance.balance_fields import balance_currency, balance_days
from components.balance.balance_style import balance_style
from components.balance.equation import equation
from components.balance.ledger_card import ledger_card
from components.balance.month_end import changes_since, month_end_button
from components.balance.payout_cards import opened_payout, payout_card, payout_list_card
from components.frame.desk_access import authorise, current_application
from components.frame.page_list import BALANCE
from components.widgets.messages import behind_notice, empty_place

actor = authorise(BALANCE)
application = current_application()
desk = application.desk
# A transaction counts on its business day, so times are shown in the business time zone.
zone = application.settings.business_zone


@st.fragment
def _balance() -> None:
    title, month, first, last, currency, file = st.columns(
        [24, 21, 16, 16, 14, 19], vertical_alignment="bottom"
    )
    title.title("Balance", anchor=False)
    known = days_of_ledger(desk.store, actor, zone, desk.now())
    days = balance_days((month, first, last), known)
    if days is None:
        return
    behind_notice(actor)
    balances = balance_of_days(desk.store, actor, days, zone)
    if not balances:
        empty_place("balance", "Nothing had moved the Stripe balance by the last of these days.")
        return
    balance = balance_currency(currency, balances)
    waiting = not_paid_out(desk.store, actor, balance, days, zone, desk.now())
    with file:
        month_end_button(actor, days)
    equation(balance, days, waiting)
    changes_since(desk, actor, zone, days, balance)
    named = opened_payout()
    payout = payout_named(desk.store, actor, named) if named else None
    if payout is not None:
        payout_card(desk, actor, zone, payout)
    else:
        payout_list_card(desk, actor, zone, days, balance.currency)
        ledger_card(desk, actor, zone, days, balance)


balance_style()
_balance()
