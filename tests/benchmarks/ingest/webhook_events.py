"""Events as a Stripe account makes them: one sequence after the other, a payment each."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from cardpay.gateway.stripe_gateway import NewPaymentIntent, StripeGateway
from cardpay.sandbox import Sandbox
from tests.support.desks.worlds import VISA

PER_PAYMENT = 4  # created, charge.succeeded, succeeded, and charge.updated with the fee


class Account:
    """A sandbox in a file, whose payments make events for us to send."""

    def __init__(self, file: Path) -> None:
        self.sandbox = Sandbox(file)
        self._heard: dict[str, list[str]] = {}
        self.sandbox.webhooks.add_endpoint("http://127.0.0.1/", "unused", self._hear)
        self.gateway = StripeGateway(self.sandbox.secret_key, send=self.sandbox.handle)

    def take_payments(self, count: int) -> None:
        """Payments that the desk knows nothing of, made a little while ago."""
        self.sandbox.clock.advance(-timedelta(minutes=5))
        with self.sandbox.batch():
            for number in range(count):
                self._take(f"SO-{number}")
        self.sandbox.clock.release()

    def events(self) -> list[str]:
        """The bodies of all events until now, one payment after the other."""
        self.sandbox.webhooks.drain()
        return [body for bodies in self._heard.values() for body in bodies]

    def card(self) -> str:
        """A PaymentMethod, made as the browser makes it."""
        fields = {
            "type": "card",
            "card[number]": VISA,
            "card[exp_month]": "12",
            "card[exp_year]": "2030",
            "card[cvc]": "123",
        }
        reply = self.sandbox.handle(
            "POST",
            "/v1/payment_methods",
            {"Authorization": f"Bearer {self.sandbox.publishable_key}"},
            urlencode(fields).encode(),
        )
        return str(json.loads(reply.body)["id"])

    def _take(self, order_reference: str) -> None:
        new = NewPaymentIntent(
            12_000, "gbp", f"Order {order_reference}", {"order_reference": order_reference}
        )
        made = self.gateway.create_payment_intent(new, f"create-{order_reference}")
        self.gateway.confirm_payment_intent(
            made.payment_intent_id,
            self.card(),
            moto=False,
            idempotency_key=f"confirm-{order_reference}",
        )

    def _hear(self, _url: str, _headers: Mapping[str, str], body: bytes) -> int:
        about = json.loads(body)["data"]["object"]
        payment = about["id"] if about["object"] == "payment_intent" else about["payment_intent"]
        self._heard.setdefault(payment, []).append(body.decode())
        return 200
