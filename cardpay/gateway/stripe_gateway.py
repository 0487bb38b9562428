"""Every call that the desk makes to Stripe, with its timeouts and retries."""

from collections.abc import Iterator, Mapping
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
    PaymentIntentUpdateParams,
    RefundCreateParams,
)
from stripe.params.checkout import SessionCreateParams as CheckoutSessionCreateParams

from cardpay.domain.payment_acts.owner import Owner
from cardpay.domain.stripe_facts.snapshots import (
    AccountSnapshot,
    BalanceTransactionSnapshot,
    ChargeSnapshot,
    CheckoutSessionSnapshot,
    DisputeSnapshot,
    EventSnapshot,
    PaymentIntentSnapshot,
    PaymentMethodSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
)
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.bounded_http_client import BoundedHttpClient
from cardpay.gateway.in_process_http_client import InProcessHttpClient, Send
from cardpay.gateway.monitored_http_client import MonitoredHttpClient, ReadCounter, ServerTime
from cardpay.gateway.pagination import (
    PAGE_SIZE,
    ListEndpoint,
    ListPage,
    ListQuery,
    all_of,
    parse_page,
)
from cardpay.gateway.sdk_error_mapping import map_read_errors, map_write_errors
from cardpay.gateway.snapshot_parsing import AnotherObject

API_VERSION = "2026-10-28.endive"  # the version that the pinned SDK's types describe

# A caller is waiting: a try and one retry of 12 s each, with a pause of at most 1 s between them,
# stay within 25 s. The SDK's own default is 80 s a try.
SECONDS_PER_TRY = 12.0
WRITE_RETRIES = 1
READ_RETRIES = 2
WRITE_SECONDS = 25.0

T = TypeVar("T")


@dataclass(frozen=True)
class NewPaymentIntent:
    """The parameters of a new PaymentIntent. `metadata` must be within Stripe's limits."""

    amount_minor: int
    currency: str
    description: str
    metadata: Mapping[str, str]
    capture_method: str = "automatic"


@dataclass(frozen=True)
class NewRefund:
    """The parameters of a new Refund. `metadata` must be within Stripe's limits."""

    payment_intent_id: str
    amount_minor: int
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"]
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class NewCheckoutSession:
    """The parameters of a Checkout Session for one line. Both metadata are the same.

    `payment_id` is ours, and `return_url` where the customer's browser goes once they have paid.
    """

    payment_id: str
    product_name: str
    unit_amount_minor: int
    quantity: int
    currency: str
    description: str
    metadata: Mapping[str, str]
    expires_at: datetime
    return_url: str
    capture_method: str = "automatic"


