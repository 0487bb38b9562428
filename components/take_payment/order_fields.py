"""The order's fields: what a caller buys and who pays, before it becomes a payment and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import streamlit as st

from cardpay.domain.card_number_guard import mask_card_numbers
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.order import (
    ERASED,
    SECOND_PAYMENT_REASON,
    Draft,
    SecondPayment,
    order_claim,
)
from cardpay.domain.product_rules import MAX_QUANTITY, Product
from cardpay.reporting.payments.possible_duplicates import EarlierPayment
from cardpay.services.taking.payment_view import PaymentView
from components.frame import session_state
from components.frame.focus import focus_place
from components.frame.session_state import uninterrupted
from components.widgets.text_fields import text_field, text_lines

# Every field of the form with its first value. `numbered` is the order reference that the desk
# filled in; `second`, the number of the order's payment after which charging again was chosen.
FIELDS: Final[dict[str, Any]] = {
    "product_id": None,
    "quantity": 1,
    "customer_name": "",
    "order_reference": "",
    "second": None,
    "second_reason": "",
    "customer_email": "",
    "customer_phone": "",
    "note": "",
    "hold": False,
    "numbered": "",
}
HOLD: Final = "Hold"
LABELS: Final = {
    "product_id": "Product",
    "quantity": "Quantity",
    "customer_name": "Customer name",
    "order_reference": "Order reference",
    "second_reason": SECOND_PAYMENT_REASON,
    "customer_email": "Customer email",
    "customer_phone": "Customer phone",
    "note": "Note",
}
"""The labels, in the order in which the eye meets the fields."""
TEXTS: Final = tuple(name for name in LABELS if name not in {"product_id", "quantity"})


@dataclass(frozen=True)
class OrderOnScreen:
    """The order as the fields show it. `total` is None until a product is chosen."""

    product_name: str
    quantity: int
    total: Money | None
    prices: Mapping[str, Money]


class OrderFields:
    """Draws the fields of one draft or payment, section by section.

    A payment that has its PaymentIntent shows its order, which can't be changed any more: in
    fields of its own, since the browser keeps in a field what was being typed when it was locked.
    """

    def __init__(
        self,
        draft_id: str,
        products: Mapping[str, Product],
        payment: PaymentView | None,
        next_reference: str = "",
    ) -> None:
        """Take the values that the fields begin with. `next_reference` is the desk's own."""
        self._draft_id = draft_id
        self._payment = payment
        self.locked = payment is not None and not payment.can_be_created_again
        self._products = dict(products)
        self._wrong = session_state.press_answer(draft_id).wrong
        typed = session_state.typed(draft_id)
        if payment is not None and (self.locked or not typed):
            typed.update(stored(payment))  # after a reload, or from a link
        if not typed and len(products) == 1:
            typed["product_id"] = next(iter(products))
        for name, first in FIELDS.items():
            key = self._key(name)
            # What is new to the server may be known to the browser, which brings it back after a
            # restart: only what there is to say is set.
            if self.locked or (key not in st.session_state and name in typed):
                st.session_state[key] = typed.get(name, first)
        self._suggested = ""
        if next_reference and not self.locked:
            self._number(next_reference)

    def _number(self, reference: str) -> None:
        """Fill the order's number in, and a newer one while nobody has typed another."""
        held, numbered = self.value("order_reference"), self.value("numbered")
        if held != numbered:
            return
        st.session_state[self._key("numbered")] = reference
        if self._key("order_reference") in st.session_state:
            st.session_state[self._key("order_reference")] = reference
        else:
            self._suggested = reference

    def items(self) -> OrderOnScreen:
        """What is sold."""
        product, quantity, price, amount = st.columns(
            [8, 3.5, 2.75, 2.75], vertical_alignment="bottom"
        )
        key = self._key("product_id")
        withdrawn = not self.locked and self.value("product_id") not in (None, *self._products)
        if withdrawn:
            st.session_state[key] = None
        with product:
            product_id = st.selectbox(
                LABELS["product_id"],
                self._options(),
                index=None,
                format_func=self._name,
                placeholder="Choose a product",
                key=key,
                disabled=self.locked,
                on_change=uninterrupted(self._changed),
                args=("product_id",),
            )
        with quantity:
            count = st.number_input(
                LABELS["quantity"],
                1,
                max(MAX_QUANTITY, self.value("quantity") or 1),
                step=1,
                key=self._key("quantity"),
                disabled=self.locked,
                on_change=uninterrupted(self._changed),
                args=("quantity",),
            )
        shown = self._shown(product_id, count or 1)
        unit = self._unit(product_id)
        with price:
            _amount("Price", unit, "cardpay-price")
        with amount:
            _amount("Amount", shown.total, "cardpay-amount")
        self._tell("product_id")
        if withdrawn:
            st.warning("The product you chose is no longer on sale. Choose another one.")
        else:
            st.empty()
        return shown

    def who_pays(self) -> None:
        """The customer and the order's reference."""
        left, right = st.columns(2)
        with left:
            self._text("customer_name")
        with right:
            self._text("order_reference")

    def charge_again(self, seen: EarlierPayment | None) -> None:
        """Why the order is charged once more, once that was chosen after the payment on screen."""
        if seen is not None and self.value("second") == seen.sequence:
            with focus_place("second-reason"):
                self._text("second_reason")
        else:
            st.empty()

    def email(self) -> None:
        """The customer's e-mail address."""
        left, _right = st.columns(2)
        with left:
            self._text("customer_email", "Optional")

    def more(self, *, may_hold: bool) -> None:
        """What is rarely needed; a hold for whoever may make one."""
        left, _right = st.columns(2)
        with left:
            self._text("customer_phone", "Optional")
        text_lines(
            LABELS["note"],
            self._key("note"),
            height=68,
            placeholder="Optional. Don't enter card numbers.",
            disabled=self.locked,
            on_change=uninterrupted(lambda: self._changed("note")),
        )
        self._tell("note")
        if may_hold or self.value("hold"):
            st.checkbox(
                HOLD,
                key=self._key("hold"),
                help="The amount is held on the card for some days. A supervisor captures it, or "
                "it is released.",
                disabled=self.locked,
                on_change=uninterrupted(self._changed),
                args=("hold",),
            )
        else:
            st.empty()

    def value(self, name: str) -> Any:
        """What a field holds, once it is drawn."""
        return st.session_state.get(self._key(name), FIELDS[name])

    def _text(self, name: str, placeholder: str | None = None) -> None:
        text_field(
            LABELS[name],
            self._key(name),
            value=self._suggested if name == "order_reference" else "",
            placeholder=None if self.locked else placeholder,
            disabled=self.locked,
            on_change=uninterrupted(lambda: self._changed(name)),
        )
        self._tell(name)

    def _tell(self, name: str) -> None:
        """What is wrong with the field; its place is always there."""
        if name in self._wrong:
            words = escape(self._wrong[name])
            st.html(f'<p class="cardpay-wrong" id="wrong-{name}">{words}</p>')
        else:
            st.empty()

    def _changed(self, name: str) -> None:
        self._wrong.pop(name, None)
        if name == "order_reference":  # charging again was chosen for another order
            st.session_state[self._key("second")] = None
            self._wrong.pop("second_reason", None)
        keep(self._draft_id)

    def _key(self, name: str) -> str:
        return f"{self._draft_id}{'.locked' if self.locked else ''}.{name}"

    def _options(self) -> list[str]:
        if self.locked and self._payment is not None:
            return [self._payment.product_id or ""]
        return list(self._products)

    def _name(self, product_id: str) -> str:
        if self.locked and self._payment is not None:
            return self._payment.product_name or "–"
        return self._products[product_id].name

    def _unit(self, product_id: str | None) -> Money | None:
        if self.locked and self._payment is not None:
            unit, rest = divmod(self._payment.total.amount_minor, self._payment.quantity or 1)
            return None if rest else Money(unit, self._payment.total.currency)
        product = self._products.get(product_id or "")
        return product.total(1) if product else None

    def _shown(self, product_id: str | None, quantity: int) -> OrderOnScreen:
        prices = {one: product.total(1) for one, product in self._products.items()}
        if self.locked and self._payment is not None:
            paid = self._payment
            return OrderOnScreen(paid.product_name, paid.quantity, paid.total, prices)
        product = self._products.get(product_id or "")
        if product is None:
            return OrderOnScreen("", quantity, None, prices)
        return OrderOnScreen(product.name, quantity, product.total(quantity), prices)


