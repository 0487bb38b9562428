"""The calls to Stripe that the desk makes, with its time limits and its reading of errors."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

import stripe
from stripe.params import (
    PaymentIntentCancelParams,
    PaymentIntentCaptureParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentRetrieveParams,
    RefundCreateParams,
)

from cardpay.domain.stripe_facts.snapshots import (
    AccountSnapshot,
    BalanceTransactionSnapshot,
    ChargeSnapshot,
    DisputeSnapshot,
    EventSnapshot,
    PaymentIntentSnapshot,
    PaymentMethodSnapshot,
    RefundSnapshot,
)
from cardpay.gateway import parsing
from cardpay.gateway.call_outcomes import reading, writing
from cardpay.gateway.in_process import InProcessClient, Send
from cardpay.gateway.listing import Listing, ListPage, Stretch, page
from cardpay.gateway.transport import ReadCounter, TimeSaid, Transport

API_VERSION = "2026-10-28.endive"  # the version that the pinned SDK's types describe

# A caller is waiting: one try and one retry of 12 s, with a pause of at most 1 s between,
# stay within 25 s over all. The SDK's own default is 80 s a try. `requests` counts connecting
# and each wait for an answer apart (its docs: "Timeouts"), so the seconds are shared out.
SECONDS_PER_TRY = 12.0
_OF_THEM_CONNECTING = 0.25
WRITE_RETRIES = 1
READ_RETRIES = 2
WRITE_SECONDS = 25.0

SandboxSend = Send
T = TypeVar("T")


@dataclass(frozen=True)
class NewPaymentIntent:
    """What a PaymentIntent is created from. `metadata` obeys Stripe's limits already."""

    amount_minor: int
    currency: str
    description: str
    metadata: Mapping[str, str]
    capture_method: str = "automatic"


@dataclass(frozen=True)
class NewRefund:
    """What a Refund is created from. `reason` is one of Stripe's; `metadata` obeys its limits."""

    payment_intent_id: str
    amount_minor: int
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"]
    metadata: Mapping[str, str]


