"""Keys, the account, the way to Stripe, and the two clocks."""

from typing import Final

from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.findings import Finding, fail, ok, warn
from cardpay.domain.history.stripe_read_limits import NEARLY_SPENT, month_of
from cardpay.domain.stripe_account import Mode
from cardpay.gateway.webhook_verification import TOLERANCE_SECONDS
from cardpay.sandbox.state.sqlite_store import stored_account_id
from cardpay.storage.history import monthly_read_counts

SLOW_SECONDS: Final = 3.0
# Stripe's signatures are refused beyond 300 s (Stripe docs: "Webhook signatures", tolerance);
# long before that, what happened first is told wrongly.
CLOCK_WARN_SECONDS: Final = 5.0
CLOCK_FAIL_SECONDS: Final = 60.0
_KEYS_PAGE: Final = "Stripe's dashboard, Developers, API keys"


def keys(context: CheckContext) -> Finding:
    """Which mode they are of, and whether they can do no more than they must."""
    if context.keys_problem:
        return fail(context.keys_problem, f"Copy both keys of one mode from {_KEYS_PAGE}.")
    if context.mode is Mode.DEMO:
        return ok("No keys: the desk is a demo, with Stripe simulated.")
    secret = context.settings.stripe_secret_key
    assert secret is not None
    if context.mode is Mode.LIVE and secret.get_secret_value().startswith("sk_"):
        return warn(
            "Live keys, and the secret key may do everything.",
            "Use a restricted key (rk_live_…) with the rights in docs/going-live.md.",
        )
    return ok(f"Both are {context.mode} keys.")


def reach(context: CheckContext) -> Finding | None:
    """Whether Stripe answers, and how soon."""
    if context.mode is Mode.DEMO:
        return ok("Stripe is simulated in the demo itself: no network is needed.")
    look = context.stripe
    if look is None:
        return None
    if look.unreachable:
        return fail(
            f"Stripe does not answer ({look.unreachable}).",
            "Let this machine reach api.stripe.com on port 443, and see status.stripe.com.",
        )
    if look.seconds > SLOW_SECONDS:
        return warn(
            f"Stripe took {look.seconds:.1f} s to answer.",
            "Callers wait for two such answers: look at this machine's network.",
        )
    return ok(f"Stripe answered in {look.seconds:.1f} s.")


def account(context: CheckContext) -> Finding | None:
    """Whose key it is, and whether that account may charge."""
    if context.mode is Mode.DEMO:
        return _simulated_account(context)
    look, named = context.stripe, context.settings.stripe_account
    if look is None or look.unreachable:
        return None
    if look.refused is not None:
        if look.refused.http_status == 403 and named:
            return ok(
                f"{named}, as CARDPAY_STRIPE_ACCOUNT says: the restricted key may not read its "
                "account, so whether it may charge is not known."
            )
        if look.refused.http_status == 403:
            return fail(
                "The restricted key may not read its account.",
                "Name the account (acct_…) in CARDPAY_STRIPE_ACCOUNT.",
            )
        return fail("Stripe does not accept the secret key.", f"Copy it again from {_KEYS_PAGE}.")
    assert look.account is not None
    found = look.account
    if named and named != found.account_id:
        return fail(
            f"The key belongs to {found.account_id}, and CARDPAY_STRIPE_ACCOUNT names {named}.",
            "Correct CARDPAY_STRIPE_ACCOUNT, or leave it out: the key may read its account.",
        )
    if not found.charges_enabled or found.card_payments not in {None, "active"}:
        what = f"{found.account_id} may not take card payments yet."
        do = "Complete what Stripe's dashboard asks for under Settings, Business."
        return fail(what, do) if context.mode is Mode.LIVE else warn(what, do)
    return ok(f"{found.account_id}, and it may take card payments.")


def _simulated_account(context: CheckContext) -> Finding | None:
    """The demo's two files belong together."""
    if context.other_problem or context.database.account is None:
        return None
    recorded = context.database.account.stripe_account_id
    simulated = stored_account_id(context.settings.sandbox_file)
    if simulated != recorded:
        return fail(
            "The demo's database and its simulated Stripe do not belong together.",
            "Delete both files in var/ to begin a new demo.",
        )
    return ok(f"{recorded}, simulated.")


def telephone_orders(context: CheckContext) -> Finding | None:
    """Whether live charges are marked as telephone orders (MOTO)."""
    if context.mode is not Mode.LIVE or context.other_problem:
        return None
    if context.settings.marks_telephone_orders:
        return ok("Charges are marked as telephone orders (MOTO). Stripe must have enabled it.")
    return warn(
        "Charges are not marked as telephone orders (MOTO): some cards ask for 3-D Secure, which "
        "nobody can pass by telephone.",
        "Ask Stripe to enable it for the account, then set CARDPAY_MOTO=true.",
    )


def clock(context: CheckContext) -> Finding | None:
    """How far this machine's clock is from Stripe's."""
    look = context.stripe
    if look is None or look.clock_difference_seconds is None:
        return None
    ahead = look.clock_difference_seconds
    words = f"This machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'}"
    do = "Let the system keep its time by NTP."
    if abs(ahead) > CLOCK_FAIL_SECONDS:
        return fail(
            f"{words} Stripe's: events beyond {TOLERANCE_SECONDS} s are refused as forged.",
            do,
        )
    if abs(ahead) > CLOCK_WARN_SECONDS:
        return warn(f"{words} Stripe's.", do)
    return ok("This machine's clock and Stripe's agree.")


def reads(context: CheckContext) -> Finding | None:
    """How much of the month's reads is spent."""
    store, account, budget = context.store, context.database.account, context.settings.read_budget
    if store is None or account is None or context.mode is Mode.DEMO:
        return None
    month = month_of(context.now())
    with store.reading() as session:
        spent = monthly_read_counts.counted(
            session, (account.stripe_account_id, account.livemode), month
        )
    if budget == 0:
        return ok(f"{spent:,} reads of Stripe this month, without a limit.")
    said = f"{spent:,} of {budget:,} reads of Stripe are spent this month"
    do = "Raise CARDPAY_READ_BUDGET if Stripe allots more, or CARDPAY_RECONCILE_MINUTES."
    if spent >= budget:
        return fail(f"{said}: looking back has stopped.", do)
    return warn(f"{said}.", do) if spent >= budget * NEARLY_SPENT else ok(f"{said}.")
