"""Keys, account, reach and clock, in each of their outcomes."""

import re
from pathlib import Path
from typing import Any

import pytest

from cardpay import bootstrap
from cardpay.doctor.check_context import StripeProbe
from cardpay.doctor.checks import stripe_checks
from cardpay.doctor.findings import Level
from cardpay.domain.stripe_facts.snapshots import AccountSnapshot
from cardpay.storage.history import monthly_read_counts
from tests.integration.doctor.check_contexts import (
    DEMO,
    LIVE,
    TEST,
    context_for,
    told,
    world_context,
)
from tests.support.desks.worlds import World
from tests.support.processes.http_stand_in import StandIn, stand_in
from tests.support.processes.servers import StripeServer, free_port

pytestmark = pytest.mark.one_database

OK, WARN, FAIL = Level.OK, Level.WARN, Level.FAIL
UNRESTRICTED = {**LIVE, "STRIPE_SECRET_KEY": "sk_live_51AbCdEfGhIjKlMnOp"}


def refusal(status: int) -> StandIn:
    """Stripe refuses to tell the account."""
    error = {"type": "invalid_request_error", "message": "No."}
    return StandIn(status, {"error": error})


def account(**facts: Any) -> StandIn:
    """Stripe tells of an account."""
    return StandIn(body={"id": "acct_1", "object": "account", "charges_enabled": True, **facts})


@pytest.mark.parametrize(
    ("given", "level", "words"),
    [
        pytest.param(DEMO, OK, "No keys: the desk is a demo", id="none"),
        pytest.param(TEST, OK, "Both are test keys.", id="test"),
        pytest.param(LIVE, OK, "Both are live keys.", id="live"),
        pytest.param(UNRESTRICTED, WARN, "may do everything", id="live and unrestricted"),
        pytest.param(
            {**TEST, "STRIPE_SECRET_KEY": "sk_test_xxxxxxxxxxxxxxxx"},
            FAIL,
            "looks like a placeholder",
            id="placeholder",
        ),
        pytest.param(
            {**TEST, "STRIPE_PUBLISHABLE_KEY": LIVE["STRIPE_PUBLISHABLE_KEY"]},
            FAIL,
            "is a live key while STRIPE_SECRET_KEY is a test key",
            id="two modes",
        ),
        pytest.param(
            {**TEST, "STRIPE_PUBLISHABLE_KEY": None}, FAIL, "is missing", id="one is missing"
        ),
    ],
)
def test_keys(given: dict[str, Any], level: Level, words: str) -> None:
    """Their mode, what they may do, and what is wrong with them."""
    found = told(stripe_checks.keys(context_for(given)))
    assert found[0] is level
    assert words in found[1]


