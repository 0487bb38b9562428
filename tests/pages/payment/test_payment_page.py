"""A payment's own page, drawn without a browser."""

from dataclasses import replace
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.money import Money
from cardpay.domain.payment.order import SecondPayment
from cardpay.domain.personal_data.customer_identity import Customer
from cardpay.domain.stripe_account import Mode
from cardpay.reporting.customers.customers_list import customers_page
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payments_list import payments_page
from cardpay.reporting.payments.possible_duplicates import payment_of_order
from cardpay.services.after_payment.captures import capture_payment
from cardpay.services.after_payment.notes import add_note
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.personal_data.erasure import erase_customer
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.refresh_payment import refresh_payment
from components.take_payment import auto_refresh
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT, ANALYST, DECLINED, SUPERVISOR, World, draft
from tests.support.screens.payment_action_screens import press, told, written
from tests.support.screens.table_rows import column


@pytest.fixture
def screen(page_of: Drawing) -> AppTest:
    """The page over an empty desk, not drawn yet."""
    return page_of("payment.py")


def open_payment(screen: AppTest, payment_id: str) -> AppTest:
    """The page as a link to a payment opens it."""
    screen.query_params["payment"] = payment_id
    screen.run()
    assert not screen.exception
    return screen


def test_a_link_opens_a_payment_with_its_story(world: World, screen: AppTest) -> None:
    """Declined and then paid: both attempts, the customer, and the way to Stripe."""
    payment = world.created(order_reference="SO-7", customer_name="Customer One")
    world.pay(payment, DECLINED)
    world.pay(payment)
    words = written(open_payment(screen, payment.payment_id))
    for expected in ("£120.00", "SO-7", "Customer One", "Succeeded", "Payment created"):
        assert expected in words
    assert words.index("4242: succeeded") < words.index("0002: declined")  # newest first
    at_stripe = f"https://dashboard.stripe.com/test/payments/{payment.payment_intent_id}"
    assert at_stripe in [link.proto.url for link in screen.get("link_button")]
    assert "Open in Take payment" not in [button.label for button in screen.button]


def test_what_was_given_up_after_a_decline_says_so(world: World, screen: AppTest) -> None:
    """The status is Cancelled, with its icon."""
    payment = world.pay(world.created(order_reference="SO-7"), DECLINED).payment
    cancel_payment(world.desk, AGENT, payment.payment_id)
    open_payment(screen, payment.payment_id)
    assert "Cancelled · card declined" in written(screen)
    assert told(screen).startswith("The card was declined, and nothing was charged.")


def test_a_create_without_an_answer_is_no_charge_in_doubt(world: World, screen: AppTest) -> None:
    """No card was sent for it, and Take payment says so too."""
    world.sandbox.faults.add("drop_before", method="POST", path="/v1/payment_intents", times=9)
    payment = world.created(order_reference="SO-7")
    said = told(open_payment(screen, payment.payment_id))
    assert "No card was sent, so nothing was charged" in said
    assert "Don't charge again" not in said


def test_the_net_of_a_refund_is_told_once_it_is_known(
    world: World, screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then it is being updated, and the page looks again by itself."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: SUPERVISOR)
    payment = world.pay(world.created(order_reference="SO-7")).payment
    world.clock.advance(minutes=1)
    world.tell()
    before = written(open_payment(screen, payment.payment_id))
    assert "Updating" not in before
    refund_payment(world.desk, SUPERVISOR, payment.payment_id, 2_000, "duplicate", str(uuid4()))
    assert "Updating" in written(screen.run())
    redrawn: list[bool] = []
    monkeypatch.setattr("streamlit.rerun", lambda: redrawn.append(True))
    auto_refresh._refresh_settled(world.desk, payment.payment_id)
    assert redrawn == []
    world.clock.advance(minutes=1)
    world.tell()
    auto_refresh._refresh_settled(world.desk, payment.payment_id)
    assert redrawn == [True]
    after = written(screen.run())
    assert "Updating" not in after
    assert after != before


def test_an_erased_customer_is_said_to_be_erased(world: World, screen: AppTest) -> None:
    """Of a second payment it is said only that it is one."""
    world.pay(world.created(order_reference="SO-1", note="Ring after six"))
    more = SecondPayment("Customer One lost it", 1)
    second = world.pay(world.created(order_reference="SO-1", second_payment=more)).payment
    erase_customer(world.desk.store, Customer(email="customer.one@example.com"), world.clock.now)
    words = written(open_payment(screen, second.payment_id))
    assert "<dd>Erased, " in words
    assert "Payment 2: reason erased" in words
    assert "Customer details erased" in words
    assert "Customer One" not in words
    assert "example.com" not in words


def test_an_unpaid_payment_leads_back_to_its_form(world: World, screen: AppTest) -> None:
    """There another card may be tried."""
    payment = world.created()
    open_payment(screen, payment.payment_id)
    assert "Open in Take payment" in [button.label for button in screen.button]


def test_what_somebody_typed_is_not_markup(world: World, screen: AppTest) -> None:
    """Neither Markdown nor HTML from an order reaches the screen as such."""
    payment = world.created(order_reference="[x](y)", note="<b>urgent</b>")
    open_payment(screen, payment.payment_id)
    drawn = "".join(element.proto.body for element in screen.get("html"))
    assert "Order [x](y)" in drawn
    assert "&lt;b&gt;urgent&lt;/b&gt;" in drawn
    assert "<b>urgent" not in drawn


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("11111111-1111-4111-8111-111111111111", "Payment not found."),
        ("not an id", "Payment not found."),
        ("pi_unknown", "Payment not found."),
        ("", "This link names no payment."),
    ],
)
def test_a_wrong_link_says_so(world: World, screen: AppTest, given: str, sentence: str) -> None:
    """In a sentence, with what to do."""
    world.created()
    open_payment(screen, given)
    assert screen.warning[0].value.startswith(sentence)
    assert "earch in Payments" in screen.warning[0].value


