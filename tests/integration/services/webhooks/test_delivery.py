"""From Stripe's process to the receiver's: what happens there stands here soon after."""

import json
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlmodel import select

from cardpay.domain.stripe_facts.events import EventState
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import BalanceTransaction, Payment, StripeEvent
from tests.support.desks.worlds import AUDIT_KEYS
from tests.support.processes import servers
from tests.support.processes.servers import SECRET_KEY, WEBHOOK_SECRET, StripeServer
from tests.support.processes.waiting import PATIENCE_SECONDS, wait_for


def _pay(stripe: StripeServer) -> None:
    """Somebody takes a payment in another system."""

    def ask(path: str, **fields: str) -> str:
        request = urllib.request.Request(
            f"{stripe.url}/v1/{path}",
            data=urlencode(fields).encode(),
            headers={"Authorization": f"Bearer {SECRET_KEY}"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:
            return str(json.load(reply)["id"])

    types = {"allowed_payment_method_types[0]": "card"}
    made = ask("payment_intents", amount="4200", currency="gbp", **types)
    ask(f"payment_intents/{made}/confirm", payment_method="pm_card_visa")


@pytest.mark.parametrize(
    "databases",
    [pytest.param("sqlite", marks=pytest.mark.full), "postgresql"],
    indirect=True,
    scope="session",
)
def test_over_the_network(tmp_path: Path, database_url: str) -> None:
    """Signed, stored, applied, and the fee asked for, by whichever worker has it."""
    workers = 2 if database_url.startswith("postgresql") else 1
    with servers.stripe_server(tmp_path) as stripe:
        account = StripeGateway(SECRET_KEY, api_base=stripe.url).retrieve_account()
        settings = {
            "CARDPAY_DATABASE_URL": database_url,
            "CARDPAY_STRIPE_ACCOUNT": account.account_id,
            "CARDPAY_STRIPE_API_BASE": stripe.url,
            "CARDPAY_RECONCILE_MINUTES": "0",  # or a comparison might find it first
        }
        with servers.receiver(tmp_path, workers, **settings) as receiver:
            url = f"{receiver.url}/webhooks/stripe"
            stripe.post("/_control/endpoints", {"url": url, "secret": WEBHOOK_SECRET})
            _pay(stripe)
            stripe.post("/_control/clock", {"advance_seconds": 10})
            store = Store(connect(database_url), AUDIT_KEYS)
            wait_for(
                lambda: _fees(store) and _handled(store) == 4,
                receiver.log.read_text,
            )
            with store.reading() as session:
                assert session.exec(select(Payment.status)).all() == ["succeeded"]
                assert len(session.exec(select(StripeEvent)).all()) == 4
            store.close()


def _handled(store: Store) -> int:
    with store.reading() as session:
        rows = session.exec(select(StripeEvent)).all()
    return sum(row.state == EventState.HANDLED for row in rows)


def _fees(store: Store) -> list[int]:
    with store.reading() as session:
        return list(session.exec(select(BalanceTransaction.fee_minor)))
