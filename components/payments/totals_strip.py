"""How many payments a filter finds, and what came in, above the list."""

from html import escape

import streamlit as st

from cardpay.reporting.payments.payment_totals import CurrencyTotal, PaymentTotals
from components.widgets.amounts import count
from components.widgets.money_markup import amount_markup

_STYLE = """<style>
.totals {
  display: flex; flex-wrap: wrap; background: var(--desk-surface); font-size: 14px;
  border: 1px solid var(--desk-line); border-radius: 8px; overflow: hidden;
}
.totals p {
  margin: 0; padding: 10px 24px; color: var(--desk-muted); white-space: nowrap;
  border-right: 1px solid var(--desk-line); margin-right: -1px;
}
.totals b, .totals .amt {
  font-size: 17px; font-weight: 600; color: var(--desk-text); margin-right: 8px;
}
.totals .amt i { font-style: normal; font-weight: 400; font-size: 12px; margin-left: 4px }
@media (max-width: 640px) { .totals p { padding: 8px 16px; border: 0 } }
</style>"""


def totals_strip(totals: PaymentTotals) -> None:
    """Draw the totals; a currency in which nothing was paid has no sum.

    Said when they change, but no message, which would take the focus of the row one comes from.
    """
    number, noun = count(totals.payments, "payment").split(" ")
    paid = [one for one in totals.by_currency if one.paid]
    parts = [f"<p><b>{number}</b>{noun} found{'' if paid else ', none paid'}</p>"]
    parts += [_sum(one) for one in paid]
    st.html(f"{_STYLE}<div class='totals' aria-live='polite'>{''.join(parts)}</div>")


def _sum(total: CurrencyTotal) -> str:
    return f"<p>{amount_markup(total.received)}{escape(f'{total.paid:,} paid')}</p>"
