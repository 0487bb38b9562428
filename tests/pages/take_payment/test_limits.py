"""Limits on screen, drawn without a browser: what is said, and that nothing typed is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.errors import CardpayError
from cardpay.domain.payment.limit_rules import Limits
from cardpay.services.taking.create_payment import create_payment
from tests.pages.conftest import Drawing
from tests.support.desks import worlds
from tests.support.desks.worlds import ADMIN, AGENT, DECLINED, World, draft

TYPED = {
    "Customer name": "Customer One",
    "Customer email": "customer.one@example.com",
    "Order reference": "SO-2",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A desk that takes a payment an hour from a person, and bears two declines in a row."""
    limits = Limits(payments_per_person_per_hour=1, declines_per_person=2)
    with worlds.world(tmp_path, limits=limits) as made:
        yield made


@pytest.fixture
def take_payment(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page of an agent, not drawn yet."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: AGENT)
    return page_of("take_payment.py")


@pytest.fixture
def operations(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page of an administrator, not drawn yet."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: ADMIN)
    return page_of("operations.py")


def drawn(screen: AppTest) -> AppTest:
    """Drawn (again), without a failure."""
    screen.run()
    assert not screen.exception
    return screen


def test_a_refused_order_stays_as_it_was_typed(take_payment: AppTest, world: World) -> None:
    """The sentence says why and until when, and every field still holds what it held."""
    screen = drawn(take_payment)
    assert not screen.error
    world.pay(world.created())
    screen.selectbox[0].select("consultation")
    for label, text in TYPED.items():
        next(field for field in screen.text_input if field.label == label).input(text)
    drawn(screen)
    next(button for button in screen.button if button.label == "Pay").click()
    drawn(screen)
    (told,) = screen.error
    assert "reached your limit\\: 1 payment in the last hour" in told.value
    assert "money" not in told.value
    held = {field.label: field.value for field in screen.text_input}
    assert {label: held[label] for label in TYPED} == TYPED
    assert screen.selectbox[0].value == "consultation"
    assert len(world.intents()) == 1


def test_a_limit_is_told_before_anything_is_typed(take_payment: AppTest, world: World) -> None:
    """On a new order, and on one that waits for a card."""
    waiting = create_payment(world.desk, AGENT, draft(order_reference="SO-3"))
    for _ in range(2):
        world.pay(waiting, DECLINED)
    assert "reached your limit\\: 2 declines in a row" in drawn(take_payment).error[0].value
    take_payment.query_params["payment"] = waiting.payment_id
    assert "reached your limit\\: 2 declines" in drawn(take_payment).error[0].value


def test_operations_show_which_limits_were_reached(operations: AppTest, world: World) -> None:
    """Whose, how often, and when it works again."""
    screen = drawn(operations)
    assert any("None reached" in element.value for element in screen.markdown)
    assert not screen.dataframe
    payment = world.created()
    for _ in range(2):
        world.pay(payment, DECLINED)
    for _ in range(3):
        with pytest.raises(CardpayError):
            world.pay(payment)
    (row,) = drawn(screen).dataframe[0].value.to_dict("records")
    assert (row["Limit"], row["For"], row["Refused"]) == (
        "2 declines in a row for one person",
        "agent-1",
        "3 times",
    )
    assert "2024" in row["Ends"]
    assert any("1 in force" in element.value for element in screen.markdown)
    world.clock.advance(hours=2)
    (row,) = drawn(screen).dataframe[0].value.to_dict("records")
    assert row["Ends"] == "Ended"
