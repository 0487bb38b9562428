"""The Payments page, drawn without a browser. Selecting a row is left to the browser tests."""

import re
from datetime import date, timedelta
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.personal_data.customer_identity import Customer
from cardpay.services.personal_data.erasure import erase_customer
from cardpay.services.taking.cancel_payment import cancel_payment
from components.widgets import text_fields
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT, DECLINED, SUPERVISOR, World
from tests.support.screens.table_rows import column, tables


@pytest.fixture
def screen(page_of: Drawing) -> AppTest:
    """The page over an empty desk, not drawn yet."""
    return page_of("payments.py")


def references(screen: AppTest) -> list[str]:
    """The order references in the table, from top to bottom."""
    assert not screen.exception
    return column(screen, "Order")


def test_an_empty_desk_says_so(screen: AppTest) -> None:
    """No table, no error: a sentence."""
    screen.run()
    assert [title.value for title in screen.title] == ["Payments"]
    assert "No payments yet" in screen.get("html")[-1].proto.body
    assert not tables(screen)


def test_payments_are_listed_newest_first(world: World, screen: AppTest) -> None:
    """Paid or not, each has its row."""
    world.pay(world.created(order_reference="SO-1"))
    world.created(order_reference="SO-2")
    screen.run()
    assert references(screen) == ["SO-2", "SO-1"]
    assert column(screen, "Status") == ["Awaiting card", "Succeeded"]


def test_a_payment_that_was_given_up_tells_of_its_decline(world: World, screen: AppTest) -> None:
    """It is cancelled, and it is the decline that staff look for; one without a card has none."""
    for reference, number in (("SO-1", DECLINED), ("SO-2", None)):
        payment = world.created(order_reference=reference)
        if number is not None:
            world.pay(payment, number)
        cancel_payment(world.desk, AGENT, payment.payment_id)
    screen.run()
    assert references(screen) == ["SO-2", "SO-1"]
    assert column(screen, "Status") == ["Cancelled", "Cancelled · card declined"]


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
    assert "No payments match" in screen.get("html")[-1].proto.body
    next(button for button in screen.button if button.label == "Clear filters").click().run()
    assert references(screen) == ["PO-3", "SO-2", "SO-1"]


