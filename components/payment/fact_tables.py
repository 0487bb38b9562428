"""What was sold, the refunds and the customer's other payments, as small tables of HTML."""

from html import escape

import streamlit as st

from cardpay.reporting.payment_page.other_payments import OtherPayments
from cardpay.reporting.payment_page.payment_page import PaymentPage
from cardpay.reporting.payment_page.refunds_and_disputes import OUTSIDE
from components.widgets.money_markup import amount_markup, chip_markup, tone_chip
from components.widgets.payment_links import payment_link
from components.widgets.status_chips import status_chip
from components.widgets.times import in_zone


def items_table(page: PaymentPage) -> None:
    """Draw what was sold, with its total."""
    payment = page.details
    total = amount_markup(payment.total)
    st.html(
        "<table class='rows'><thead><tr><th>Product</th><th class='r'>Quantity</th>"
        "<th class='r'>Amount</th></tr></thead>"
        f"<tbody><tr><td>{escape(payment.product_name)}</td>"
        f"<td class='r'>{payment.quantity}</td><td class='r'>{total}</td></tr></tbody>"
        f"<tfoot><tr><td colspan='2'>Total</td><td class='r'>{total}</td></tr></tfoot></table>"
    )


def refunds_table(page: PaymentPage, zone: str) -> None:
    """Draw the refunds, newest first."""
    rows = "".join(
        f"<tr><td>{escape(in_zone(one.at, zone))}</td>"
        f"<td>{chip_markup(tone_chip(one.status, one.tone))}{_small(one.problem)}</td>"
        f"<td class='r'>{amount_markup(one.amount)}</td>"
        f"<td class='wide'>{escape(one.reason)}</td>"
        f"<td class='wide'>{escape(one.requested_by or OUTSIDE)}</td>"
        "<td class='wide'>Not needed</td></tr>"
        for one in page.refunds
    )
    st.html(
        "<table class='rows'><thead><tr><th>Time</th><th>Status</th><th class='r'>Amount</th>"
        "<th class='wide'>Reason</th><th class='wide'>Requested by</th>"
        f"<th class='wide'>Approved by</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def other_payments_table(others: OtherPayments, zone: str) -> None:
    """Draw the customer's other payments, each a link."""
    rows = "".join(
        f"<tr><td><a href='{payment_link(one.payment_id)}' target='_self'>"
        f"{escape(in_zone(one.at, zone).partition(',')[0])}</a></td>"
        f"<td>{chip_markup(status_chip(one.status, None, zone))}</td>"
        f"<td class='r'>{amount_markup(one.amount)}</td></tr>"
        for one in others.shown
    )
    st.html(
        "<table class='rows'><thead><tr><th>Date</th><th>Status</th><th class='r'>Amount</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
    )


def _small(text: str) -> str:
    return f"<small>{escape(text)}</small>" if text else ""
