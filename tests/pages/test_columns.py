"""Which columns a list shows is chosen on its page, and kept for whoever chose."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.column_rules import ListName
from cardpay.reporting.payments.payments_list import Paging, payments_page
from cardpay.services.column_choices import choose_columns, chosen_columns
from components.balance.payout_table import payout_columns
from components.frame import desk_access
from components.lists.attempt_table import attempt_columns
from components.lists.customer_table import customer_columns
from components.lists.refund_table import refund_columns
from components.payments.payment_rows import payment_columns
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import SUPERVISOR, World
from tests.support.screens.due_rerun import rerun_due_at_each_press
from tests.support.screens.table_rows import column, tables


def _heads(screen: AppTest) -> list[str]:
    assert not screen.exception
    (table,) = tables(screen)
    return [one["label"] for one in table["columns"]]


def _drawn(page_of: Drawing, name: str) -> AppTest:
    """A list with its columns to choose from."""
    screen = page_of(f"{name}.py")
    screen.session_state[f"{name}.columns.panel"] = True
    return screen.run()


def _field(screen: AppTest) -> Any:
    return next(one for one in screen.multiselect if one.label == "Columns shown")


def test_chosen_columns_stand_in_their_order_and_stay(world: World, page_of: Drawing) -> None:
    """In another session, too, until they are reset; the first one opens the row."""
    payment = world.created(order_reference="SO-1")
    world.pay(payment)
    screen = _drawn(page_of, "payments")
    usual = _heads(screen)
    assert usual == [
        "Time", "Status", "Amount", "Customer", "Order", "Items", "Card", "Taken by"
    ]  # fmt: skip
    _field(screen).set_value(["last-four", "amount-of", "paid-at", "intent"]).run()
    chosen = ["Time", "Last four", "Amount", "Paid at", "PaymentIntent"]
    assert _heads(screen) == chosen
    other = _drawn(page_of, "payments")
    assert _heads(other) == chosen
    assert column(other, "Last four") == ["4242"]
    assert column(other, "Paid at")[0].startswith("29 Feb")
    assert column(other, "PaymentIntent")[0].startswith("pi_")
    assert tables(other)[0]["left_out"] == [
        "",
        "A wider window shows Last four, paid at and PaymentIntent, too.",
    ]
    next(one for one in other.button if one.label == "Reset columns").click().run()
    assert _heads(other) == usual
    assert not any(one.label == "Reset columns" for one in other.button)
    assert _heads(_drawn(page_of, "payments")) == usual


def test_what_opens_the_row_is_always_there(world: World, page_of: Drawing) -> None:
    """With nothing chosen at all, and whatever an older version had kept."""
    world.created()
    screen = _drawn(page_of, "payments")
    _field(screen).set_value([]).run()
    assert _heads(screen) == ["Time"]
    actor = desk_access.current_actor()
    choose_columns(world.desk, actor, ListName.PAYMENTS, ["of-old", "time", "net", "name"])
    assert _heads(_drawn(page_of, "payments")) == ["Time", "Net", "Customer"]


def test_a_column_is_chosen_while_the_page_refreshes_itself(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a demo that is still being filled: no press is lost."""
    world.created()
    screen = _drawn(page_of, "payments")
    rerun_due_at_each_press(monkeypatch)
    _field(screen).set_value(["net"]).run()
    assert chosen_columns(world.desk, desk_access.current_actor(), ListName.PAYMENTS) == ("net",)
    assert _heads(screen) == ["Time", "Net"]


@pytest.mark.parametrize("name", ["attempts", "refunds", "customers"])
def test_every_list_keeps_its_own(world: World, page_of: Drawing, name: str) -> None:
    """By the same field, with whatever the list has."""
    payment = world.created(customer_name="Jo Reyes", customer_email="jo@example.com")
    world.pay(payment)
    world.refund_elsewhere(world.now_is(payment), 100)
    world.tell()
    screen = _drawn(page_of, name)
    field = _field(screen)
    field.set_value([*reversed(field.options)]).run()
    chosen = chosen_columns(world.desk, desk_access.current_actor(), ListName(name))
    assert chosen is not None
    assert _heads(screen) == [_heads(screen)[0], *reversed(field.options)]
    assert _heads(_drawn(page_of, name)) == _heads(screen)
    assert chosen_columns(world.desk, desk_access.current_actor(), ListName.PAYMENTS) is None


def test_columns_can_be_told_apart_and_are_read(world: World) -> None:
    """Each of a list has a name and a label of its own; what it reads, the list can have."""
    zone = "UTC"
    for columns in (
        payment_columns(zone),
        attempt_columns(zone),
        refund_columns(zone),
        customer_columns(zone),
        payout_columns(zone),
    ):
        assert len({one.name for one in columns}) == len(columns)
        assert len({one.column.label for one in columns}) == len(columns)
    further = frozenset(name for one in payment_columns(zone) for name in one.further)
    page = payments_page(world.desk.store, SUPERVISOR, paging=Paging(further=further))
    assert further <= {*page.frame.columns}
