"""Attempts, Refunds, Disputes and Customers, drawn without a browser."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT, SUPERVISOR, World
from tests.support.screens.table_rows import column, tables

PAGES = ("attempts", "refunds", "disputes", "customers")
DECLINED = "4000000000009995"


@pytest.fixture
def screen(page_of: Drawing) -> Callable[[str], AppTest]:
    """A page over the desk, drawn."""

    def drawn(name: str, **parameters: str) -> AppTest:
        made = page_of(f"{name}.py")
        for parameter, value in parameters.items():
            made.query_params[parameter] = value
        made.run()
        assert not made.exception
        return made

    return drawn


def _place(screen: AppTest) -> str:
    return str(screen.get("html")[-1].proto.body)


def _totals(screen: AppTest) -> str:
    """What stands above the table, without its markup."""
    (found,) = (one.proto.body for one in screen.get("html") if "class='totals'" in one.proto.body)
    return re.sub(r"<style>.*</style>|<[^>]+>", " ", found, flags=re.DOTALL).strip()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("attempts", "No cards have been tried yet."),
        ("refunds", "No refunds yet."),
        ("disputes", "No disputes."),
        ("customers", "No customers yet."),
    ],
)
def test_an_empty_list_says_so(screen: Callable[[str], AppTest], name: str, sentence: str) -> None:
    """In the table's place."""
    shown = screen(name)
    assert sentence in _place(shown)
    assert not tables(shown)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("actor", [AGENT, SUPERVISOR], ids=["agent", "supervisor"])
def test_they_are_for_who_sees_all_payments(
    page_of: Drawing, monkeypatch: pytest.MonkeyPatch, name: str, actor: Actor
) -> None:
    """An agent has the list of payments, and their own part of it."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: actor)
    shown = page_of(f"{name}.py").run()
    refused = any("You don't have access to the page" in one.value for one in shown.error)
    assert refused is (actor is AGENT)


def test_every_card_that_was_tried_is_an_attempt(
    world: World, screen: Callable[..., AppTest]
) -> None:
    """Newest first, with why it was declined; the filter's sums are above."""
    payment = world.created(order_reference="SO-1")
    world.pay(payment, DECLINED)
    world.pay(payment)
    shown = screen("attempts")
    assert column(shown, "Outcome") == ["Succeeded", "Declined"]
    assert column(shown, "Reason") == ["", "Not enough funds, insufficient_funds"]
    assert "2 attempts found" in " ".join(_totals(shown).split())
    linked = screen("attempts", status="Declined", decline_code="insufficient_funds")
    assert column(linked, "Outcome") == ["Declined"]
    assert "1 attempt found" in " ".join(_totals(linked).split())


def test_filters_that_let_nothing_through_can_be_cleared(
    world: World, screen: Callable[..., AppTest]
) -> None:
    """And the address with them."""
    world.pay(world.created(order_reference="SO-1"))
    shown = screen("attempts", status="Declined", brand="Visa", taken_by="nobody")
    assert "No attempts match" in _place(shown)
    assert "taken_by" not in shown.query_params  # there is nobody of that id
    next(one for one in shown.button if one.label == "Clear filters").click().run()
    assert column(shown, "Outcome") == ["Succeeded"]
    assert not {"status", "brand"} & set(shown.query_params)


def test_days_that_end_before_they_begin_are_said_at_their_field(
    world: World, screen: Callable[..., AppTest]
) -> None:
    """And no list is drawn of other days."""
    world.pay(world.created())
    shown = screen("attempts", **{"from": "2026-03-02", "to": "2026-03-01"})
    assert any("To must be the same day as From, or later" in one.value for one in shown.error)
    assert not tables(shown)


def test_a_customer_is_one_row_and_opens_all_their_payments(
    world: World, screen: Callable[..., AppTest]
) -> None:
    """By an address that says nothing of them."""
    first = world.created(order_reference="SO-1", customer_name="Jo Reyes",
                          customer_email="jo@example.com")  # fmt: skip
    world.pay(first)
    world.created(order_reference="SO-2", customer_name="Jo Reyes",
                  customer_email="JO@example.com")  # fmt: skip
    world.created(order_reference="SO-3", customer_name="Ade Okonjo",
                  customer_email="ade@example.com")  # fmt: skip
    shown = screen("customers")
    assert column(shown, "Customer") == ["Ade Okonjo", "Jo Reyes"]
    assert column(shown, "Payments") == ["1", "2"]
    (row,) = (row for row in tables(shown)[0]["rows"] if "Jo Reyes" in row["label"])
    assert "jo" not in row["href"].casefold().replace("/customers?customer=", "")
    of_one = screen("customers", customer=row["id"])
    assert [one.value for one in of_one.title] == ["Jo Reyes"]
    assert column(of_one, "Order") == ["SO-2", "SO-1"]
    assert any("2 payments" in one.value for one in of_one.markdown)
    shown.text_input[0].set_value("ade@").run()
    assert column(shown, "Customer") == ["Ade Okonjo"]
    assert set(shown.query_params) == set()


def test_an_unknown_customer_is_said_to_be_unknown(screen: Callable[..., AppTest]) -> None:
    """As one whose details were erased."""
    assert "their details were erased" in _place(screen("customers", customer="none"))


def test_card_data_is_not_searched_for(world: World, screen: Callable[..., AppTest]) -> None:
    """It is taken out of the field before anything looks for it."""
    world.created(customer_name="Jo Reyes")
    shown = screen("customers")
    shown.text_input[0].set_value("4242 4242 4242 4242").run()
    assert not shown.exception
    assert "4242 4242" not in str(shown.text_input[0].value)


def test_refunds_are_summed_by_who_asked(world: World, screen: Callable[..., AppTest]) -> None:
    """Once that is opened; whoever asked elsewhere can be chosen, too."""
    payment = world.created()
    world.pay(payment)
    world.refund_elsewhere(world.now_is(payment), 1_500)
    world.tell()
    shown = screen("refunds", currency="GBP")
    assert len(tables(shown)) == 1
    shown.session_state["refunds.people"] = True
    shown.run()
    people = next(one for one in tables(shown) if one["label"] == "Refunds by who asked")
    (row,) = people["rows"]
    assert [cell["text"] for cell in row["cells"]] == ["Outside this desk", "1", "£15.00"]
    assert row["href"] == "/refunds?currency=GBP&taken_by=outside"
    other = screen("refunds", taken_by="outside")
    assert other.query_params["taken_by"] == "outside"
    assert "1 refund found" in " ".join(_totals(other).split())
