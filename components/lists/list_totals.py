"""How many rows a list has, and what they come to in each currency, above its table."""

from collections.abc import Sequence
from html import escape
from typing import Final

import streamlit as st

from cardpay.reporting.list_rows import CurrencySum
from components.widgets.amounts import count
from components.widgets.money_markup import amount_markup

_STYLE: Final = """<style>
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


def totals_line(noun: str, sums: Sequence[CurrencySum]) -> None:
    """Draw the totals of what a list's filter finds; screen readers are told when they change."""
    number, nouns = count(sum(one.rows for one in sums), noun).split(" ")
    parts = [f"<p><b>{number}</b>{escape(nouns)} found</p>"]
    parts += [f"<p>{amount_markup(one.amount)}{escape(count(one.rows, noun))}</p>" for one in sums]
    st.html(f"{_STYLE}<div class='totals' role='status'>{''.join(parts)}</div>")