class StripeGateway:
    """Stripe's API with one key. Every call returns snapshots or raises a CardpayError."""

    def __init__(
        self,
        secret_key: str,
        *,
        api_base: str | None = None,
        send: Callable[..., Any] | None = None,
        seconds_per_try: float = SECONDS_PER_TRY,
        read_retries: int = READ_RETRIES,
    ) -> None:
        """Talk to Stripe, to a stand-in at `api_base`, or to one in this process by `send`."""
        self._transport = Transport(
            InProcessClient(send)
            if send is not None
            else stripe.RequestsClient(
                timeout=(
                    seconds_per_try * _OF_THEM_CONNECTING,
                    seconds_per_try * (1 - _OF_THEM_CONNECTING),
                )
            )
        )
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=self._transport,
            stripe_version=API_VERSION,
            max_network_retries=read_retries,
        )

    @property
    def reads(self) -> ReadCounter:
        """How many reads were sent."""
        return self._transport.reads

    @property
    def last_request_id(self) -> str | None:
        """Stripe's id of the last request that was sent by whoever asks."""
        return self._transport.last_request_id

    @property
    def time_said(self) -> TimeSaid | None:
        """The time of Stripe's last answer, by its clock and by ours."""
        return self._transport.time_said

    def list_page(self, listing: Listing[T], stretch: Stretch) -> ListPage[T]:
        """One page of a list: one read of Stripe. RateLimited says how long to wait."""
        return page(listing, self.list_body(listing, stretch))

    def list_body(self, listing: Listing[Any], stretch: Stretch) -> bytes | str:
        """The bytes of one page, for `listing.page` to read: one read of Stripe as well."""
        with reading(), self._transport.keeping_the_body() as bodies:
            self._client.raw_request("get", listing.path, **stretch.params(listing.expand))
        return bodies[0]

    def retrieve_account(self) -> AccountSnapshot:
        """The key's own account. A restricted key may lack the right: SetupProblem."""
        with reading():
            return parsing.account(self._client.v1.accounts.retrieve_current().to_dict())

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
        with writing():
            made = self._client.v1.payment_intents.create(params, _options(idempotency_key))
            return parsing.payment_intent(made.to_dict())

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
        with writing():
            confirmed = self._client.v1.payment_intents.confirm(
                payment_intent_id, params, _options(idempotency_key)
            )
            return parsing.payment_intent(confirmed.to_dict())

    def cancel_payment_intent(
        self, payment_intent_id: str, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        """Cancel: afterwards no confirm of it, however late, can charge."""
        params: PaymentIntentCancelParams = {"expand": ["latest_charge"]}
        with writing():
            cancelled = self._client.v1.payment_intents.cancel(
                payment_intent_id, params, _options(idempotency_key)
            )
            return parsing.payment_intent(cancelled.to_dict())

    def capture_payment_intent(
        self, payment_intent_id: str, amount_minor: int, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        """Take `amount_minor` of a hold; what is left of it is released."""
        params: PaymentIntentCaptureParams = {
            "amount_to_capture": amount_minor,
            "expand": ["latest_charge"],
        }
        with writing():
            captured = self._client.v1.payment_intents.capture(
                payment_intent_id, params, _options(idempotency_key)
            )
            return parsing.payment_intent(captured.to_dict())

    def create_refund(self, new: NewRefund, idempotency_key: str) -> RefundSnapshot:
        """Give back `amount_minor` to the card that paid."""
        params: RefundCreateParams = {
            "payment_intent": new.payment_intent_id,
            "amount": new.amount_minor,
            "reason": new.reason,
            "metadata": dict(new.metadata),
        }
        with writing():
            made = self._client.v1.refunds.create(params, _options(idempotency_key))
            return parsing.refund(made.to_dict())

    def retrieve_payment_intent(self, payment_intent_id: str) -> PaymentIntentSnapshot:
        """The PaymentIntent as it is now, with its latest Charge."""
        params: PaymentIntentRetrieveParams = {"expand": ["latest_charge"]}
        with reading():
            found = self._client.v1.payment_intents.retrieve(payment_intent_id, params)
            return parsing.payment_intent(found.to_dict())

    def retrieve_payment_method(self, payment_method_id: str) -> PaymentMethodSnapshot:
        """The PaymentMethod as it is now: which card it is, before the card is tried.

        Asked once, since a caller waits and the confirm is still to come.
        """
        once: stripe.RequestOptions = {"max_network_retries": 0}
        with reading():
            found = self._client.v1.payment_methods.retrieve(payment_method_id, options=once)
            return parsing.payment_method(found.to_dict())

    def retrieve_charge(self, charge_id: str) -> ChargeSnapshot:
        """The Charge as it is now."""
        with reading():
            return parsing.charge(self._client.v1.charges.retrieve(charge_id).to_dict())

    def retrieve_refund(self, refund_id: str) -> RefundSnapshot:
        """The Refund as it is now."""
        with reading():
            return parsing.refund(self._client.v1.refunds.retrieve(refund_id).to_dict())

    def retrieve_dispute(self, dispute_id: str) -> DisputeSnapshot:
        """The Dispute as it is now."""
        with reading():
            return parsing.dispute(self._client.v1.disputes.retrieve(dispute_id).to_dict())

    def retrieve_balance_transaction(
        self, balance_transaction_id: str
    ) -> BalanceTransactionSnapshot:
        """The BalanceTransaction as it is now; it turns available some days later."""
        with reading():
            found = self._client.v1.balance_transactions.retrieve(balance_transaction_id)
            return parsing.balance_transaction(found.to_dict())

    def retrieve_event(self, event_id: str) -> EventSnapshot:
        """The Event as Stripe rendered it; kept 30 days (Stripe docs: "List all events")."""
        with reading():
            return parsing.event(self._client.v1.events.retrieve(event_id).to_dict())

    def list_refunds(self, payment_intent_id: str) -> list[RefundSnapshot]:
        """Every Refund of a PaymentIntent, newest first."""
        with reading():
            page = self._client.v1.refunds.list(
                {"payment_intent": payment_intent_id, "limit": 100}
            )
            return [parsing.refund(found.to_dict()) for found in page.auto_paging_iter()]

    def list_payment_intents(
        self, created_from_at: datetime, created_to_at: datetime
    ) -> Iterator[PaymentIntentSnapshot]:
        """Those created in the range, ends included, newest first, 100 a request."""
        with reading():
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
                yield parsing.payment_intent(found.to_dict())


def _options(idempotency_key: str) -> stripe.RequestOptions:
    return {"idempotency_key": idempotency_key, "max_network_retries": WRITE_RETRIES}
