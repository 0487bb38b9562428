"""The receipt of a paid payment, on screen and on paper."""

from typing import Final

import streamlit as st

from cardpay.domain.money_format import format_money
from cardpay.reporting.payments.method_words import method_words
from cardpay.services.taking.payment_view import PaymentView
from components.frame.desk_access import viewer_time_zone
from components.widgets.amounts import amount_held
from components.widgets.description_list import description_list
from components.widgets.times import in_zone

# On paper there is the receipt and nothing else: what neither holds it nor is in it is hidden.
_PRINT_STYLE: Final = """<style>
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"],
  [data-testid="stVerticalBlock"] >
    :not(:has(.st-key-receipt), .st-key-receipt, .st-key-receipt *),
  [data-testid="stColumn"]:not(:has(.st-key-receipt)) { display: none !important; }
  .st-key-receipt { border: none !important; padding: 0 !important; }
}
</style>"""


def receipt(payment: PaymentView) -> None:
    """Draw the receipt of a succeeded payment."""
    st.html(_PRINT_STYLE)
    with st.container(border=True, key="receipt"):
        st.subheader("Receipt", anchor=False)
        description_list(
            {
                "Amount": format_money(payment.received),
                "Held": amount_held(payment.received, payment.total),
                "Product": f"{payment.product_name} × {payment.quantity}",
                "Order reference": payment.order_reference,
                "Customer": payment.customer_name,
                "Payment method": method_words(
                    payment.method_type, payment.card_brand, payment.card_last4
                ),
                "Paid": in_zone(payment.succeeded_at, viewer_time_zone()),
                "PaymentIntent": payment.payment_intent_id or "",
            }
        )