def keep(draft_id: str) -> None:
    """Copy what the widgets hold to where it survives a page switch; never card data."""
    typed = session_state.typed(draft_id)
    for name in FIELDS:
        key = f"{draft_id}.{name}"
        if key in st.session_state:
            held = st.session_state[key]
            typed[name] = mask_card_numbers(held) if name in TEXTS else held


def typed_draft(draft_id: str, prices: Mapping[str, Money], seen: EarlierPayment | None) -> Draft:
    """The order as it is typed. `seen` is the earlier payment that the screen has shown.

    Charging again was chosen after one payment, and is not for another that came meanwhile.
    """
    typed = {**FIELDS, **session_state.typed(draft_id)}
    second = None
    claim = order_claim(typed["order_reference"])
    chosen = seen is not None and typed["second"] == seen.sequence
    if seen is not None and chosen and order_claim(seen.order_reference) == claim:
        second = SecondPayment(typed["second_reason"], seen.sequence)
    return Draft(
        payment_id=draft_id,
        product_id=typed["product_id"] or "",
        quantity=typed["quantity"] or 0,
        customer_name=typed["customer_name"],
        customer_email=typed["customer_email"],
        customer_phone=typed["customer_phone"],
        order_reference=typed["order_reference"],
        note=typed["note"],
        second_payment=second,
        price_shown=prices.get(typed["product_id"]),
        hold=bool(typed["hold"]),
        is_numbered=bool(typed["numbered"]) and typed["order_reference"] == typed["numbered"],
    )


def stored(payment: PaymentView) -> dict[str, Any]:
    """The values of the fields as they were sent."""
    return {
        "product_id": payment.product_id,
        "quantity": payment.quantity or 1,
        "customer_name": "" if payment.customer_name == ERASED else payment.customer_name,
        "customer_email": payment.customer_email,
        "customer_phone": payment.customer_phone,
        "order_reference": payment.order_reference,
        "note": payment.note,
        "hold": payment.is_hold,
        "second": payment.order_sequence - 1 if payment.second_payment_reason else None,
        "second_reason": payment.second_payment_reason,
    }


def _amount(label: str, amount: Money | None, kind: str) -> None:
    words = format_money(amount) if amount else "–"
    st.html(f'<dl class="cardpay-cell {kind}"><dt>{label}</dt><dd>{escape(words)}</dd></dl>')