def test_stripe_is_reached(stripe: StripeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Soon enough, or slowly."""
    context = context_for(TEST, CARDPAY_STRIPE_API_BASE=stripe.url)
    level, words = told(stripe_checks.reach(context))
    assert (level, words.startswith("Stripe answered in ")) == (OK, True)
    monkeypatch.setattr(stripe_checks, "SLOW_SECONDS", 0.0)
    assert told(stripe_checks.reach(context))[0] is WARN


@pytest.mark.parametrize(
    ("status", "reason"), [(None, "no reply"), (500, "HTTP 500"), (429, "too many requests")]
)
def test_stripe_is_not_reached(status: int | None, reason: str) -> None:
    """Nobody listens, or there is no answer to work with; the account is then not judged."""
    with stand_in(StandIn(status or 200, {"error": {}})) as there:
        base = there.url if status else f"http://127.0.0.1:{free_port()}"
        context = context_for(TEST, CARDPAY_STRIPE_API_BASE=base)
        assert told(stripe_checks.reach(context)) == (FAIL, f"Stripe does not answer ({reason}).")
        assert stripe_checks.account(context) is None


def test_the_demo_needs_no_stripe() -> None:
    """It brings its own."""
    assert told(stripe_checks.reach(context_for(DEMO)))[0] is OK
    assert stripe_checks.clock(context_for(DEMO)) is None


def test_a_live_key_is_sent_to_no_stand_in() -> None:
    """Settings that are refused are not tried out."""
    with stand_in(account()) as there:
        context = context_for(LIVE, CARDPAY_STRIPE_API_BASE=there.url)
        assert stripe_checks.reach(context) is None
        assert stripe_checks.account(context) is None
        assert there.asked == []


NAMED = {"CARDPAY_STRIPE_ACCOUNT": "acct_1"}


@pytest.mark.parametrize(
    ("answer", "given", "level", "words"),
    [
        pytest.param(account(), {}, OK, "acct_1, and it may take", id="fine"),
        pytest.param(account(), NAMED, OK, "acct_1, and it may take", id="named"),
        pytest.param(
            account(id="acct_2"), NAMED, FAIL, "belongs to acct_2, and", id="named wrongly"
        ),
        pytest.param(refusal(401), {}, FAIL, "does not accept the secret key", id="refused"),
        pytest.param(refusal(403), {}, FAIL, "may not read its account", id="may not read"),
        pytest.param(refusal(403), NAMED, OK, "acct_1, as CARDPAY_STRIPE", id="restricted"),
        pytest.param(
            account(charges_enabled=False), {}, WARN, "may not take card", id="no charges"
        ),
        pytest.param(
            account(capabilities={"card_payments": "inactive"}), {}, WARN, "may not", id="no cards"
        ),
    ],
)
def test_account(answer: StandIn, given: dict[str, str], level: Level, words: str) -> None:
    """Whose it is, whether the key may read it, and whether it may charge."""
    with stand_in(answer) as there:
        context = context_for(TEST, given, CARDPAY_STRIPE_API_BASE=there.url)
        found = told(stripe_checks.account(context))
    assert (found[0], words in found[1]) == (level, True)


def test_a_live_account_that_may_not_charge_fails() -> None:
    """There the desk would be of no use."""
    context = context_for(LIVE)
    context.__dict__["stripe"] = StripeProbe(0.1, AccountSnapshot("acct_1", "IE", None, False))
    assert told(stripe_checks.account(context))[0] is FAIL


def test_the_sandbox_is_an_account_that_may_charge(stripe: StripeServer) -> None:
    """As Stripe renders one."""
    context = context_for(TEST, CARDPAY_STRIPE_API_BASE=stripe.url)
    assert told(stripe_checks.account(context))[0] is OK
    assert told(stripe_checks.clock(context)) == (OK, "This machine's clock and Stripe's agree.")


@pytest.mark.parametrize(
    ("ahead_seconds", "level", "words"),
    [
        (-90, FAIL, "ahead of Stripe's: events beyond 300 s are refused"),
        (-20, WARN, "ahead of Stripe's."),
        (-2, OK, "agree"),
        (0, OK, "agree"),
        (2, OK, "agree"),
        (20, WARN, "behind Stripe's."),
        (90, FAIL, "behind Stripe's: events beyond 300 s are refused"),
    ],
)
@pytest.mark.parametrize("status", [200, 403], ids=["told", "refused"])
def test_clock(ahead_seconds: int, level: Level, words: str, status: int) -> None:
    """From any answer's Date, also of a key that may not read its account."""
    answer = account() if status == 200 else refusal(status)
    answer.clock_ahead_seconds = ahead_seconds
    with stand_in(answer) as there:
        found = told(stripe_checks.clock(context_for(TEST, CARDPAY_STRIPE_API_BASE=there.url)))
    assert found[0] is level
    said = re.search(r"(\d+) s (?=ahead|behind)", found[1])
    assert words in (found[1].replace(said[0], "") if said else found[1])
    # The answer's Date has whole seconds, and takes a while to come.
    assert said is None or abs(int(said[1]) - abs(ahead_seconds)) < 10


@pytest.mark.parametrize(
    ("spent", "budget", "level"),
    [(0, 100, OK), (79, 100, OK), (80, 100, WARN), (100, 100, FAIL), (500, 0, OK)],
)
def test_reads(world: World, spent: int, budget: int, level: Level) -> None:
    """How much of the month is left, if there is a limit."""
    context = world_context(world, CARDPAY_READ_BUDGET=budget)
    with world.desk.store.transaction() as session:
        of = (world.desk.account.stripe_account_id, False)
        monthly_read_counts.add(session, of, "2024-02", spent)
        monthly_read_counts.add(session, of, "2024-01", 10_000)
    found = told(stripe_checks.reads(context))
    assert (found[0], f"{spent:,} " in found[1]) == (level, True)
    context.close()


def test_the_demos_two_files_belong_together(tmp_path: Path) -> None:
    """One without the other, or with another's, is said."""
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    context = context_for(DEMO, CARDPAY_DATABASE_URL=url)
    assert stripe_checks.account(context) is None
    bootstrap.build(context.settings).close()
    good = context_for(DEMO, CARDPAY_DATABASE_URL=url)
    assert told(stripe_checks.account(good))[0] is OK
    (tmp_path / "demo-sandbox.db").unlink()
    alone = context_for(DEMO, CARDPAY_DATABASE_URL=url)
    assert told(stripe_checks.account(alone))[0] is FAIL
    assert not (tmp_path / "demo-sandbox.db").exists()


@pytest.mark.parametrize(
    ("given", "level", "words"),
    [
        pytest.param(LIVE, WARN, "some cards ask for 3-D Secure", id="not set"),
        pytest.param({**LIVE, "CARDPAY_MOTO": True}, OK, "Stripe must have enabled it", id="set"),
        pytest.param({**TEST, "CARDPAY_MOTO": False}, None, "", id="test mode"),
    ],
)
def test_telephone_orders(given: dict[str, Any], level: Level | None, words: str) -> None:
    """What follows for callers with real cards."""
    found = told(stripe_checks.telephone_orders(context_for(given)))
    assert (found[0], words in found[1]) == (level, True)
