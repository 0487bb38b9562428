"""Putting the parts together, once a process: settings, database, Stripe or its stand-in."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from cardpay import settings
from cardpay.demo import past
from cardpay.domain.audit_chain import AuditKey
from cardpay.domain.errors import StartRefused
from cardpay.gateway.errors import RequestRefused, StripeUnavailable
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.gateway.webhook_verification import MalformedEvent, SignatureRefused
from cardpay.logs.log import get_logger
from cardpay.sandbox import Sandbox
from cardpay.services import account_claim
from cardpay.services.audit.heads import head_writer, write_head
from cardpay.services.desk import Books, Desk, Mode
from cardpay.services.history.reconciliation_schedule import reconciler
from cardpay.services.periodic_task import Repeating
from cardpay.services.personal_data.retention import cleaner
from cardpay.services.stripe_writes.recovery_task import recoverer
from cardpay.services.webhooks import event_processing
from cardpay.services.webhooks.backpressure import Arrivals
from cardpay.settings import Settings
from cardpay.settings.audit import VAR, audit_keys
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store, connect

_log = get_logger(__name__)

SANDBOX_MOUNT = "/sandbox"
WEBHOOK_PATH = "/webhooks/stripe"
# Stripe.js comes from Stripe itself, always (Stripe docs: "Including Stripe.js"; PCI).
STRIPE_JS = "https://js.stripe.com/v3"


@dataclass(frozen=True)
class Receiving:
    """The endpoint for events: the secret that they are signed with, and who applies them.

    `arrivals` is what the worker gives way to.
    """

    secret: str = field(repr=False)
    worker: Repeating
    arrivals: Arrivals


@dataclass(frozen=True)
class Application:
    """All that a process runs on.

    `stripe_js_url` is where the browser gets Stripe.js from; `sandbox` is there in demo mode
    alone. `receiving` is None where the endpoint for events is off. `background` runs once
    `application` has started it.
    """

    settings: Settings
    desk: Desk
    publishable_key: str
    stripe_js_url: str
    sandbox: Sandbox | None
    receiving: Receiving | None = None
    background: tuple[Repeating, ...] = ()

    def begin(self) -> None:
        """Start what runs beside."""
        write_head(self.desk.store, HeadsFile(self.settings.heads_path), self.desk.now)
        for work in self.background:
            work.start()
        if self.sandbox is not None:
            self.sandbox.webhooks.start()

    def close(self) -> None:
        """Stop what runs beside, and give back files and connections."""
        if self.sandbox is not None:
            self.sandbox.webhooks.stop()
        for work in self.background:
            work.close()
        write_head(self.desk.store, HeadsFile(self.settings.heads_path), self.desk.now)
        self.desk.store.close()
        if self.sandbox is not None:
            self.sandbox.close()


_lock = threading.Lock()
_application: Application | None = None


def application() -> Application:
    """The process's application, started at the first call; StartRefused."""
    global _application  # noqa: PLW0603 - one a process is the point
    with _lock:
        if _application is None:
            _application = start(settings.load())
            _application.begin()
            books = _application.desk.books
            _log.info("started", mode=books.mode, account=books.stripe_account_id)
        return _application


def start(chosen: Settings) -> Application:
    """Build an application; StartRefused names the setting that stands in the way."""
    keys = audit_keys(chosen)
    engine = migrated(chosen)
    try:
        if chosen.mode is Mode.DEMO:
            return _demo(chosen, engine, keys)
        return _with_keys(chosen, engine, keys)
    except BaseException:
        engine.dispose()
        raise


def migrated(chosen: Settings) -> Engine:
    """The database, brought up to date; StartRefused."""
    try:
        engine = connect(chosen.database)
        migrate.upgrade(engine)
    except Exception as error:
        raise StartRefused(
            "CARDPAY_DATABASE_URL",
            f"names a database that cannot be opened or brought up to date "
            f"({type(error).__name__}).",
        ) from error
    return engine


