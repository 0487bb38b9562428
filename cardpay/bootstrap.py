"""Putting the parts together, once a process: settings, database, Stripe or its stand-in."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

from cardpay import settings
from cardpay.demo import seed_new_database
from cardpay.demo.controls.controls import Controls
from cardpay.demo.past.older_past import OlderPast
from cardpay.domain.access.sign_in import Admission
from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.exports.export_builder import ExportBuilder
from cardpay.gateway.errors import (
    ObjectUnreadable,
    RateLimited,
    RequestRefused,
    StripeUnavailable,
)
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.gateway.webhook_verification import MalformedEvent, SignatureRefused
from cardpay.identity_provider.openid_provider import OpenIdProvider
from cardpay.identity_provider.sealing import Seal
from cardpay.logs.logger import get_logger
from cardpay.sandbox import Sandbox
from cardpay.sandbox.state.home_country import UNITED_KINGDOM
from cardpay.services import database_account
from cardpay.services.access.role_checks import role_check_task
from cardpay.services.audit.write_heads import head_writer, write_head
from cardpay.services.desk import Desk
from cardpay.services.history.periodic_reconciliation import reconciler
from cardpay.services.keep_day_totals import day_totals_task
from cardpay.services.periodic_task import PeriodicTask
from cardpay.services.personal_data.remove_expired import retention_task
from cardpay.services.recovery.recovery_task import recovery_task
from cardpay.services.webhooks import event_worker
from cardpay.services.webhooks.backpressure import Backpressure
from cardpay.services.webhooks.receive_event import receive_event
from cardpay.settings import Settings
from cardpay.settings.audit import audit_keys
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.database.engine import Store
from cardpay.storage.database.migrate import open_migrated
from cardpay.storage.database.replica import open_store

_log = get_logger(__name__)

SANDBOX_MOUNT = "/sandbox"
WEBHOOK_PATH = "/webhooks/stripe"
# Stripe.js comes from Stripe itself, always (Stripe docs: "Including Stripe.js"; PCI).
STRIPE_JS = "https://js.stripe.com/v3"


@dataclass(frozen=True)
class WebhookEndpoint:
    """What receiving events needs: the secret that signs them, and the task that applies them.

    `backpressure` tells the task when events are coming in, so that it can give way to them.
    """

    secret: str = field(repr=False)
    worker: PeriodicTask
    backpressure: Backpressure


@dataclass(frozen=True)
class Application:
    """All that a process runs on.

    `stripe_js_url` is where the browser gets Stripe.js from. `sandbox` and `older_past` are None
    outside of demo mode. `webhook_endpoint` is None where no signing secret is set, and then
    events are refused. `identity_provider` is None where nobody signs in.
    """

    settings: Settings
    desk: Desk
    publishable_key: str
    stripe_js_url: str
    sandbox: Sandbox | None
    webhook_endpoint: WebhookEndpoint | None = None
    background: tuple[PeriodicTask, ...] = ()
    older_past: OlderPast | None = None
    identity_provider: OpenIdProvider | None = None

    @property
    def admission(self) -> Admission:
        """Who may sign in, and whom to ask again."""
        return replace(self.settings.admission, provider=self.identity_provider)

    @cached_property
    def exports(self) -> ExportBuilder:
        """What builds the exports that people ask this process for."""
        chosen = self.settings
        return ExportBuilder(
            self.desk,
            chosen.exports_path,
            chosen.business_zone,
            timedelta(hours=chosen.export_hours),
        )

    @property
    def demo_controls(self) -> Controls | None:
        """What a visitor of the demo can make happen; None outside of demo mode."""
        if self.sandbox is None or self.older_past is None:
            return None
        months, heads = self.settings.demo_months, self.settings.heads_path
        return Controls(self.desk, self.sandbox, self.older_past, months, heads)

    def start_background(self) -> None:
        """Start the periodic tasks, and the sandbox's webhooks."""
        self._write_audit_head()
        for task in (*self.background, self.exports.task):
            task.start()
        if self.sandbox is not None:
            self.sandbox.webhooks.start()

    def close(self) -> None:
        """Stop the background work, then close the database and the sandbox's file."""
        if self.sandbox is not None:
            self.sandbox.webhooks.stop()
        for task in (*self.background, self.exports.task):
            task.close()
        self._write_audit_head()
        self.desk.store.close()
        if self.sandbox is not None:
            self.sandbox.close()

    def _write_audit_head(self) -> None:
        """Write down where the audit log ends now, so that a cut-off end is found."""
        write_head(self.desk.store, HeadsFile(self.settings.heads_path), self.desk.now)


