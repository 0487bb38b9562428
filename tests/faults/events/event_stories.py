"""What may happen to one payment, as stories: the desk and Stripe live them, events tell them."""

from collections.abc import Callable
from dataclasses import dataclass

from cardpay.domain.stripe_facts.snapshots import EventSnapshot
from cardpay.gateway import snapshot_parsing
from cardpay.services.taking.payment_view import PaymentView
from cardpay.services.taking.refresh_payment import refresh_payment
from cardpay.services.taking.three_d_secure import PaymentResult
from tests.support.desks.worlds import AGENT, CHALLENGE, DECLINED, VISA, World

BLOCKED = "4100000000000019"
DISPUTED = "4000000000000259"
REFUND_FAILS = "4000000000005126"
REFUND_PENDS = "4000000000007726"


@dataclass(frozen=True)
class Telling:
    """A world in which a story is lived; `pause_seconds` of zero puts all into one second."""

    world: World
    pause_seconds: int

    def pay(self, payment: PaymentView, number: str = VISA) -> PaymentResult:
        """One press of the pay button, a little later."""
        self.pause()
        return self.world.pay(payment, number)

    def challenged(self, payment: PaymentView, outcome: str) -> None:
        """A card that asks for its holder, who answers; the desk looks again."""
        taken = self.pay(payment, CHALLENGE)
        self.pause()
        self.world.authenticate(taken, outcome)
        refresh_payment(self.world.desk, AGENT, payment.payment_id)

    def refund(self, payment: PaymentView, amount_minor: int) -> None:
        """Somebody refunds in Stripe's dashboard."""
        self.pause()
        self.ask(
            "/v1/refunds",
            payment_intent=str(payment.payment_intent_id),
            amount=str(amount_minor),
        )

    def held(self) -> PaymentView:
        """A payment whose money is held, not taken."""
        payment = self.world.created()
        path = f"/v1/payment_intents/{payment.payment_intent_id}/confirm"
        self.pause()
        self.ask(path, capture_method="manual", payment_method=self.world.card())
        refresh_payment(self.world.desk, AGENT, payment.payment_id)
        return payment

    def ask(self, path: str, **fields: str) -> None:
        """What another system asks of Stripe."""
        answer = self.world.posted(path, fields)
        assert "error" not in answer, answer

    def pause(self, seconds: int = 0) -> None:
        """Let time pass, and what is due with it happen."""
        self.world.clock.advance(seconds=seconds or self.pause_seconds)
        self.world.sandbox.run_due()

    def days(self, number: int) -> None:
        """Let days pass, and what is due on each happen."""
        for _ in range(number):
            self.pause(86_400)


def success(telling: Telling) -> None:
    """A card that pays."""
    telling.pay(telling.world.created())


def success_without_an_answer(telling: Telling) -> None:
    """It pays, and nobody hears of it."""
    payment = telling.world.created()
    telling.world.sandbox.faults.add("timeout_after", path="*/confirm", times=2)
    telling.pay(payment)


def decline_then_success(telling: Telling) -> None:
    """Another card pays."""
    payment = telling.world.created()
    telling.pay(payment, DECLINED)
    telling.pay(payment)


def two_declines(telling: Telling) -> None:
    """No card pays; the second is refused by Stripe itself."""
    payment = telling.world.created()
    telling.pay(payment, DECLINED)
    telling.pay(payment, BLOCKED)


def challenge(telling: Telling) -> None:
    """3-D Secure, passed."""
    telling.challenged(telling.world.created(), "complete")


def failed_challenge(telling: Telling) -> None:
    """3-D Secure, failed, and nobody tries again: no status of it is final."""
    telling.challenged(telling.world.created(), "fail")


def decline_without_an_answer_then_cancelled(telling: Telling) -> None:
    """The desk heard neither of the decline nor of the end."""
    payment = telling.world.created()
    telling.world.sandbox.faults.add("timeout_after", path="*/confirm", times=2)
    telling.pay(payment, DECLINED)
    telling.pause()
    telling.ask(f"/v1/payment_intents/{payment.payment_intent_id}/cancel")


def failed_challenge_then_success(telling: Telling) -> None:
    """3-D Secure, failed; another card pays."""
    payment = telling.world.created()
    telling.challenged(payment, "fail")
    telling.pay(payment)


def capture(telling: Telling) -> None:
    """A hold, of which a part is taken."""
    payment = telling.held()
    telling.pause()
    path = f"/v1/payment_intents/{payment.payment_intent_id}/capture"
    telling.ask(path, amount_to_capture="5000")


def cancelled_hold(telling: Telling) -> None:
    """A hold that is let go."""
    payment = telling.held()
    telling.pause()
    telling.ask(f"/v1/payment_intents/{payment.payment_intent_id}/cancel")


def partial_refunds(telling: Telling) -> None:
    """Two parts go back."""
    payment = telling.world.created()
    telling.pay(payment)
    telling.refund(telling.world.now_is(payment), 1_000)
    telling.refund(telling.world.now_is(payment), 2_000)


def slow_refund(telling: Telling) -> None:
    """It takes its time."""
    payment = telling.world.created()
    telling.pay(payment, REFUND_PENDS)
    telling.refund(telling.world.now_is(payment), 1_000)


def refund_that_fails(telling: Telling) -> None:
    """It succeeds, and comes back."""
    payment = telling.world.created()
    telling.pay(payment, REFUND_FAILS)
    telling.refund(telling.world.now_is(payment), 1_000)


def dispute(telling: Telling) -> None:
    """The cardholder disputes; the desk's side accepts it."""
    payment = telling.world.created()
    telling.pay(payment, DISPUTED)
    telling.pause(6)
    (found,) = telling.world.listed("/v1/disputes")
    telling.ask(f"/v1/disputes/{found['id']}/close")


def paid_out(telling: Telling) -> None:
    """Days later the money is on its way to the bank, less what went back and what Stripe took."""
    payment = telling.world.created()
    telling.world.sandbox.outside.schedule_payouts(interval="daily", delay_days=2)
    telling.pay(payment)
    telling.refund(telling.world.now_is(payment), 1_000)
    telling.world.sandbox.outside.change_balance("stripe_fee", -200)
    telling.days(7)


def payout_that_fails(telling: Telling) -> None:
    """The bank had it, and sends it back."""
    paid_out(telling)
    (found,) = telling.world.listed("/v1/payouts")
    telling.world.sandbox.outside.fail_payout(found["id"])


Story = Callable[[Telling], None]
STORIES: tuple[Story, ...] = (
    success,
    success_without_an_answer,
    decline_then_success,
    two_declines,
    challenge,
    failed_challenge,
    decline_without_an_answer_then_cancelled,
    failed_challenge_then_success,
    capture,
    cancelled_hold,
    partial_refunds,
    slow_refund,
    refund_that_fails,
    dispute,
    paid_out,
    payout_that_fails,
)


def told(world: World) -> list[EventSnapshot]:
    """Every event of a story that is over, oldest first."""
    world.clock.advance(seconds=30)
    world.sandbox.run_due()
    found = world.listed("/v1/events?limit=100")
    return [snapshot_parsing.event(event) for event in reversed(found)]