def _demo(chosen: Settings, engine: Engine, keys: tuple[AuditKey, ...]) -> Application:
    sandbox = Sandbox(sandbox_file(chosen))
    store = Store(engine, keys)
    gateway = StripeGateway(sandbox.secret_key, send=sandbox.handle)
    account = Books(Mode.DEMO, sandbox.account_id, livemode=False)
    is_new = account_claim.recorded(store) is None
    if is_new:
        account = past.seed(store, sandbox)
    desk = Desk(
        store,
        gateway,
        account,
        chosen.marks_telephone_orders,
        read_budget=chosen.read_budget,
        limits=chosen.limits,
    )
    if is_new:
        past.settle(desk)
    account_claim.claim(store, account)
    arrivals = Arrivals()
    applying, asking = event_processing.event_workers(desk, arrivals.give_way)
    receiving = Receiving(sandbox.webhook_secret, applying, arrivals)
    _deliver_in_process(sandbox, desk, receiving)
    return Application(
        settings=chosen,
        desk=desk,
        publishable_key=sandbox.publishable_key,
        stripe_js_url=f"{SANDBOX_MOUNT}/v3/stripe.js",
        sandbox=sandbox,
        receiving=receiving,
        background=(applying, asking, *_background(chosen, desk)),
    )


def sandbox_file(chosen: Settings) -> Path:
    """Beside the demo's database, so that both are kept, moved and deleted together."""
    url = make_url(chosen.database)
    if url.get_backend_name() == "sqlite" and url.database:
        desk_file = Path(url.database)
        return desk_file.with_name(f"{desk_file.stem}-sandbox.db")
    return VAR / "demo-sandbox.db"


def _with_keys(chosen: Settings, engine: Engine, keys: tuple[AuditKey, ...]) -> Application:
    assert chosen.stripe_secret_key is not None
    assert chosen.stripe_publishable_key is not None
    gateway = StripeGateway(
        chosen.stripe_secret_key.get_secret_value(), api_base=chosen.stripe_api_base
    )
    account_id = chosen.stripe_account or _account_id(gateway)
    store = Store(engine, keys)
    account = Books(chosen.mode, account_id, livemode=chosen.mode is Mode.LIVE)
    account_claim.claim(store, account)
    base = chosen.stripe_api_base
    desk = Desk(
        store,
        gateway,
        account,
        chosen.marks_telephone_orders,
        read_budget=chosen.read_budget,
        limits=chosen.limits,
    )
    arrivals = Arrivals()
    applying, asking = event_processing.event_workers(desk, arrivals.give_way)
    secret = _webhook_secret(chosen)
    return Application(
        settings=chosen,
        desk=desk,
        publishable_key=chosen.stripe_publishable_key,
        stripe_js_url=f"{base}/v3/stripe.js" if base else STRIPE_JS,
        sandbox=None,
        receiving=Receiving(secret, applying, arrivals) if secret else None,
        background=(applying, asking, *_background(chosen, desk)),
    )


def _deliver_in_process(sandbox: Sandbox, desk: Desk, receiving: Receiving) -> None:
    """The demo's events reach the receiver without a network: its port is not known here."""

    def deliver(_url: str, headers: Mapping[str, str], body: bytes) -> int:
        try:
            event_processing.receive(desk, receiving.secret, body, headers["Stripe-Signature"])
        except (SignatureRefused, MalformedEvent):
            return 400
        receiving.worker.wake()
        return 200

    sandbox.webhooks.add_endpoint(WEBHOOK_PATH, receiving.secret, deliver)


def _webhook_secret(chosen: Settings) -> str:
    """Empty, and a warning, when it is not set: an endpoint without a secret would be open."""
    secret = chosen.stripe_webhook_secret
    if secret is None or not secret.get_secret_value().strip():
        _log.warning(
            f"STRIPE_WEBHOOK_SECRET is not set, so {WEBHOOK_PATH} is off: fees, disputes and late "
            "changes are known only after a reconciliation."
        )
        return ""
    return secret.get_secret_value().strip()


def _background(chosen: Settings, desk: Desk) -> tuple[Repeating, ...]:
    """What the process does by itself."""
    return (
        head_writer(desk, HeadsFile(chosen.heads_path)),
        recoverer(desk, chosen.unpaid_for),
        reconciler(desk, chosen.reconcile_minutes),
        cleaner(desk, chosen.retention),
    )


def _account_id(gateway: StripeGateway) -> str:
    """Whose key it is: without knowing, two accounts' books could be mixed."""
    try:
        return gateway.retrieve_account().account_id
    except StripeUnavailable:
        raise StartRefused(
            "STRIPE_SECRET_KEY",
            "could not be checked, since Stripe does not answer: start again later, or name "
            "the account in CARDPAY_STRIPE_ACCOUNT.",
        ) from None
    except RequestRefused as refused:
        if refused.http_status == 403:
            raise StartRefused(
                "CARDPAY_STRIPE_ACCOUNT",
                "must name the account (acct_…), since the restricted key may not read it.",
            ) from None
        raise StartRefused(
            "STRIPE_SECRET_KEY", "is not accepted by Stripe: copy it again from the dashboard."
        ) from None
