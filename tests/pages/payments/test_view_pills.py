"""Saved views on the Payments page, drawn without a browser."""

from typing import Any

from streamlit.testing.v1 import AppTest

from cardpay.domain.access.view_rules import FILTER, TypedView
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.saved_views import open_first, save_view, saved_views
from components.frame import desk_access
from components.payments import payment_filters
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import World
from tests.support.screens.table_rows import column


def press(screen: AppTest, label: str) -> AppTest:
    """Press a button."""
    return next(one for one in screen.button if one.label == label).click().run()


def pills(screen: AppTest) -> Any:
    """The views."""
    return next(one for one in screen.button_group if one.label == "Saved views")


def _two_payments(world: World) -> None:
    world.pay(world.created(order_reference="SO-1"))
    world.created(order_reference="SO-2")


def test_a_view_is_saved_pressed_and_deleted(world: World, page_of: Drawing) -> None:
    """With its period by name and without the search, and a name that is no Markdown."""
    _two_payments(world)
    screen = page_of("payments.py").run()
    screen.multiselect[0].set_value([DisplayStatus.SUCCEEDED]).run()
    next(one for one in screen.selectbox if one.label == "Period").set_value("This month").run()
    next(one for one in screen.text_input if one.label == "Search").set_value("SO-1").run()
    next(one for one in screen.text_input if one.label == "View name").set_value("*Paid*")
    press(screen, "Save")
    assert not screen.exception
    (view,) = saved_views(world.desk, desk_access.current_actor())
    assert view.parameters == {"status": ("Succeeded",), "period": ("This month",)}
    assert view.role is None
    assert [one.content for one in pills(screen).proto.options] == [r"\*Paid\*"]
    assert screen.query_params["view"] == view.view_id

    press(screen, "Clear filters")
    assert column(screen, "Order") == ["SO-2", "SO-1"]
    assert "view" not in screen.query_params
    pills(screen).set_value(view.view_id).run()
    assert not screen.exception
    assert column(screen, "Order") == ["SO-1"]
    assert screen.query_params["from"] == "2024-02-01"

    press(screen, "Delete view")
    press(screen, "Delete")
    assert saved_views(world.desk, desk_access.current_actor()) == []
    assert not screen.exception


def test_a_link_opens_a_view(world: World, page_of: Drawing) -> None:
    """It is the whole view, whatever else the address says; one that is gone is told."""
    _two_payments(world)
    actor = desk_access.actor_for(None, "test")
    view = save_view(world.desk, actor, TypedView("Paid", {"status": ("Succeeded",)}))
    screen = page_of("payments.py")
    screen.query_params["view"] = view.view_id
    screen.query_params["from"] = "2030-01-01"
    screen.run()
    assert column(screen, "Order") == ["SO-1"]
    assert "from" not in screen.query_params
    other = page_of("payments.py")
    other.query_params["view"] = "none"
    other.run()
    assert "was deleted" in other.info[0].value
    assert column(other, "Order") == ["SO-2", "SO-1"]


def test_one_view_opens_first(world: World, page_of: Drawing) -> None:
    """Unless the address says something; and once, so that the filters can be cleared."""
    _two_payments(world)
    actor = desk_access.actor_for(None, "test")
    view = save_view(world.desk, actor, TypedView("Paid", {"status": ("Succeeded",)}))
    open_first(world.desk, actor, view.view_id)
    screen = page_of("payments.py").run()
    assert column(screen, "Order") == ["SO-1"]
    press(screen, "Clear filters")
    assert column(screen, "Order") == ["SO-2", "SO-1"]
    linked = page_of("payments.py")
    linked.query_params["status"] = "Awaiting card"
    linked.run()
    assert column(linked, "Order") == ["SO-2"]


def test_what_a_view_filters_by_is_seen_and_removed(world: World, page_of: Drawing) -> None:
    """Its folded fields hold after another period is chosen, when it is that view no more."""
    _two_payments(world)
    actor = desk_access.actor_for(None, "test")
    kept = {"brand": ("visa",), "amount": ("120",)}
    view = save_view(world.desk, actor, TypedView("*Visa*", kept))
    open_first(world.desk, actor, view.view_id)
    screen = page_of("payments.py").run()
    next(one for one in screen.selectbox if one.label == "Period").set_value("This month").run()
    assert "view" not in screen.query_params
    removable = [one for one in screen.button if one.icon == ":material/close:"]
    assert [one.label for one in removable] == [r"Amount\: 120", r"Card brand\: Visa"]
    press(screen, r"Card brand\: Visa")
    press(screen, r"Amount\: 120")
    assert not screen.exception
    assert column(screen, "Order") == ["SO-2", "SO-1"]
    assert not {"brand", "amount"} & {*screen.query_params}
    assert not any(one.label.startswith(("Card brand", "Amount")) for one in screen.button)


def test_a_view_keeps_every_filter() -> None:
    """Whoever it is shared with sees what its maker meant."""
    assert {*payment_filters._FOLDED, "status"} == {*FILTER}