def test_a_second_payment_of_an_order_says_so(world: World, screen: AppTest) -> None:
    """Beneath the amount, as in the list."""
    first = world.pay(world.created(order_reference="SO-7")).payment
    again = SecondPayment("Two boilers", first.order_sequence)
    second = world.created(order_reference="SO-7", second_payment=again)
    assert "Order SO-7 · Payment 2" in written(open_payment(screen, second.payment_id))
    assert "Payment 2" not in written(open_payment(screen, first.payment_id))


def test_it_opens_by_stripes_id(world: World, screen: AppTest) -> None:
    """As it stands in Stripe's dashboard."""
    payment = world.created(order_reference="SO-7")
    words = written(open_payment(screen, str(payment.payment_intent_id)))
    assert "Order SO-7" in words


def test_a_colleagues_old_payment_is_not_there(
    world: World, screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By neither id; and it is no other payment of the customer's for an agent."""
    theirs = Actor("agent-2", frozenset({Role.AGENT}), "test")
    old = world.created(order_reference="SO-1")
    world.clock.advance(hours=25)
    new = create_payment(world.desk, theirs, draft(order_reference="SO-2"))
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: theirs)
    for given in (old.payment_id, str(old.payment_intent_id)):
        open_payment(screen, given)
        assert screen.warning[0].value.startswith("Payment not found.")
    assert "Other payments" not in written(open_payment(screen, new.payment_id))
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: SUPERVISOR)
    assert f"/payment?payment={old.payment_id}" in written(open_payment(screen, new.payment_id))


@pytest.mark.parametrize(
    ("fields", "is_same"),
    [
        ({"customer_name": "X", "customer_email": "CUSTOMER.ONE@example.com"}, True),
        (
            {
                "customer_name": "X",
                "customer_email": "x@example.com",
                "customer_phone": "07700 900 265",
            },
            True,
        ),
        ({"customer_name": "customer one", "customer_email": "x@example.com"}, True),
        ({"customer_name": "Customer Onely", "customer_email": "x@example.com"}, False),
    ],
    ids=["email", "phone", "name", "another"],
)
def test_the_customers_other_payments(
    world: World, screen: AppTest, fields: dict[str, str], is_same: bool
) -> None:
    """By e-mail address, phone number or name, however they are written."""
    payment = world.created(order_reference="SO-1", customer_phone="(07700) 900265")
    other = world.created(order_reference="SO-2", **fields)
    words = written(open_payment(screen, payment.payment_id))
    assert (f"/payment?payment={other.payment_id}" in words) is is_same


def test_the_money_comes_first(world: World, screen: AppTest) -> None:
    """What was paid and refunded, by whom and why; fees are said to be unknown until they are."""
    paid = world.pay(world.created()).payment
    refund_payment(world.desk, SUPERVISOR, paid.payment_id, 2_000, "duplicate", str(uuid4()))
    words = written(open_payment(screen, paid.payment_id))
    assert "<dt>Paid</dt><dd><div class='v'><span class='amt'>£120.00<i>GBP</i>" in words
    assert "<dt>Refunded</dt><dd><div class='v'><span class='amt'>−£20.00<i>GBP</i>" in words
    assert "Partially refunded" in words
    for told_of_it in ("Duplicate", "supervisor-1", "Not needed", "Not known yet"):
        assert told_of_it in words
    assert "£100.00 available to refund" in words


def test_the_card_has_its_checks(world: World, screen: AppTest) -> None:
    """In words; none before a card was tried."""
    payment = world.created()
    assert "<dt>Risk</dt>" not in written(open_payment(screen, payment.payment_id))
    world.pay(payment)
    words = written(open_payment(screen, payment.payment_id))
    assert "<dt>Security code</dt><dd>Matches</dd>" in words
    assert "<dt>Postal code</dt><dd>Not given</dd>" in words
    assert "<dt>Risk</dt><dd>Normal" in words


