"""What the doctor is shown: settings of each mode around a database."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cardpay import settings
from cardpay.doctor.check_context import CheckContext
from cardpay.doctor.findings import Finding, Level
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.services import database_account
from cardpay.storage.database.engine import Store
from tests.support.desks.worlds import World

TEST: dict[str, Any] = {
    "STRIPE_SECRET_KEY": "sk_test_51AbCdEfGhIjKlMnOp",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_51AbCdEfGhIjKlMnOp",
    "CARDPAY_SIGN_IN": "off",
}
LIVE: dict[str, Any] = {
    "STRIPE_SECRET_KEY": "rk_live_51AbCdEfGhIjKlMnOp",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_51AbCdEfGhIjKlMnOp",
}
DEMO: dict[str, Any] = {}


def context_for(
    *given: dict[str, Any], now: Callable[[], datetime] = lambda: datetime.now(UTC), **more: Any
) -> CheckContext:
    """With these settings and no others; a later one wins."""
    chosen: dict[str, Any] = {}
    for one in (*given, more):
        chosen.update(one)
    return CheckContext(settings.read(**chosen), now)


def world_context(world: World, *given: dict[str, Any], **more: Any) -> CheckContext:
    """With the world's clock, and its database, which belongs to its account."""
    claim(world.desk.store, world.desk.account)
    url = world.desk.store.engine.url.render_as_string(hide_password=False)
    return context_for(
        *(given or (TEST,)), {"CARDPAY_DATABASE_URL": url}, now=world.desk.now, **more
    )


def claim(store: Store, whose: StripeAccount) -> None:
    """The database becomes that account's, if it is new."""
    if database_account.recorded(store) is None:
        database_account.claim(store, whose)


def live_account(world: World) -> StripeAccount:
    """The world's account, with real money."""
    return StripeAccount(Mode.LIVE, world.desk.account.stripe_account_id, livemode=True)


def told(finding: Finding | None) -> tuple[Level | None, str]:
    """Level and sentence; every one that is not OK says what to do."""
    if finding is None:
        return None, ""
    assert bool(finding.do) == (finding.level is not Level.OK)
    assert finding.what.endswith((".", "…"))
    return finding.level, finding.what
