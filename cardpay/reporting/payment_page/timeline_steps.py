"""The order of entries of one second in a timeline: as the steps of a payment follow."""

from enum import IntEnum
from typing import Final

from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.payment.status import PaymentStatus


class Step(IntEnum):
    """Where an entry stands among those of the same second."""

    CREATE = 0
    AWAIT = 1
    ATTEMPT = 2
    UNDER_WAY = 3
    HOLD = 4
    ASKED_TO_END = 5
    END = 6
    REFUND = 7
    DISPUTE = 8
    NOTE = 9


STEPS_OF_STATUS: Final[dict[str, Step]] = {
    PaymentStatus.REQUIRES_PAYMENT_METHOD: Step.AWAIT,
    PaymentStatus.REQUIRES_CONFIRMATION: Step.AWAIT,
    PaymentStatus.REQUIRES_CAPTURE: Step.HOLD,
    PaymentStatus.CANCELED: Step.END,
    PaymentStatus.SUCCEEDED: Step.END,
}
STEPS_OF_ACT: Final = {
    "payment.create": Step.CREATE,
    "payment.link": Step.CREATE,
    "payment.link.cancel": Step.ASKED_TO_END,
    "payment.cancel": Step.ASKED_TO_END,
    "payment.capture": Step.ASKED_TO_END,
    "payment.refund": Step.REFUND,
    "payment.receipt_email": Step.NOTE,
    "customer.erase": Step.NOTE,
}
STEPS_OF_OPERATION: Final = {
    OperationKind.CREATE: Step.CREATE,
    OperationKind.CONFIRM: Step.UNDER_WAY,
    OperationKind.CANCEL: Step.END,
    OperationKind.CAPTURE: Step.END,
    OperationKind.REFUND: Step.REFUND,
    OperationKind.RECEIPT: Step.NOTE,
    OperationKind.CREATE_LINK: Step.CREATE,
    OperationKind.EXPIRE_LINK: Step.END,
}
# Stripe's types of events (API reference: "Types of events"), each by how it begins.
_STEPS_OF_EVENT: Final = (
    ("payment_intent.created", Step.CREATE),
    ("checkout.session.completed", Step.HOLD),
    ("checkout.session.expired", Step.END),
    ("payment_intent.amount_capturable_updated", Step.HOLD),
    ("payment_intent.succeeded", Step.END),
    ("payment_intent.canceled", Step.END),
    ("charge.captured", Step.END),
    ("charge.expired", Step.END),
    ("charge.refund", Step.REFUND),
    ("charge.dispute", Step.DISPUTE),
    ("refund.", Step.REFUND),
)


def step_of_event(event_type: str) -> Step:
    """The step of an event of Stripe's; of an unknown one, that it is under way."""
    found = (step for begins, step in _STEPS_OF_EVENT if event_type.startswith(begins))
    return next(found, Step.UNDER_WAY)
