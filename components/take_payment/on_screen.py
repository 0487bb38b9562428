"""What the screen of one tab is at."""

from dataclasses import dataclass

from cardpay.domain.access.actor import Actor
from cardpay.services.desk import Desk
from cardpay.services.taking.payment_view import PaymentView


@dataclass(frozen=True)
class OnScreen:
    """Who is at the screen, and the draft or payment that it shows.

    `payment` is None until the draft was sent.
    """

    desk: Desk
    actor: Actor
    payment_id: str
    payment: PaymentView | None

    @property
    def is_draft(self) -> bool:
        """Whether there is no PaymentIntent, so that the order may be changed."""
        return self.payment is None or self.payment.can_be_created_again