_lock = threading.Lock()
_application: Application | None = None


def application() -> Application:
    """The process's one application, built and started at the first call. StartRefused."""
    global _application  # noqa: PLW0603 - one a process is the point
    with _lock:
        if _application is None:
            _application = build(settings.load())
            _application.start_background()
            account = _application.desk.account
            _log.info("started", mode=account.mode, account=account.stripe_account_id)
        return _application


def build(chosen: Settings) -> Application:
    """An application whose background work is not started. StartRefused names the setting."""
    keys = audit_keys(chosen)
    store = open_store(open_migrated(chosen.database), keys, chosen.reporting_database_url)
    try:
        made = _demo(chosen, store) if chosen.mode is Mode.DEMO else _with_keys(chosen, store)
        return _with_sign_in(made)
    except BaseException:
        store.close()
        raise


def _with_sign_in(made: Application) -> Application:
    """The application, with the provider by which people sign in, if they do.

    A receiver of webhooks needs none of its settings, and commands need none either.
    """
    chosen = made.settings
    secret, cookie_secret = chosen.oidc_client_secret, chosen.oidc_cookie_secret
    needed = (chosen.oidc_issuer, chosen.oidc_client_id, chosen.oidc_redirect_uri)
    issuer, client_id, redirect_uri = needed
    if not (chosen.signs_in and issuer and client_id and redirect_uri and secret):
        return made
    if cookie_secret is None or not chosen.oidc_roles:
        return made
    provider = OpenIdProvider(
        issuer,
        client_id,
        secret.get_secret_value(),
        redirect_uri,
        chosen.oidc_groups_claim,
        Seal(cookie_secret.get_secret_value(), "tokens"),
    )
    with_provider = replace(made, identity_provider=provider)
    task = role_check_task(made.desk, with_provider.admission)
    return replace(with_provider, background=(*made.background, task))


def _demo(chosen: Settings, store: Store) -> Application:
    sandbox = Sandbox(chosen.sandbox_file, home=UNITED_KINGDOM)
    account = StripeAccount(Mode.DEMO, sandbox.account_id, livemode=False)
    gateway = StripeGateway(sandbox.secret_key, send=sandbox.handle)
    desk = _desk(chosen, store, gateway, account, sandbox.paid_page)
    if seed_new_database.is_new(store):
        seed_new_database.seed(desk, sandbox, chosen.demo_months)
    database_account.claim(store, account)
    older_past = OlderPast(desk, sandbox)
    endpoint, background = _background(chosen, desk, sandbox.webhook_secret)
    assert endpoint is not None
    _deliver_in_process(sandbox, desk, endpoint)
    return Application(
        settings=chosen,
        desk=desk,
        publishable_key=sandbox.publishable_key,
        stripe_js_url=f"{SANDBOX_MOUNT}/v3/stripe.js",
        sandbox=sandbox,
        webhook_endpoint=endpoint,
        background=(*background, older_past.task),
        older_past=older_past,
    )


def _with_keys(chosen: Settings, store: Store) -> Application:
    assert chosen.stripe_secret_key is not None
    assert chosen.stripe_publishable_key is not None
    base = chosen.stripe_api_base
    gateway = StripeGateway(chosen.stripe_secret_key.get_secret_value(), api_base=base)
    account = _account(chosen, gateway)
    database_account.claim(store, account)
    desk = _desk(chosen, store, gateway, account)
    endpoint, background = _background(chosen, desk, _webhook_secret(chosen))
    return Application(
        settings=chosen,
        desk=desk,
        publishable_key=chosen.stripe_publishable_key,
        stripe_js_url=f"{base}/v3/stripe.js" if base else STRIPE_JS,
        sandbox=None,
        webhook_endpoint=endpoint,
        background=background,
    )


def _desk(
    chosen: Settings,
    store: Store,
    gateway: StripeGateway,
    account: StripeAccount,
    paid_page: Callable[[], str] | None = None,
) -> Desk:
    """`paid_page` is where customers return to after paying by link, if no setting says so."""
    chosen_page = chosen.link_return_url
    return Desk(
        store,
        gateway,
        account,
        chosen.marks_telephone_orders,
        read_budget=chosen.read_budget,
        limits=chosen.limits,
        link_return_url=(lambda: chosen_page) if chosen_page else paid_page,
        link_lifetime=chosen.link_lifetime,
        order_prefix=chosen.order_prefix,
    )