class StripeGateway:
    """Stripe's API with one key. Every call returns snapshots or raises a CardpayError."""

    def __init__(
        self,
        secret_key: str,
        *,
        api_base: str | None = None,
        send: Send | None = None,
        seconds_per_try: float = SECONDS_PER_TRY,
        read_retries: int = READ_RETRIES,
    ) -> None:
        """Call Stripe, a stand-in at the URL `api_base`, or one in this process by `send`."""
        self._http = MonitoredHttpClient(
            InProcessHttpClient(send) if send is not None else BoundedHttpClient(seconds_per_try)
        )
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=self._http,
            stripe_version=API_VERSION,
            max_network_retries=read_retries,
        )

    @property
    def reads(self) -> ReadCounter:
        """The count of read requests, retries included."""
        return self._http.reads

    @property
    def last_request_id(self) -> str | None:
        """Stripe's id of the last request of the calling thread or task."""
        return self._http.last_request_id

    @property
    def server_time(self) -> ServerTime | None:
        """The time of Stripe's last response, by its clock and by ours; None before the first."""
        return self._http.server_time

    def list_page(self, endpoint: ListEndpoint[T], query: ListQuery) -> ListPage[T]:
        """One page of a list, by one read. Raises RateLimited, which says how long to wait.

        And what `pagination.parse_page` raises.
        """
        return parse_page(endpoint, self.list_body(endpoint, query), query)

    def list_body(self, endpoint: ListEndpoint[Any], query: ListQuery) -> bytes | str:
        """The JSON of one page, for `pagination.parse_page`, by one read. Raises RateLimited."""
        with map_read_errors(), self._http.capture_body() as bodies:
            self._client.raw_request("get", endpoint.path, **query.params(endpoint.expand))
        return bodies[0] if bodies else b""

    def retrieve_account(self) -> AccountSnapshot:
        """The key's account. Raises SetupProblem for a restricted key without this permission."""
        with map_read_errors():
            return snapshot_parsing.account(self._client.v1.accounts.retrieve_current().to_dict())

    def create_payment_intent(
        self, new: NewPaymentIntent, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        """Create a card PaymentIntent. No money moves.

        Only cards are allowed: without the parameter, every payment method of the account is, and
        then Stripe rejects a confirm without a `return_url`. Since API version 2026-09-30.endive
        the parameter is `allowed_payment_method_types`, and `payment_method_types` is rejected
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
        with map_write_errors():
            made = self._client.v1.payment_intents.create(params, _options(idempotency_key))
            found = snapshot_parsing.payment_intent(made.to_dict())
            _check_key(found.metadata, new.metadata, "payment_id")
            return _asked(found, amount_minor=new.amount_minor, currency=new.currency)

    def confirm_payment_intent(
        self, payment_intent_id: str, payment_method_id: str, *, moto: bool, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        """Charge the card. `moto` marks a telephone order; only a confirm takes that parameter."""
        params: PaymentIntentConfirmParams = {
            "payment_method": payment_method_id,
            "use_stripe_sdk": True,
            "expand": ["latest_charge"],
        }
        if moto:
            params["payment_method_options"] = {"card": {"moto": True}}
        with map_write_errors(payment_intent_id):
            confirmed = self._client.v1.payment_intents.confirm(
                payment_intent_id, params, _options(idempotency_key)
            )
            return _intent(confirmed, payment_intent_id)

    def cancel_payment_intent(
        self, payment_intent_id: str, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        """Cancel a PaymentIntent. Afterwards no confirm can charge it, however late it arrives."""
        params: PaymentIntentCancelParams = {"expand": ["latest_charge"]}
        with map_write_errors(payment_intent_id):
            cancelled = self._client.v1.payment_intents.cancel(
                payment_intent_id, params, _options(idempotency_key)
            )
            return _intent(cancelled, payment_intent_id)

    def capture_payment_intent(
        self, payment_intent_id: str, amount_minor: int, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        """Capture `amount_minor` of an authorised payment. Stripe releases the rest."""
        params: PaymentIntentCaptureParams = {
            "amount_to_capture": amount_minor,
            "expand": ["latest_charge"],
        }
        with map_write_errors(payment_intent_id):
            captured = self._client.v1.payment_intents.capture(
                payment_intent_id, params, _options(idempotency_key)
            )
            return _intent(captured, payment_intent_id)

    def create_refund(self, new: NewRefund, idempotency_key: str) -> RefundSnapshot:
        """Refund `amount_minor`, in the minor unit, to the card that paid."""
        params: RefundCreateParams = {
            "payment_intent": new.payment_intent_id,
            "amount": new.amount_minor,
            "reason": new.reason,
            "metadata": dict(new.metadata),
        }
        with map_write_errors(new.payment_intent_id):
            made = self._client.v1.refunds.create(params, _options(idempotency_key))
            found = snapshot_parsing.refund(made.to_dict())
            _check_key(found.metadata, new.metadata, "refund_id")
            return _asked(
                found, payment_intent_id=new.payment_intent_id, amount_minor=new.amount_minor
            )

    def email_receipt(
        self, payment_intent_id: str, email: str, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        """Have Stripe send its receipt of a paid PaymentIntent to an address, also once more.

        With a test key Stripe sends none (Stripe docs: "Email receipts").
        """
        params: PaymentIntentUpdateParams = {"receipt_email": email, "expand": ["latest_charge"]}
        with map_write_errors(payment_intent_id):
            updated = self._client.v1.payment_intents.update(
                payment_intent_id, params, _options(idempotency_key)
            )
            return _intent(updated, payment_intent_id)

    def create_checkout_session(
        self, new: NewCheckoutSession, idempotency_key: str
    ) -> CheckoutSessionSnapshot:
        """Make a page on which a customer pays one order by card. No money moves.

        Its own metadata does not reach the PaymentIntent, which Stripe makes when the customer
        first pays, so both get it (API reference: "Create a Checkout Session").
        """
        product: Any = {"name": new.product_name}
        data: Any = {"metadata": dict(new.metadata), "description": new.description}
        if new.capture_method == "manual":
            data["capture_method"] = "manual"
        params: CheckoutSessionCreateParams = {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": new.quantity,
                    "price_data": {
                        "currency": new.currency,
                        "unit_amount": new.unit_amount_minor,
                        "product_data": product,
                    },
                }
            ],
            "allowed_payment_method_types": ["card"],
            "adaptive_pricing": {"enabled": False},  # else the customer may pay another amount
            "client_reference_id": new.payment_id,
            "metadata": dict(new.metadata),
            "payment_intent_data": data,
            "expires_at": int(new.expires_at.timestamp()),
            "success_url": new.return_url,
            "locale": "auto",
        }
        with map_write_errors():
            made = self._client.v1.checkout.sessions.create(params, _options(idempotency_key))
            return _asked(
                snapshot_parsing.checkout_session(made.to_dict()),
                client_reference_id=new.payment_id,
                amount_minor=new.unit_amount_minor * new.quantity,
                currency=new.currency,
            )

    def expire_checkout_session(
        self, session_id: str, idempotency_key: str
    ) -> CheckoutSessionSnapshot:
        """Close the page, so that nobody can pay there any more. Refused unless it is open."""
        with map_write_errors():
            expired = self._client.v1.checkout.sessions.expire(
                session_id,
                {"expand": ["payment_intent.latest_charge"]},
                _options(idempotency_key),
            )
            return _asked(
                snapshot_parsing.checkout_session(expired.to_dict()), session_id=session_id
            )

    def retrieve_checkout_session(self, session_id: str) -> CheckoutSessionSnapshot:
        """The current Checkout Session, with its PaymentIntent and the latest Charge."""
        with map_read_errors():
            found = self._client.v1.checkout.sessions.retrieve(
                session_id, {"expand": ["payment_intent.latest_charge"]}
            )
            return _asked(
                snapshot_parsing.checkout_session(found.to_dict()), session_id=session_id
            )

    def checkout_session_of(self, payment_intent_id: str) -> CheckoutSessionSnapshot | None:
        """The Checkout Session that made a PaymentIntent, as it is now; None if none did."""
        with map_read_errors():
            page = self._client.v1.checkout.sessions.list(
                {
                    "payment_intent": payment_intent_id,
                    "limit": 1,
                    "expand": ["data.payment_intent.latest_charge"],
                }
            )
            if not page.data:
                return None
            return _asked(
                snapshot_parsing.checkout_session(page.data[0].to_dict()),
                payment_intent_id=payment_intent_id,
            )

    def owner_of(self, payment_intent_id: str) -> Owner | None:
        """What a PaymentIntent belongs to at Stripe, if it can't be cancelled alone.

        It does not say so itself (SDK: neither it nor its Charge names an invoice or a Session).
        """
        with map_read_errors():
            sessions = self._client.v1.checkout.sessions.list(
                {"payment_intent": payment_intent_id, "limit": 1}
            )
            if sessions.data:
                _asked(sessions.data[0], payment_intent=payment_intent_id)
                return Owner.CHECKOUT_SESSION
            payments = self._client.v1.invoice_payments.list(
                {
                    "payment": {"type": "payment_intent", "payment_intent": payment_intent_id},
                    "limit": PAGE_SIZE,
                }
            )
            return Owner.INVOICE if any(one.is_default for one in payments.data) else None

    def list_checkout_sessions(
        self, created_from_at: datetime, created_to_at: datetime
    ) -> Iterator[CheckoutSessionSnapshot]:
        """Checkout Sessions created in the range, as `list_payment_intents`."""
        with map_read_errors():
            page = self._client.v1.checkout.sessions.list(
                {
                    "created": {
                        "gte": int(created_from_at.timestamp()),
                        "lte": int(created_to_at.timestamp()),
                    },
                    "limit": PAGE_SIZE,
                    "expand": ["data.payment_intent.latest_charge"],
                }
            )
            for found in all_of(page):
                try:
                    readable = snapshot_parsing.checkout_session(found.to_dict())
                except snapshot_parsing.PARSING_ERRORS:
                    continue
                yield readable

    def retrieve_payment_intent(self, payment_intent_id: str) -> PaymentIntentSnapshot:
        """The current PaymentIntent, with its latest Charge."""
        params: PaymentIntentRetrieveParams = {"expand": ["latest_charge"]}
        with map_read_errors():
            found = self._client.v1.payment_intents.retrieve(payment_intent_id, params)
            return _intent(found, payment_intent_id)

    def retrieve_payment_method(self, payment_method_id: str) -> PaymentMethodSnapshot:
        """The current PaymentMethod, which says which card it is before the card is charged.

        It is not retried: a caller is waiting, and the confirm is still to come.
        """
        no_retries: stripe.RequestOptions = {"max_network_retries": 0}
        with map_read_errors():
            found = self._client.v1.payment_methods.retrieve(payment_method_id, options=no_retries)
            return _asked(
                snapshot_parsing.payment_method(found.to_dict()),
                payment_method_id=payment_method_id,
            )

    def retrieve_charge(self, charge_id: str) -> ChargeSnapshot:
        """The current Charge."""
        with map_read_errors():
            found = self._client.v1.charges.retrieve(charge_id)
            return _asked(snapshot_parsing.charge(found.to_dict()), charge_id=charge_id)

    def retrieve_refund(self, refund_id: str) -> RefundSnapshot:
        """The current Refund."""
        with map_read_errors():
            found = self._client.v1.refunds.retrieve(refund_id)
            return _asked(snapshot_parsing.refund(found.to_dict()), refund_id=refund_id)

    def retrieve_dispute(self, dispute_id: str) -> DisputeSnapshot:
        """The current Dispute."""
        with map_read_errors():
            found = self._client.v1.disputes.retrieve(dispute_id)
            return _asked(snapshot_parsing.dispute(found.to_dict()), dispute_id=dispute_id)

    def retrieve_balance_transaction(
        self, balance_transaction_id: str
    ) -> BalanceTransactionSnapshot:
        """The BalanceTransaction."""
        with map_read_errors():
            found = self._client.v1.balance_transactions.retrieve(balance_transaction_id)
            return _asked(
                snapshot_parsing.balance_transaction(found.to_dict()),
                balance_transaction_id=balance_transaction_id,
            )

    def list_balance_transactions_of(self, source_id: str) -> list[BalanceTransactionSnapshot]:
        """Every BalanceTransaction that an object (a transfer, say) brought about."""
        with map_read_errors():
            page = self._client.v1.balance_transactions.list(
                {"source": source_id, "limit": PAGE_SIZE}
            )
            return [
                snapshot_parsing.balance_transaction(found.to_dict()) for found in all_of(page)
            ]

    def retrieve_payout(self, payout_id: str) -> PayoutSnapshot:
        """The current Payout."""
        with map_read_errors():
            found = self._client.v1.payouts.retrieve(payout_id)
            return _asked(snapshot_parsing.payout(found.to_dict()), payout_id=payout_id)

    def retrieve_event(self, event_id: str) -> EventSnapshot:
        """The Event as Stripe rendered it; kept 30 days (Stripe docs: "List all events")."""
        with map_read_errors():
            found = self._client.v1.events.retrieve(event_id)
            return _asked(snapshot_parsing.event(found.to_dict()), event_id=event_id)

    def find_refund(self, payment_intent_id: str, refund_id: str) -> RefundSnapshot | None:
        """The Refund of a PaymentIntent that was made with this `refund_id`; None without one.

        Another one that cannot be read is passed over.
        """
        with map_read_errors():
            page = self._client.v1.refunds.list(
                {"payment_intent": payment_intent_id, "limit": PAGE_SIZE}
            )
            for found in all_of(page):
                refund = found.to_dict()
                if (refund.get("metadata") or {}).get("refund_id") == refund_id:
                    return _asked(
                        snapshot_parsing.refund(refund), payment_intent_id=payment_intent_id
                    )
        return None

    def list_payment_intents(
        self, created_from_at: datetime, created_to_at: datetime
    ) -> Iterator[PaymentIntentSnapshot]:
        """PaymentIntents created in the range, both ends included, newest first.

        Pages of 100 are requested as the iterator advances. One that cannot be read is left out:
        it is another system's, since the desk asks for nothing that it does not know.
        """
        with map_read_errors():
            page = self._client.v1.payment_intents.list(
                {
                    "created": {
                        "gte": int(created_from_at.timestamp()),
                        "lte": int(created_to_at.timestamp()),
                    },
                    "limit": PAGE_SIZE,
                    "expand": ["data.latest_charge"],
                }
            )
            for found in all_of(page):
                try:
                    readable = snapshot_parsing.payment_intent(found.to_dict())
                except snapshot_parsing.PARSING_ERRORS:
                    continue
                yield readable


def _asked(found: T, **known: object) -> T:
    """What was answered, if it has what the object that was asked about has.

    Whoever answers something else may have lost the question: it says nothing of our object.
    """
    if any(getattr(found, name) != value for name, value in known.items()):
        raise AnotherObject
    return found


def _intent(found: stripe.PaymentIntent, payment_intent_id: str) -> PaymentIntentSnapshot:
    read = snapshot_parsing.payment_intent(found.to_dict())
    return _asked(read, payment_intent_id=payment_intent_id)


def _check_key(found: Mapping[str, str], sent: Mapping[str, str], name: str) -> None:
    """Which of our rows it was made for: there may be many of one amount."""
    if found.get(name) != sent.get(name):
        raise AnotherObject


def _options(idempotency_key: str) -> stripe.RequestOptions:
    return {"idempotency_key": idempotency_key, "max_network_retries": WRITE_RETRIES}
