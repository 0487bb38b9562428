"""A desk with a Stripe of its own: real tables, the real SDK, the sandbox, a clock to turn."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.audit_chain import audit_key
from cardpay.domain.payment.limit_rules import NO_LIMITS, Limits
from cardpay.domain.payment.order import Draft, SecondPayment
from cardpay.domain.product_rules import name_key
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway.stripe_gateway import NewRefund, StripeGateway
from cardpay.sandbox import Sandbox
from cardpay.sandbox.pages.page_layout import Page
from cardpay.sandbox.webhook_sender import signature
from cardpay.services.desk import Desk
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_links.create_link import LinkMade, send_payment_link
from cardpay.services.taking.payment_view import PaymentView, view
from cardpay.services.taking.three_d_secure import PaymentResult
from cardpay.services.webhooks.event_worker import process_all_due
from cardpay.services.webhooks.receive_event import receive_event
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.database.replica import open_store
from cardpay.storage.schema.tables import Product
from tests.support.databases import migrated_sqlite
from tests.support.processes.servers import AUDIT_KEY, WEBHOOK_SECRET

AUDIT_KEYS = (audit_key(AUDIT_KEY),)

AGENT = Actor("agent-1", frozenset({Role.AGENT}), "test")
SUPERVISOR = Actor("supervisor-1", frozenset({Role.SUPERVISOR}), "test")
ADMIN = Actor("admin-1", frozenset({Role.ADMIN}), "test")
ANALYST = Actor("analyst-1", frozenset({Role.ANALYST}), "test")

VISA = "4242424242424242"
DECLINED = "4000000000000002"
CHALLENGE = "4000002500003155"


class Clock:
    """The desk's and the sandbox's time. It moves a little at each look, as time does."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._now = datetime(2024, 2, 29, 12, tzinfo=UTC)
        sandbox.clock.set(self._now)

    def now(self) -> datetime:
        """The desk's time."""
        self._now += timedelta(milliseconds=1)
        return self._now

    def advance(self, **duration: float) -> None:
        """Let time pass for both."""
        self._now += timedelta(**duration)
        self._sandbox.clock.set(self._now)


