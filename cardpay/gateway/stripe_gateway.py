"""The calls to Stripe that the desk makes, with its time limits and its reading of errors."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe
from stripe.params import (
    PaymentIntentCancelParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentRetrieveParams,
)

from cardpay.domain.snapshots import AccountSnapshot, PaymentIntentSnapshot
from cardpay.gateway import snapshots
from cardpay.gateway.errors import (
    CardDeclined,
    OutcomeUnknown,
    RequestRefused,
    SetupProblem,
    StripeUnavailable,
)
from cardpay.gateway.in_process import InProcessClient, Send

API_VERSION = "2026-10-28.endive"  # the version that the pinned SDK's types describe

# A caller is waiting: one try and one retry of 12 s, with a pause of at most 1 s between,
# stay within 25 s over all. The SDK's own default is 80 s a try.
SECONDS_PER_TRY = 12.0
WRITE_RETRIES = 1
READ_RETRIES = 2
WRITE_SECONDS = 25.0

SandboxSend = Send


@dataclass(frozen=True)
class NewPaymentIntent:
    """What a PaymentIntent is created from. `metadata` obeys Stripe's limits already."""

    amount_minor: int
    currency: str
    description: str
    metadata: Mapping[str, str]
    capture_method: str = "automatic"


class StripeGateway:
    """Stripe's API with one key. Every call returns snapshots or raises a CardpayError."""

    def __init__(
        self,
        secret_key: str,
        *,
        api_base: str | None = None,
        send: Callable[..., Any] | None = None,
    ) -> None:
        """Talk to Stripe, to a stand-in at `api_base`, or to one in this process by `send`."""
        http_client: stripe.HTTPClient = (
            InProcessClient(send)
            if send is not None
            else stripe.RequestsClient(timeout=SECONDS_PER_TRY)
        )
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=http_client,
            stripe_version=API_VERSION,
            max_network_retries=READ_RETRIES,
        )

    def retrieve_account(self) -> AccountSnapshot:
        """The key's own account. A restricted key may lack the right: SetupProblem."""
        with _reading():
            return snapshots.account(self._client.v1.accounts.retrieve_current().to_dict())

    def create_payment_intent(
        self, new: NewPaymentIntent, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        """Create a card PaymentIntent. No money moves.

        Cards alone are allowed: a bare create turns on every method of the account, and then
        a confirm without a `return_url` is refused. Since API version 2026-09-30.endive the
        parameter is `allowed_payment_method_types`, and `payment_method_types` is refused
        (Stripe changelog: "Removes the payment method types parameter").
        """
        params: PaymentIntentCreateParams = {
            "amount": new.amount_minor,
            "currency": new.currency,
            "allowed_payment_method_types": ["card"],
            "description": new.description,
            "metadata": dict(new.metadata),
        }
        if new.capture_method == "manual":
            params["capture_method"] = "manual"
        with _writing():
            made = self._client.v1.payment_intents.create(params, _options(idempotency_key))
            return snapshots.payment_intent(made.to_dict())

    def confirm_payment_intent(
        self, payment_intent_id: str, payment_method_id: str, *, moto: bool, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        """Charge the card. `moto` marks a telephone order (a confirm-only parameter)."""
        params: PaymentIntentConfirmParams = {
            "payment_method": payment_method_id,
            "use_stripe_sdk": True,
            "expand": ["latest_charge"],
        }
        if moto:
            params["payment_method_options"] = {"card": {"moto": True}}
        with _writing():
            confirmed = self._client.v1.payment_intents.confirm(
                payment_intent_id, params, _options(idempotency_key)
            )
            return snapshots.payment_intent(confirmed.to_dict())

    def cancel_payment_intent(
        self, payment_intent_id: str, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        """Cancel: afterwards no confirm of it, however late, can charge."""
        params: PaymentIntentCancelParams = {"expand": ["latest_charge"]}
        with _writing():
            cancelled = self._client.v1.payment_intents.cancel(
                payment_intent_id, params, _options(idempotency_key)
            )
            return snapshots.payment_intent(cancelled.to_dict())

    def retrieve_payment_intent(self, payment_intent_id: str) -> PaymentIntentSnapshot:
        """The PaymentIntent as it is now, with its latest Charge."""
        params: PaymentIntentRetrieveParams = {"expand": ["latest_charge"]}
        with _reading():
            found = self._client.v1.payment_intents.retrieve(payment_intent_id, params)
            return snapshots.payment_intent(found.to_dict())

    def list_payment_intents(
        self, created_from_at: datetime, created_to_at: datetime
    ) -> Iterator[PaymentIntentSnapshot]:
        """Those created in the range, ends included, newest first, 100 a request."""
        with _reading():
            page = self._client.v1.payment_intents.list(
                {
                    "created": {
                        "gte": int(created_from_at.timestamp()),
                        "lte": int(created_to_at.timestamp()),
                    },
                    "limit": 100,
                    "expand": ["data.latest_charge"],
                }
            )
            for found in page.auto_paging_iter():
                yield snapshots.payment_intent(found.to_dict())


def _options(idempotency_key: str) -> stripe.RequestOptions:
    return {"idempotency_key": idempotency_key, "max_network_retries": WRITE_RETRIES}


@contextmanager
def _writing() -> Iterator[None]:
    """Translate the SDK's errors to whether the write ran, did not run, or nobody knows."""
    try:
        yield
    except stripe.CardError as error:
        body = _error_body(error)
        intent = body.get("payment_intent")
        raised = snapshots.payment_error(body)
        assert raised is not None
        raise CardDeclined(
            raised,
            snapshots.payment_intent(intent) if intent else None,
            error.request_id,
        ) from error
    except stripe.APIConnectionError as error:
        raise OutcomeUnknown("no reply", replayable=True, request_id=error.request_id) from error
    except stripe.StripeError as error:
        status = error.http_status
        if status is None or status >= 500:
            raise OutcomeUnknown(
                "an error at Stripe", replayable=False, request_id=error.request_id
            ) from error
        if status == 409:
            raise OutcomeUnknown(
                "still working on it", replayable=True, request_id=error.request_id
            ) from error
        if status == 429:
            raise OutcomeUnknown(
                "too many requests", replayable=True, request_id=error.request_id
            ) from error
        raise _refused(error) from error


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except stripe.APIConnectionError as error:
        raise StripeUnavailable("no reply", error.request_id) from error
    except stripe.StripeError as error:
        status = error.http_status
        if status is None or status >= 500 or status in {409, 429}:
            raise StripeUnavailable(f"HTTP {status}", error.request_id) from error
        raise _refused(error) from error


def _refused(error: stripe.StripeError) -> RequestRefused:
    body = _error_body(error)
    param = body.get("param")
    intent = body.get("payment_intent")
    setup = error.http_status in {401, 403} or (
        # The account has not been given telephone orders (Stripe docs: "MOTO payments").
        body.get("code") == "parameter_unknown" and param == "payment_method_options[card][moto]"
    )
    kind = SetupProblem if setup else RequestRefused
    return kind(
        error.user_message or "no reason given",
        code=body.get("code"),
        param=param,
        http_status=error.http_status,
        payment_intent=snapshots.payment_intent(intent) if intent else None,
        request_id=error.request_id,
    )


def _error_body(error: stripe.StripeError) -> Mapping[str, Any]:
    body = error.json_body
    found = body.get("error") if isinstance(body, Mapping) else None
    return found if isinstance(found, Mapping) else {}