def test_a_note_is_added(world: World, screen: AppTest) -> None:
    """It is in the timeline, and the form is empty again; card data never is."""
    payment = world.created()
    open_payment(screen, payment.payment_id)
    screen.text_area[0].set_value("Rings back at six").run()
    press(screen, "Save note")
    words = written(screen)
    assert "Note by desk" in words
    assert "<small>Rings back at six</small>" in words
    found = PaymentFilter(search="rings six")
    assert list(payments_page(world.desk.store, ANALYST, found).frame.index) == [
        payment.payment_id
    ]
    assert screen.text_area[0].value == ""
    screen.text_area[0].set_value("4242 4242 4242 4242").run()
    press(screen, "Save note")
    assert "4242 4242" not in written(screen)


def test_an_analyst_reads_notes(
    world: World, screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And writes none."""
    payment = world.created()
    add_note(world.desk, SUPERVISOR, payment.payment_id, "Rings back", str(uuid4()))
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: ANALYST)
    words = written(open_payment(screen, payment.payment_id))
    assert "Rings back" in words
    assert not screen.text_area


@pytest.mark.parametrize("mode", [Mode.TEST, Mode.DEMO])
def test_a_dispute_is_answered_at_stripe(
    world: World, page_of: Drawing, screen: AppTest, mode: Mode
) -> None:
    """The demo shows the place, on both pages, and leads to no dashboard that is not there."""
    disputed = world.pay(world.created(), "4000000000000259").payment
    world.clock.advance(seconds=10)
    world.sandbox.run_due()
    world.tell()
    object.__setattr__(world.desk, "account", replace(world.desk.account, mode=mode))
    open_payment(screen, disputed.payment_id)
    links = [one.proto.label for one in screen.get("link_button")]
    disabled = [one.label for one in screen.button if one.disabled]
    assert ("Respond in Stripe" in links) is (mode is Mode.TEST)
    assert ("Respond in Stripe" in disabled) is (mode is Mode.DEMO)
    assert ("no dashboard" in written(screen)) is (mode is Mode.DEMO)
    listed = column(page_of("disputes.py").run(), "At Stripe")
    assert listed == (["Respond"] if mode is Mode.TEST else ["Simulated"])


def test_a_hold_says_until_when_and_then_what_happened(world: World, screen: AppTest) -> None:
    """Capture by …; captured in part; or run out."""
    held = world.pay(world.created(order_reference="SO-1", hold=True)).payment
    open_payment(screen, held.payment_id)
    assert "Capture it by 7 Mar 2024, 12:00" in told(screen)
    capture_payment(world.desk, SUPERVISOR, held.payment_id, 5_000, str(uuid4()))
    words = written(open_payment(screen, held.payment_id))
    assert "£50.00 of £120.00, £70.00 released" in words
    lost = world.pay(world.created(order_reference="SO-2", hold=True)).payment
    world.clock.advance(days=8)
    refresh_payment(world.desk, AGENT, lost.payment_id)
    words = written(open_payment(screen, lost.payment_id))
    assert "The hold of £120.00 ran out on" in told(screen)
    assert "The hold of £120.00 ran out and was released" in words


def test_a_hold_is_shown_by_what_was_taken_of_it(world: World, screen: AppTest) -> None:
    """On its page, in the list and to the next caller; what was refunded was not paid."""
    held = world.pay(world.created(order_reference="SO-1", hold=True)).payment
    store, now, zone = world.desk.store, world.clock.now(), ZoneInfo("Europe/London")

    def listed() -> list[str]:
        return list(payments_page(store, ANALYST, now=now, zone=zone).frame["Amount"])

    assert listed() == ["£120.00"]
    capture_payment(world.desk, SUPERVISOR, held.payment_id, 5_000, str(uuid4()))
    refund_payment(world.desk, SUPERVISOR, held.payment_id, 2_000, "duplicate", str(uuid4()))
    assert "<h1>£50.00 <i>GBP</i></h1>" in written(open_payment(screen, held.payment_id))
    assert listed() == ["£50.00"]
    earlier = payment_of_order(
        store, world.desk.account, AGENT, "SO-1", draft_id=str(uuid4()), now=now
    )
    assert earlier is not None
    assert earlier.details is not None
    assert earlier.details.amount == Money(5_000, "gbp")
    assert list(customers_page(store, ANALYST, zone).frame["Paid"]) == ["£30.00"]


def test_what_no_person_did_is_folded_away(world: World, screen: AppTest) -> None:
    """With the number of it."""
    paid = world.pay(world.created()).payment
    open_payment(screen, paid.payment_id)
    assert [one.label for one in screen.expander] == ["Add note", "2 technical events"]


def test_an_onlooker_sees_the_outcome_and_sends_nothing(world: World, screen: AppTest) -> None:
    """The payment that is being checked comes to its end on the screen by itself."""
    payment = world.created()
    world.sandbox.faults.add("timeout_before", path="*/confirm", times=2)
    world.pay(payment)
    world.clock.advance(seconds=30)
    world.sandbox.clear_requests()
    open_payment(screen, payment.payment_id)
    assert "Checking with Stripe" in written(screen)
    assert [method for method, _ in world.calls()] == ["GET"]
    world.clock.advance(minutes=2)
    screen.run()
    assert not screen.exception
    assert "Not charged" in written(screen)
    assert world.successful_charges() == []
