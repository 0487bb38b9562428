"""Whether Stripe's events arrive, in our version, and are applied."""

from datetime import timedelta
from typing import Final

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.durations import about, ago
from cardpay.doctor.findings import Finding, fail, ok, warn
from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.stripe_account import Mode
from cardpay.domain.stripe_facts.events import EventState, fields_are_read
from cardpay.gateway.stripe_gateway import API_VERSION
from cardpay.reporting.operations.webhook_health import webhook_health
from cardpay.storage.webhooks.delivery_statistics import count_in_states, recent_webhooks

_LONG_DELAY: Final = timedelta(minutes=1)
# The worker looks every two seconds.
_LONG_WAIT: Final = timedelta(minutes=15)
_NONE_YET: Final = "No webhook has arrived yet"
_ENDPOINT: Final = "https://…/webhooks/stripe"


def secret(context: CheckContext) -> Finding:
    """Without it the endpoint is off."""
    if context.mode is Mode.DEMO:
        return ok("The simulated Stripe delivers its events by itself.")
    given = context.settings.stripe_webhook_secret
    text = given.get_secret_value().strip() if given else ""
    if not text:
        what = "STRIPE_WEBHOOK_SECRET is not set, so no event is received."
        do = f"Add an endpoint {_ENDPOINT} in Stripe's dashboard, and set its signing secret."
        return fail(what, do) if context.mode is Mode.LIVE else warn(what, do)
    if not text.startswith("whsec_"):
        return fail(
            "STRIPE_WEBHOOK_SECRET is no signing secret: those begin with whsec_.",
            "Copy the endpoint's signing secret from Stripe's dashboard, Developers, Webhooks.",
        )
    return ok("STRIPE_WEBHOOK_SECRET is set.")


def arrival(context: CheckContext) -> Finding | None:
    """When the last webhook came, and whether it should have been later."""
    store, now = context.store, context.now()
    if store is None:
        return None
    health = webhook_health(store, SYSTEM, now)
    last_at, untold_at = health.last_received_at, health.untold_at
    if context.mode is Mode.DEMO:
        return ok("Events are delivered while the demo runs.")
    do = f"Look at the endpoint {_ENDPOINT} in Stripe's dashboard: its last deliveries say why."
    silent = f"The last webhook arrived {ago(last_at, now)}" if last_at else _NONE_YET
    if untold_at is None:
        return ok(f"{silent}.")
    return warn(f"{silent}, though a card was tried at the desk {ago(untold_at, now)}.", do)


def delay(context: CheckContext) -> Finding | None:
    """How long events take from Stripe to here."""
    if context.store is None or context.mode is Mode.DEMO:
        return None
    typical = webhook_health(context.store, SYSTEM, context.now()).typical_delay
    if typical is None:
        return None
    if typical > _LONG_DELAY:
        return warn(
            f"Events typically arrive {about(typical)} after they were made.",
            "Look for errors among the endpoint's deliveries in Stripe's dashboard: Stripe tries "
            "again later and later.",
        )
    return ok(f"Events typically arrive {about(typical)} after they were made.")


def version(context: CheckContext) -> Finding | None:
    """An event in another version is not read: its object is asked for instead."""
    if context.store is None or context.mode is Mode.DEMO:
        return None
    with context.store.reading() as session:
        webhooks = recent_webhooks(session)
    if not webhooks:
        return None
    api_version = webhooks[0].api_version
    if not fields_are_read(api_version, API_VERSION):
        return warn(
            f"Events come in Stripe's version {api_version or 'unknown'}, and the desk "
            f"speaks {API_VERSION}: each costs a read.",
            f"Give the endpoint the version {API_VERSION}.",
        )
    return ok(f"Events come in the desk's version, {API_VERSION}.")


def applied(context: CheckContext) -> Finding | None:
    """What has arrived is applied at once, or kept with the reason."""
    store, now = context.store, context.now()
    if store is None:
        return None
    with store.reading() as session:
        waiting, oldest_at = count_in_states(
            session, EventState.RECEIVED, EventState.NEEDS_RETRIEVE
        )
        failed, failing_since = count_in_states(session, EventState.FAILED)
    if oldest_at is not None and now - oldest_at > _LONG_WAIT:
        return fail(
            f"{waiting:,} events wait to be applied, the oldest since {about(now - oldest_at)}.",
            "Start the desk, or a receiver: nothing seems to run.",
        )
    if failing_since is not None:
        return warn(
            f"{failed:,} events could not be applied, the oldest since "
            f"{about(now - failing_since)}. They are tried again.",
            "Read the reasons on the page Operations.",
        )
    return ok("Every event that arrived is applied.")
