"""The Payments page, drawn without a browser. Selecting a row is left to the browser tests."""

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.order import SecondPayment
from cardpay.domain.personal_data.erasure_rules import Customer
from cardpay.services.personal_data.erasure import erase_customer
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import DECLINED, World


@pytest.fixture
def screen(page_of: Drawing) -> AppTest:
    """The page over an empty desk, not drawn yet."""
    return page_of("payments.py")


def references(screen: AppTest) -> list[str]:
    """The order references in the table, from top to bottom."""
    assert not screen.exception
    return list(screen.dataframe[0].value["Order reference"]) if screen.dataframe else []


def open_payment(screen: AppTest, payment_id: str) -> AppTest:
    """The page as a link to a payment opens it."""
    screen.query_params["payment"] = payment_id
    screen.run()
    assert not screen.exception
    return screen


def written(screen: AppTest) -> str:
    """All that is written about the open payment."""
    return "\n".join(
        [element.value for element in (*screen.subheader, *screen.markdown)]
        + [element.proto.body for element in screen.get("html")]
    )


def test_an_empty_desk_says_so(screen: AppTest) -> None:
    """No table, no error: a sentence."""
    screen.run()
    assert [title.value for title in screen.title] == ["Payments"]
    assert "No payments yet" in screen.info[0].value
    assert not screen.dataframe


def test_payments_are_listed_newest_first(world: World, screen: AppTest) -> None:
    """Paid or not, each has its row."""
    world.pay(world.created(order_reference="SO-1"))
    world.created(order_reference="SO-2")
    screen.run()
    assert references(screen) == ["SO-2", "SO-1"]
    assert [list(words) for words in screen.dataframe[0].value["Status"]] == [
        ["Awaiting card"],
        ["Succeeded"],
    ]


def test_search_and_status_narrow_the_list(world: World, screen: AppTest) -> None:
    """Both at once; what matches nothing says so."""
    world.pay(world.created(order_reference="SO-1"))
    world.created(order_reference="SO-2")
    world.created(order_reference="PO-3")
    screen.run()
    screen.text_input[0].set_value("so-").run()
    assert references(screen) == ["SO-2", "SO-1"]
    screen.multiselect[0].set_value([DisplayStatus.SUCCEEDED]).run()
    assert references(screen) == ["SO-1"]
    screen.multiselect[0].set_value([DisplayStatus.PROCESSING]).run()
    assert "No payments match" in screen.info[0].value


def test_a_card_number_in_the_search_is_refused(screen: AppTest) -> None:
    """The sentence does not repeat it."""
    screen.run()
    screen.text_input[0].set_value("4242 4242 4242 4242").run()
    assert "looked like a card number" in screen.error[0].value
    assert "4242" not in screen.error[0].value


def test_older_and_newer_turn_the_page(
    world: World, screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty rows a page; another filter begins at the newest payment again."""
    for number in range(52):
        world.created(order_reference=f"SO-{number:02}")
    screen.run()
    newer, older, _ = screen.button
    assert (newer.disabled, older.disabled) == (True, False)
    assert references(screen)[0] == "SO-51"
    older.click().run()
    assert references(screen) == ["SO-01", "SO-00"]
    screen.button[0].click().run()
    assert len(references(screen)) == 50
    screen.button[1].click().run()
    screen.text_input[0].set_value("so-5").run()
    assert references(screen) == ["SO-51", "SO-50"]


def test_a_link_opens_a_payment_with_its_story(world: World, screen: AppTest) -> None:
    """Declined and then paid: both attempts, the customer, and the way to Stripe."""
    payment = world.created(order_reference="SO-7", customer_name="Customer One")
    world.pay(payment, DECLINED)
    world.pay(payment)
    words = written(open_payment(screen, payment.payment_id))
    for expected in ("£120.00", r"SO\-7", "Customer One", "Succeeded", "Payment created"):
        assert expected in words
    assert words.index("0002\\: declined") < words.index("4242\\: succeeded")
    at_stripe = f"https://dashboard.stripe.com/test/payments/{payment.payment_intent_id}"
    assert at_stripe in [link.proto.url for link in screen.get("link_button")]
    assert "Open in Take payment" not in [button.label for button in screen.button]


def test_an_erased_customer_is_said_to_be_erased(world: World, screen: AppTest) -> None:
    """In the table and in the payment; of a second payment it is said only that it is one."""
    world.pay(world.created(order_reference="SO-1", note="Ring after six"))
    more = SecondPayment("Customer One lost it", 1)
    second = world.pay(world.created(order_reference="SO-1", second_payment=more)).payment
    erase_customer(world.desk.store, Customer(email="customer.one@example.com"), world.clock.now)
    words = written(open_payment(screen, second.payment_id))
    assert list(screen.dataframe[0].value["Customer"]) == ["Erased", "Erased"]
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
    words = written(open_payment(screen, payment.payment_id))
    assert r"\[x\]\(y\)" in words
    assert "&lt;b&gt;urgent&lt;/b&gt;" in words


@pytest.mark.parametrize(
    "payment_id", ["11111111-1111-4111-8111-111111111111", "not an id"], ids=["unknown", "garbage"]
)
def test_a_wrong_link_harms_nothing(world: World, screen: AppTest, payment_id: str) -> None:
    """The list is there; an unknown payment is said to be unknown."""
    world.created(order_reference="SO-1")
    open_payment(screen, payment_id)
    assert references(screen) == ["SO-1"]
    assert len(screen.warning) == (payment_id != "not an id")


def test_who_may_not_browse_sees_nothing(
    world: World, screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page ends with its first line."""
    monkeypatch.setattr(
        "components.frame.desk_access.current_actor", lambda: Actor("n", frozenset(), "test")
    )
    world.created()
    screen.run()
    assert "have access to the page Payments" in screen.error[0].value
    assert not screen.dataframe


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