@dataclass
class World:
    """Everything a use case needs, and what a test looks at afterwards."""

    desk: Desk
    sandbox: Sandbox
    clock: Clock

    def card(self, number: str = VISA) -> str:
        """A PaymentMethod, made as the browser makes it."""
        reply = self._browser_posts(
            "/v1/payment_methods",
            {
                "type": "card",
                "card[number]": number,
                "card[exp_month]": "12",
                "card[exp_year]": "2030",
                "card[cvc]": "123",
            },
        )
        return str(reply["id"])

    def saved_card(self, number: str = VISA) -> str:
        """A PaymentMethod that some system of ours has attached to a Customer."""
        customer = self.posted("/v1/customers", {})["id"]
        path = f"/v1/payment_methods/{self.card(number)}/attach"
        return str(self.posted(path, {"customer": customer})["id"])

    def authenticate(self, taken: PaymentResult, outcome: str) -> None:
        """Complete, fail or close the challenge, as the cardholder."""
        assert taken.authentication is not None
        assert taken.payment.payment_intent_id is not None
        self._browser_posts(
            "/v1/sandbox/three_d_secure",
            {
                "payment_intent": taken.payment.payment_intent_id,
                "client_secret": taken.authentication.client_secret,
                "outcome": outcome,
            },
        )

    def created(self, **fields: Any) -> PaymentView:
        """A payment that waits for a card."""
        return create_payment(self.desk, AGENT, draft(**fields))

    def pay(self, payment: PaymentView, number: str = VISA, actor: Actor = AGENT) -> PaymentResult:
        """One press of the pay button with a card."""
        return confirm_payment(
            self.desk, actor, payment.payment_id, self.card(number), str(uuid4())
        )

    def sent_link(self, **fields: Any) -> LinkMade:
        """A link that a customer may pay by."""
        return send_payment_link(self.desk, AGENT, draft(**fields))

    def customer_pays(self, url: str, number: str = VISA) -> Page:
        """A customer types a card on the link's page; what they see then."""
        typed = {
            "email": "customer.one@example.com",
            "number": number,
            "expiry": "12 / 30",
            "cvc": "123",
            "name": "Customer One",
            "postal_code": "AB1 2CD",
        }
        return self.sandbox.page("POST", urlsplit(url).path, typed)

    def links(self) -> list[dict[str, Any]]:
        """Every Checkout Session at Stripe."""
        return self.listed("/v1/checkout/sessions?limit=100")

    def now_is(self, payment: PaymentView) -> PaymentView:
        """The payment as it is stored now."""
        return view(self.desk, payment.payment_id)

    def intents(self) -> list[dict[str, Any]]:
        """Every PaymentIntent at Stripe."""
        return self.listed("/v1/payment_intents?limit=100")

    def successful_charges(self) -> list[dict[str, Any]]:
        """Every Charge at Stripe that moved money."""
        charges = self.listed("/v1/charges?limit=100")
        return [charge for charge in charges if charge["status"] == "succeeded"]

    def refunds(self) -> list[dict[str, object]]:
        """Every Refund at Stripe, newest first."""
        return self.listed("/v1/refunds?limit=100")

    def tell(self) -> None:
        """Every event so far reaches the desk, signed, and is applied."""
        for told in reversed(self.listed("/v1/events?limit=100")):
            body = json.dumps(told).encode()
            signed = signature(body, WEBHOOK_SECRET, int(time.time()))
            receive_event(self.desk, WEBHOOK_SECRET, body, signed)
        process_all_due(self.desk)

    def refund_elsewhere(self, payment: PaymentView, amount_minor: int) -> None:
        """Somebody gives money back in Stripe's dashboard."""
        new = NewRefund(str(payment.payment_intent_id), amount_minor, "duplicate", {})
        self.desk.gateway.create_refund(new, str(uuid4()))

    def calls(self) -> list[tuple[str, str]]:
        """The method and path of every request of the server's since the last clearing."""
        return [(made.method, made.path) for made in self.sandbox.requests]

    def _browser_posts(self, path: str, fields: dict[str, str]) -> dict[str, object]:
        headers = {
            "Authorization": f"Bearer {self.sandbox.publishable_key}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        reply = self.sandbox.handle("POST", path, headers, urlencode(fields).encode())
        assert reply.status == 200, reply.body
        body: dict[str, object] = json.loads(reply.body)
        return body

    def elsewhere(
        self, number: str = VISA, *, metadata: dict[str, str] | None = None, **fields: str
    ) -> str:
        """The id of a PaymentIntent that another system made, and paid with a card."""
        asked = {
            "amount": "4200",
            "currency": "gbp",
            "allowed_payment_method_types[0]": "card",
            "confirm": "true",
            "payment_method": self.card(number),
            **{f"metadata[{name}]": value for name, value in (metadata or {}).items()},
            **fields,
        }
        made = self.posted("/v1/payment_intents", asked)
        return str((made.get("error") or {"payment_intent": made})["payment_intent"]["id"])

    def posted(self, path: str, fields: dict[str, str]) -> dict[str, Any]:
        """What another system with the secret key asks of Stripe; the body, errors included."""
        headers = {
            "Authorization": f"Bearer {self.sandbox.secret_key}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        reply = self.sandbox.handle("POST", path, headers, urlencode(fields).encode())
        body: dict[str, Any] = json.loads(reply.body)
        return body

    def listed(self, target: str) -> list[dict[str, Any]]:
        """What Stripe lists there."""
        headers = {"Authorization": f"Bearer {self.sandbox.secret_key}"}
        reply = self.sandbox.handle("GET", target, headers, b"")
        found: list[dict[str, Any]] = json.loads(reply.body)["data"]
        return found


def draft(
    *,
    payment_id: str | None = None,
    product_id: str = "consultation",
    quantity: int = 1,
    order_reference: str = "SO-1",
    second_payment: SecondPayment | None = None,
    hold: bool = False,
    is_numbered: bool = False,
    **texts: object,
) -> Draft:
    """An order as a caller gives it."""
    return Draft(
        payment_id=payment_id or str(uuid4()),
        product_id=product_id,
        quantity=quantity,
        customer_name=str(texts.get("customer_name", "Customer One")),
        customer_email=str(texts.get("customer_email", "customer.one@example.com")),
        customer_phone=str(texts.get("customer_phone", "")),
        order_reference=order_reference,
        note=str(texts.get("note", "")),
        second_payment=second_payment,
        hold=hold,
        is_numbered=is_numbered,
    )


PRODUCTS = (
    ("consultation", "Consultation", 12_000, "gbp"),
    ("seat", "Workshop seat", 18_000, "jpy"),
    ("inspection", "Inspection", 45_500, "kwd"),
)


def add_products(store: Store, at: datetime) -> None:
    """Something on sale in each kind of currency."""
    with store.transaction() as session:
        for position, (product_id, name, unit_amount_minor, currency) in enumerate(PRODUCTS):
            session.add(
                Product(
                    id=product_id,
                    name=name,
                    name_key=name_key(name),
                    unit_amount_minor=unit_amount_minor,
                    currency=currency,
                    position=position,
                    created_at=at,
                )
            )


@contextmanager
def world(
    folder: Path,
    *,
    database_url: str | None = None,
    moto: bool = False,
    moto_right: bool = True,
    limits: Limits = NO_LIMITS,
    replica_url: str | None = None,
) -> Iterator[World]:
    """A new world. Its database is an SQLite file in `folder`, unless a migrated one is given.

    With `migrated_sqlite.IN_MEMORY` it is one in memory.
    """
    if database_url == migrated_sqlite.IN_MEMORY:
        engine = migrated_sqlite.in_memory()
    else:
        engine = connect(database_url or migrated_sqlite.file(folder / "desk.db"))
    sandbox = Sandbox(None, moto=moto_right)
    clock = Clock(sandbox)
    store = open_store(engine, AUDIT_KEYS, replica_url)
    add_products(store, clock.now())
    desk = Desk(
        store=store,
        gateway=StripeGateway(sandbox.secret_key, send=sandbox.handle),
        account=StripeAccount(Mode.TEST, sandbox.account_id, livemode=False),
        moto=moto,
        now=clock.now,
        limits=limits,
        link_return_url=sandbox.paid_page,
    )
    try:
        yield World(desk, sandbox, clock)
    finally:
        store.close()
        sandbox.close()