def _background(
    chosen: Settings, desk: Desk, webhook_secret: str
) -> tuple[WebhookEndpoint | None, tuple[PeriodicTask, ...]]:
    """The endpoint for events, if there is a secret, and every periodic task.

    Events are applied without an endpoint too: those that reconciliation lists, and those that
    another process receives.
    """
    backpressure = Backpressure()
    applying, asking = event_worker.event_workers(desk, backpressure.wait_for_quiet)
    endpoint = WebhookEndpoint(webhook_secret, applying, backpressure) if webhook_secret else None
    return endpoint, (applying, asking, *_periodic_tasks(chosen, desk))


def _periodic_tasks(chosen: Settings, desk: Desk) -> tuple[PeriodicTask, ...]:
    return (
        head_writer(desk, HeadsFile(chosen.heads_path)),
        recovery_task(desk, chosen.unpaid_for),
        reconciler(desk, chosen.reconcile_minutes),
        retention_task(desk, chosen.retention),
        day_totals_task(desk, chosen.business_zone),
    )


def _deliver_in_process(sandbox: Sandbox, desk: Desk, endpoint: WebhookEndpoint) -> None:
    """Hand the demo's events to the receiver without a network: its port is not known here."""

    def deliver(_url: str, headers: Mapping[str, str], body: bytes) -> int:
        try:
            receive_event(desk, endpoint.secret, body, headers["Stripe-Signature"])
        except (SignatureRefused, MalformedEvent):
            return 400
        endpoint.worker.wake()
        return 200

    sandbox.webhooks.add_endpoint(WEBHOOK_PATH, endpoint.secret, deliver)


def _webhook_secret(chosen: Settings) -> str:
    """The signing secret; empty where none is set, and the endpoint is off."""
    secret = chosen.stripe_webhook_secret
    if secret is None or not secret.get_secret_value().strip():
        _log.warning(
            f"STRIPE_WEBHOOK_SECRET is not set, so {WEBHOOK_PATH} is off: fees, disputes and late "
            "changes are known only after a reconciliation."
        )
        return ""
    return secret.get_secret_value().strip()


def account_of(chosen: Settings) -> StripeAccount:
    """The account that the settings name: the simulated one in demo mode. StartRefused."""
    if chosen.stripe_secret_key is None:
        sandbox = Sandbox(chosen.sandbox_file, home=UNITED_KINGDOM)
        account_id = sandbox.account_id
        sandbox.close()
        return StripeAccount(Mode.DEMO, account_id, livemode=False)
    key = chosen.stripe_secret_key.get_secret_value()
    return _account(chosen, StripeGateway(key, api_base=chosen.stripe_api_base))


def _account(chosen: Settings, gateway: StripeGateway) -> StripeAccount:
    is_elsewhere = chosen.stripe_api_base is not None
    account_id = chosen.stripe_account or _account_id(gateway, is_elsewhere=is_elsewhere)
    return StripeAccount(chosen.mode, account_id, livemode=chosen.mode is Mode.LIVE)


def _account_id(gateway: StripeGateway, *, is_elsewhere: bool) -> str:
    """The account of the secret key. StartRefused: without it two accounts could be mixed.

    `is_elsewhere` says that a setting names another place than Stripe's to ask.
    """
    try:
        return gateway.retrieve_account().account_id
    except (StripeUnavailable, ObjectUnreadable) as error:
        raise StartRefused(
            "STRIPE_SECRET_KEY",
            f"could not be checked: {_what_came(error)}. Start again later, or name the account "
            "in CARDPAY_STRIPE_ACCOUNT.",
        ) from None
    except RequestRefused as refused:
        if refused.http_status == 403:
            raise StartRefused(
                "CARDPAY_STRIPE_ACCOUNT",
                "must name the account (acct_…), since the restricted key may not read it.",
            ) from None
        if refused.http_status == 401:
            problem = "is not accepted by Stripe: copy it again from the dashboard."
            raise StartRefused("STRIPE_SECRET_KEY", problem) from None
        where = " Check CARDPAY_STRIPE_API_BASE." if is_elsewhere else ""
        raise StartRefused(
            "STRIPE_SECRET_KEY",
            f"could not be checked: Stripe answered the question for its account with HTTP "
            f"{refused.http_status}.{where} If that lasts, name the account in "
            "CARDPAY_STRIPE_ACCOUNT.",
        ) from None


def _what_came(error: StripeUnavailable | ObjectUnreadable) -> str:
    """What there was instead of an account."""
    match error:
        case ObjectUnreadable():
            return "what Stripe answered is no account"
        case RateLimited():
            return "Stripe has too many requests of this account just now"
        case StripeUnavailable(reason="no reply"):
            return "Stripe does not answer"
    return f"Stripe has a problem ({error.reason})"