def test_declined_payments_that_are_none_lead_to_the_attempts(
    world: World, screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same days: a card was declined, and another paid."""
    gone: list[tuple[str, object]] = []
    monkeypatch.setattr(
        "streamlit.switch_page", lambda page, query_params: gone.append((page.stem, query_params))
    )
    world.pay(world.pay(world.created(), DECLINED).payment)
    screen.query_params["from"] = "2024-02-01"
    screen.query_params["status"] = "Declined"
    screen.run()
    button = next(one for one in screen.button if "under Attempts" in one.label)
    button.click().run()
    assert not screen.exception
    assert gone == [("attempts", {"from": "2024-02-01", "status": "Declined"})]


@pytest.mark.parametrize("actor", [AGENT, SUPERVISOR], ids=["agent", "supervisor"])
def test_who_sees_not_all_is_told(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, actor: Actor
) -> None:
    """Or an order that a colleague took seems never to have been paid."""
    world.created()
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: actor)
    screen = page_of("payments.py").run()
    assert any("of the last 24 hours" in one.value for one in screen.markdown) is (actor is AGENT)
    screen.text_input[0].set_value("nobody").run()
    assert ("of the last 24 hours" in screen.get("html")[-1].proto.body) is (actor is AGENT)


def test_a_customer_is_found_by_the_last_name(world: World, screen: AppTest) -> None:
    """As callers give it."""
    world.created(order_reference="SO-1", customer_name="Padma Clegg")
    world.created(order_reference="SO-2", customer_name="Clegg Padma")
    screen.run()
    screen.text_input[0].set_value("cleg").run()
    assert references(screen) == ["SO-2", "SO-1"]


def test_a_card_number_in_the_search_is_refused(screen: AppTest) -> None:
    """The sentence does not repeat it."""
    screen.run()
    screen.text_input[0].set_value("4242 4242 4242 4242").run()
    assert "looked like a card number" in screen.error[0].value
    assert "4242" not in screen.error[0].value


def test_what_is_too_long_to_search_for_is_refused(
    screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a sentence; of what no browser sends, no more is looked at than a field takes."""
    read: list[str] = []

    def mask(text: str) -> str:
        read.append(text)
        return text

    monkeypatch.setattr(text_fields, "mask_card_numbers", mask)
    screen.run()
    screen.text_input[0].set_value("who knows " * 300).run()
    assert [one.value for one in screen.error] == ["Search must be 200 characters or fewer"]
    assert max(map(len, read)) == 2_000
    screen.text_input[0].set_value(" ".join("abcdefghijk")).run()
    assert [one.value for one in screen.error] == ["Search for 10 words or fewer"]


def test_older_and_newer_turn_the_page(
    world: World, screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """25 rows a page; another filter begins at the newest payment again."""
    for number in range(27):
        world.created(order_reference=f"SO-{number:02}")
    screen.run()
    newer, older = screen.button[-2:]
    assert (newer.disabled, older.disabled) == (True, False)
    assert references(screen)[0] == "SO-26"
    older.click().run()
    assert references(screen) == ["SO-01", "SO-00"]
    screen.button[-2].click().run()
    assert len(references(screen)) == 25
    screen.button[-1].click().run()
    screen.text_input[0].set_value("so-2").run()
    assert references(screen)[-1] == "SO-20"


def test_a_row_says_all_that_it_is_and_links_to_the_payment(world: World, screen: AppTest) -> None:
    """For a screen reader, a new tab, and whoever sees no colours."""
    made = world.created(order_reference="SO-1", customer_name="Customer One")
    payment = world.pay(made).payment
    (table,) = tables(screen.run())
    (row,) = table["rows"]
    assert row["href"] == f"/payment?payment={payment.payment_id}"
    assert row["label"].endswith(", Customer One, £120.00, Succeeded, SO-1")
    amount = row["cells"][2]
    assert (amount["text"], amount["code"]) == ("£120.00", "GBP")
    assert table["left_out"] == [
        "Items, card and taken by are on the payment's page.",
        "Order, items, card and taken by are on the payment's page.",
    ]


def test_an_erased_customer_is_said_to_be_erased(world: World, screen: AppTest) -> None:
    """In the place of the name."""
    world.pay(world.created(order_reference="SO-1"))
    erase_customer(world.desk.store, Customer(email="customer.one@example.com"), world.clock.now)
    assert column(screen.run(), "Customer") == ["Erased"]


def test_holds_that_run_out_come_first(world: World, screen: AppTest) -> None:
    """For whoever may capture them, each with the way to its page; a fresh one is not named."""
    held = world.pay(world.created(order_reference="SO-1", hold=True)).payment
    screen.run()
    assert "running out" not in str([one.value for one in screen.subheader])
    world.clock.advance(days=5, hours=1)
    screen.run()
    assert [one.value for one in screen.subheader] == ["1 hold running out"]
    shown = "".join(element.proto.body for element in screen.get("html"))
    assert f"/payment?payment={held.payment_id}" in shown
    assert "Capture by 7 Mar 2024, 12:00" in shown
    world.clock.advance(days=2)  # it has run out: nothing can be captured of it any more
    screen.run()
    assert "running out" not in str([one.value for one in screen.subheader])


def test_who_may_not_capture_is_not_told_of_holds(
    world: World, screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can do nothing about them."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: AGENT)
    world.pay(world.created(hold=True))
    world.clock.advance(days=6)
    screen.run()
    assert not screen.exception
    assert not screen.subheader


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
    assert not tables(screen)


def totals(screen: AppTest) -> str:
    """What is said above the list."""
    assert not screen.exception
    shown = [one.proto.body for one in screen.get("html") if "class='totals'" in one.proto.body]
    return re.sub(r"<style>.*?</style>|<[^>]+>", " ", "".join(shown), flags=re.DOTALL)


def test_the_totals_are_those_of_the_filter(world: World, screen: AppTest) -> None:
    """How many are found, and what was paid of them."""
    world.pay(world.created(order_reference="SO-1"))
    world.created(order_reference="SO-2")
    assert totals(screen.run()).split() == "2 payments found £120.00 GBP 1 paid".split()
    screen.multiselect[0].set_value([DisplayStatus.AWAITING_CARD]).run()
    assert totals(screen).split() == "1 payment found, none paid".split()


def test_an_address_is_a_view(world: World, screen: AppTest) -> None:
    """Days, status, amount and who; what it says is not in the books or no value is left out."""
    world.pay(world.created(order_reference="SO-1"))
    world.created(order_reference="SO-2")
    screen.query_params.update(
        {"from": "2024-02-29", "status": ["Succeeded", "Nonsense"], "amount": "100-200"}
    )
    screen.query_params.update({"taken_by": "agent-1", "brand": "nobodys", "sort": "Oldest first"})
    assert references(screen.run()) == ["SO-1"]
    assert screen.date_input[0].value == date(2024, 2, 29)
    assert screen.multiselect[0].value == [DisplayStatus.SUCCEEDED]
    assert screen.expander[0].label.startswith("Filters (")
    assert "brand" not in screen.query_params
    screen.query_params["amount"] = ["1"]
    assert references(screen.run()) == []


@pytest.mark.parametrize("of", ["currency=gbp&by=paid&brand=visa", "currency=GBP&by=Paid"])
def test_a_link_is_understood_as_it_is(world: World, screen: AppTest, of: str) -> None:
    """Nothing of it is dropped or put otherwise: that would be an entry of the history."""
    world.pay(world.created(order_reference="SO-1"))
    world.created(order_reference="SO-2")
    link = {**parse_qs(of), "from": ["2024-02-29"], "to": ["2024-02-29"]}
    screen.query_params.update(link)
    assert references(screen.run()) == ["SO-1"]
    assert {name: [said] for name, said in screen.query_params.items()} == link


def test_a_link_forgets_what_was_chosen_before(world: World, screen: AppTest) -> None:
    """What another page opens is what it says, and no more than that."""
    world.pay(world.created(order_reference="SO-1"))
    world.created(order_reference="SO-2")
    screen.run()
    screen.text_input[0].set_value("so-1").run()
    screen.query_params["status"] = ["Awaiting card"]
    assert references(screen.run()) == ["SO-2"]
    assert screen.text_input[0].value == ""


@pytest.mark.parametrize(
    ("label", "typed", "problem"),
    [
        ("Amount", "much", "must be a number"),
        ("Amount", "200-100", "must begin with the smaller number"),
        ("Last four digits", "42", "Enter the last four digits"),
    ],
)
def test_a_wrong_filter_says_so_at_its_field(
    world: World, screen: AppTest, label: str, typed: str, problem: str
) -> None:
    """Instead of a list of something else; it is not put into the address."""
    world.created()
    screen.run()
    next(field for field in screen.text_input if field.label == label).set_value(typed).run()
    assert problem in screen.error[0].value
    assert not tables(screen)
    assert not screen.query_params
    next(button for button in screen.button if button.label == "Clear filters").click().run()
    assert tables(screen)


def test_the_list_goes_to_a_day_and_back_in_any_order(world: World, screen: AppTest) -> None:
    """By amount there is no day to go to."""
    world.created(order_reference="SO-1")
    world.clock.advance(days=2)
    world.created(order_reference="SO-2")
    screen.run()
    chosen = next(field for field in screen.date_input if field.label == "Go to day")
    chosen.set_value(world.clock.now().date() - timedelta(days=1)).run()
    assert references(screen) == ["SO-1"]
    sort = next(field for field in screen.selectbox if field.label == "Sort")
    sort.set_value("Lowest amount first").run()
    assert references(screen) == ["SO-1", "SO-2"] or references(screen) == ["SO-2", "SO-1"]
    assert next(field for field in screen.date_input if field.label == "Go to day").disabled
