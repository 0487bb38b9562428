"""Balance transactions as a table, with their sum and a payout's remainder as its last rows."""

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from cardpay.domain.money import Money
from cardpay.reporting.balance.ledger_list import LedgerSum
from cardpay.reporting.operations.payout_reports import PayoutReport
from components.balance.balance_links import payout_link
from components.widgets.amounts import count
from components.widgets.money_markup import MINUS, amount_markup, signed_text, symbol_markup
from components.widgets.payment_links import payment_link
from components.widgets.times import day, short_time


def ledger_table(
    frame: pd.DataFrame,
    zone: str,
    total: LedgerSum,
    label: str,
    payout: PayoutReport | None = None,
) -> None:
    """Draw a page of transactions, as `ledger_page` returns them.

    `total` is of all of them, of other pages too. Of a `payout` the remainder is shown, and no
    column for the payout.
    """
    heads = "".join(
        f"<th scope='col' class='{kind}'>{head}</th>"
        for head, kind in (
            ("Date", ""),
            ("Category", ""),
            ("Order", "middle"),
            ("Rate", "wide"),
            ("Gross", "r middle"),
            ("Fee", "r middle"),
            ("Net", "r"),
            ("Available on", "wide"),
            *(() if payout else (("Payout", "wide"),)),
        )
    )
    rows = "".join(_row(row, zone, shows_payout=payout is None) for _, row in frame.iterrows())
    st.html(
        f"<table class='ledger' aria-label='{escape(label)}'><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody><tfoot>{_total(total, payout)}</tfoot></table>"
    )


def _row(row: "pd.Series[Any]", zone: str, *, shows_payout: bool) -> str:
    order = escape(row["Order"])
    if row["Payment"]:
        order = f"<a href='{payment_link(row['Payment'])}' target='_self'>{order}</a>"
    code = row["Currency"]
    net = f"<span class='amt'>{_number(row['Net'], code)}<i>{escape(code)}</i></span>"
    available = row["Available on"]
    payout = ""
    if shows_payout:
        its_id = row["Payout"]
        # One that is not itemised yet has no transactions to show.
        link = f"<a href='{payout_link(its_id)}' target='_self'>{escape(its_id)}</a>"
        payout = f"<td class='wide clip'>{link if its_id else ''}</td>"
    fee = _number(row["Fee"], code)
    return (
        f"<tr><td>{escape(short_time(row['Time'].to_pydatetime(), zone))}</td>"
        f"<td>{escape(row['Category'])}</td><td class='middle'>{order}</td>"
        f"<td class='wide'>{escape(row['Rate'])}</td>"
        f"<td class='r middle'>{_number(row['Gross'], code)}</td>"
        f"<td class='r middle fee'>{_taken_off(fee)}</td><td class='r'>{net}</td>"
        f"<td class='wide'>"
        f"{'' if pd.isna(available) else escape(day(available.to_pydatetime(), zone))}</td>"
        f"{payout}</tr>"
    )


def _number(amount: str, code: str) -> str:
    """An amount in words with a minus that is one, without the code that stands beside it."""
    sign, words = (MINUS, amount[1:]) if amount.startswith("-") else ("", amount)
    return escape(sign + words.removeprefix(code).lstrip("\N{NO-BREAK SPACE}"))


def _taken_off(fee: str) -> str:
    """A fee as what it does: it is taken off, or given back with a minus of its own."""
    if fee.startswith(MINUS):
        return f"+{fee[1:]}"
    return f"{MINUS}{fee}" if any(one in "123456789" for one in fee) else fee


def _total(total: LedgerSum, payout: PayoutReport | None) -> str:
    code = total.net.currency.upper()
    rest = "<td class='wide'></td>" * (1 if payout else 2)
    sums = (
        f"<tr><td colspan='2'>{count(total.transactions, 'transaction')}</td>"
        "<td class='middle'></td><td class='wide'></td>"
        f"<td class='r middle'>{escape(_number(signed_text(total.gross), code))}</td>"
        f"<td class='r middle'>{_taken_off(_number(signed_text(total.fee), code))}</td>"
        f"<td class='r'>{amount_markup(total.net)}</td>{rest}</tr>"
    )
    if payout is None or payout.remainder is None:
        return sums
    return sums + _remainder(payout, payout.remainder)


def _remainder(payout: PayoutReport, remainder: Money) -> str:
    words = f"payout {signed_text(payout.amount)} − transactions {signed_text(payout.listed)}"
    kind, icon = ("differs", "cancel") if remainder.amount_minor else ("adds-up", "check")
    return (
        f"<tr class='last'><td colspan='2'><b>Remainder</b>, {escape(words)}</td>"
        "<td class='middle'></td><td class='wide'></td><td class='middle'></td>"
        f"<td class='middle'></td><td class='r'><span class='{kind}'>{symbol_markup(icon)}"
        f"<b>{amount_markup(remainder)}</b></span></td><td class='wide'></td></tr>"
    )
