"""The first step of a press of the pay button: the server makes the PaymentIntent of the order."""

from collections.abc import Mapping

from cardpay_card_form import Press

from cardpay.domain.access.actor import Actor
from cardpay.domain.cleaned_text import tidy
from cardpay.domain.errors import CardpayError, InvalidInput, OrderReferenceTaken, PriceChanged
from cardpay.domain.money import Money
from cardpay.domain.money_format import format_money
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.order import Draft, order_claim
from cardpay.gateway.errors import RequestRefused
from cardpay.reporting.payments.possible_duplicates import EarlierPayment
from cardpay.services.desk import Desk
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_view import PaymentView
from components.frame import session_state
from components.frame.error_messages import logged_sentence
from components.take_payment.order_fields import LABELS, TEXTS, keep, typed_draft
from components.take_payment.outcome_message import NO_CARD_SENT
from components.widgets.text_fields import CARD_DATA_REMOVED, masked_labels

_NAMES = {label: name for name, label in LABELS.items()}


def answer_press(
    desk: Desk,
    actor: Actor,
    press: Press,
    *,
    prices: Mapping[str, Money],
    seen: EarlierPayment | None,
) -> None:
    """Check the order, and create its payment if the card is complete. The answer is kept.

    It may run twice at once: the database decides. `prices` and `seen`, the order's earlier
    payment, are what was on screen. What is typed, and the prices, may have changed since the
    press: no other amount is charged than the button showed.
    """
    draft_id = press.payment_id
    answer = session_state.press_answer(draft_id)
    if answer.press_id == press.submission_id:
        return  # the browser asks again until it has seen the answer
    keep(draft_id)
    draft = typed_draft(draft_id, prices, seen)
    session_state.clear_notice()
    answer.result = "refused"
    if (
        not note_problems(answer, draft)
        and press.card_complete
        and not note_other_total(answer, draft, press.amount_label, "Pay", NO_CARD_SENT)
    ):
        _create(desk, actor, draft, answer)
    answer.press_id = press.submission_id  # last: only now it is answered


def note_problems(answer: session_state.PressAnswer, draft: Draft) -> bool:
    """Note which fields are wrong; whether any is."""
    masked = masked_labels({f"{draft.payment_id}.{name}": LABELS[name] for name in TEXTS})
    wrong = {_NAMES[label]: error.sentence for label, error in draft.problems().items()}
    wrong |= {_NAMES[label]: CARD_DATA_REMOVED for label in masked}
    answer.wrong = {name: wrong[name] for name in LABELS if name in wrong}
    answer.sentence = None
    return bool(answer.wrong)


def note_refusal(answer: session_state.PressAnswer, error: CardpayError, payment_id: str) -> None:
    """Note why the order was refused, at its field if it is about one."""
    sentence = logged_sentence(error, payment_id=payment_id)
    name = _field_of(error)
    if name is None:
        answer.sentence = sentence
    else:
        answer.wrong = {name: sentence}


def note_other_total(
    answer: session_state.PressAnswer,
    draft: Draft,
    amount_shown: str,
    button: str,
    nothing_done: str,
) -> bool:
    """Note that the order does not come to what the screen showed at the press; whether so.

    `amount_shown` is formatted. `nothing_done` says what the press of the `button` has not done.
    """
    if draft.price_shown is None:  # its price was on no screen
        answer.wrong = {"product_id": "Choose a product that is on sale"}
        return True
    total = format_money(_total(draft.price_shown, draft.quantity))
    if draft.quantity and total != amount_shown:
        answer.sentence = (
            f"The total is now {total}. Check it, then press {button} again. {nothing_done}"
        )
        return True
    return False


def _create(desk: Desk, actor: Actor, draft: Draft, answer: session_state.PressAnswer) -> None:
    try:
        payment = create_payment(desk, actor, draft)
        if payment.open_operation == OperationKind.CREATE:  # the same request once more
            payment = recover_payment(desk, draft.payment_id, page_is_watched=True)
    except RequestRefused as refused:  # stored with the draft, and shown from there
        logged_sentence(refused, payment_id=draft.payment_id)
    except CardpayError as error:
        note_refusal(answer, error, draft.payment_id)
    else:
        if payment.can_pay and not _is_order(payment, draft, desk.order_prefix):
            answer.sentence = (
                "This order was sent from another tab, and differs from what you typed. Check "
                f"it, then try again. {NO_CARD_SENT}"
            )
        elif payment.can_pay:
            answer.result = "created"


def _field_of(error: CardpayError) -> str | None:
    """The field that an error is about, or None."""
    match error:
        case InvalidInput():
            return _NAMES.get(error.field)
        case PriceChanged():
            return "product_id"
        case OrderReferenceTaken():
            return "order_reference"
    return None


def _total(price: Money, quantity: int) -> Money:
    return Money(price.amount_minor * quantity, price.currency)


def _is_order(payment: PaymentView, draft: Draft, order_prefix: str) -> bool:
    """Whether the payment is for what the person at this screen has typed.

    The same draft may be open in another tab. A number that the desk gave may be a later one.
    """
    is_same = order_claim(payment.order_reference) == order_claim(draft.order_reference)
    is_numbered = draft.is_numbered and payment.order_reference.startswith(order_prefix)
    return (
        payment.product_id == draft.product_id
        and payment.quantity == draft.quantity
        and draft.price_shown is not None
        and payment.total == _total(draft.price_shown, draft.quantity)
        and payment.is_hold == draft.hold
        and payment.customer_name == tidy(draft.customer_name)
        and (is_same or is_numbered)
    )
