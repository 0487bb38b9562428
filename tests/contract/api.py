"""The API that a contract test calls."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import requests
import stripe

from cardpay.sandbox import Sandbox
from tests.support.processes.waiting import PATIENCE_SECONDS

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True)
class Api:
    """Stripe's API: the sandbox's, or the real one, whose `sandbox` is None."""

    client: stripe.StripeClient
    base: str
    sandbox: Sandbox | None

    def intent(self, **params: Any) -> stripe.PaymentIntent:
        """A new PaymentIntent: ten dollars by card, unless `params` say otherwise."""
        wanted: Any = {"amount": 1000, "currency": "usd", "allowed_payment_method_types": ["card"]}
        wanted |= params
        return self.client.v1.payment_intents.create(wanted)

    def paid(self, method: str = "pm_card_visa", **params: Any) -> stripe.PaymentIntent:
        """A PaymentIntent created and confirmed at once."""
        return self.intent(payment_method=method, confirm=True, **params)

    def key(self) -> str:
        """A new idempotency key."""
        return str(uuid4())

    def wait(self, **duration: float) -> None:
        """Advance the sandbox's clock."""
        assert self.sandbox is not None
        self.sandbox.clock.advance(timedelta(**duration))
        self.sandbox.run_due()

    def browser(self, method: str, path: str, **params: Any) -> requests.Response:
        """A request as the browser makes it, with the publishable key."""
        assert self.sandbox is not None
        return requests.request(
            method,
            self.base + path,
            data=params if method == "POST" else None,
            params=params if method == "GET" else None,
            headers={"Authorization": f"Bearer {self.sandbox.publishable_key}"},
            timeout=PATIENCE_SECONDS,
        )

    def typed_card(self, number: str, **card: str) -> requests.Response:
        """A PaymentMethod made from typed fields. `card` overrides expiry and code."""
        fields = {"number": number, "exp_month": "12", "exp_year": "40", "cvc": "123", **card}
        return self.browser(
            "POST",
            "/v1/payment_methods",
            type="card",
            **{f"card[{name}]": value for name, value in fields.items()},
        )


def fields(error: stripe.StripeError) -> dict[str, Any]:
    """The whole `error` object of a response."""
    body: Any = error.json_body
    return dict(body["error"])


def client_of(sandbox: Sandbox, base: str) -> stripe.StripeClient:
    """Stripe's SDK for a sandbox that is served at `base`, without the SDK's retries."""
    return stripe.StripeClient(
        sandbox.secret_key,
        base_addresses={"api": base},
        stripe_version=API_VERSION,
        http_client=stripe.RequestsClient(timeout=PATIENCE_SECONDS),
        max_network_retries=0,
    )
