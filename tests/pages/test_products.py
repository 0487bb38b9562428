"""The Products page, and what Take payment makes of a catalogue that changes under it."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.product_rules import CatalogueItem, TypedProduct
from cardpay.services.catalogue import catalogue, change_product, withdraw_product
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import ADMIN, AGENT, World
from tests.support.screens.pressed_form import PressedForm


@pytest.fixture
def screen(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page as an administrator sees it."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: ADMIN)
    return drawn(page_of("products.py"))


def drawn(screen: AppTest) -> AppTest:
    """Drawn (again), without an error."""
    screen.run()
    assert not screen.exception
    return screen


def press(screen: AppTest, label: str) -> AppTest:
    """Press a button by its label."""
    next(button for button in screen.button if button.label == label).click()
    return drawn(screen)


def field(screen: AppTest, label: str) -> Any:
    """A field by its label."""
    return next(one for one in (*screen.text_input, *screen.selectbox) if one.label == label)


def choose(screen: AppTest, product_id: str) -> AppTest:
    """Open a product's form."""
    field(screen, "Change product").set_value(product_id)
    return drawn(screen)


def told(screen: AppTest) -> str:
    """What the boxes say, and what stands at the fields."""
    boxes = (*screen.success, *screen.warning, *screen.error, *screen.info)
    at_fields = [element.proto.body for element in screen.get("html")]
    return "\n".join([*(box.value for box in boxes), *at_fields]).replace("\\", "")


def item(world: World, product_id: str = "consultation") -> CatalogueItem:
    """A product as it is stored now."""
    items = catalogue(world.desk, ADMIN)
    return next(one for one in items if one.product.product_id == product_id)


def rows(screen: AppTest) -> list[list[str]]:
    """The table."""
    return [list(row) for row in screen.dataframe[0].value.itertuples(index=False)]


def test_the_table(world: World, screen: AppTest) -> None:
    """Prices in each currency's own way, and what is off sale."""
    withdraw_product(world.desk, ADMIN, item(world, "seat"))
    assert rows(drawn(screen)) == [
        ["Consultation", "£120.00", "✓ On sale"],
        ["Workshop seat", "JP¥18,000", "– Archived"],
        ["Inspection", "KWD\u00a045.500", "✓ On sale"],
    ]


def test_add(world: World, screen: AppTest) -> None:
    """The form is gone, the product is there, and the sentence says so."""
    press(screen, "Add product")
    field(screen, "Name").set_value("Site visit")
    field(screen, "Price").set_value("1,245.50")
    field(screen, "Currency").set_value("gbp")
    press(screen, "Save")
    assert told(screen) == "Saved: Site visit, £1,245.50, on sale."
    assert rows(screen)[-1] == ["Site visit", "£1,245.50", "✓ On sale"]
    assert not screen.text_input


def test_what_is_wrong_is_said_in_place_and_nothing_is_lost(world: World, screen: AppTest) -> None:
    """Field by field, until all is right."""
    press(screen, "Add product")
    field(screen, "Name").set_value("Consultation")
    field(screen, "Price").set_value("12,50")
    press(screen, "Save")
    assert told(screen) == "Choose a currency"
    field(screen, "Currency").set_value("usd")
    press(screen, "Save")
    assert told(screen) == "Price must be a number, like 1250.50"
    field(screen, "Price").set_value("12.50")
    press(screen, "Save")
    assert told(screen) == "Another product has this name. It may be archived"
    kept = [field(screen, label).value for label in ("Name", "Price", "Currency")]
    assert kept == ["Consultation", "12.50", "usd"]


def test_change(world: World, screen: AppTest) -> None:
    """The fields hold what is stored, in the way that they are read."""
    choose(screen, "inspection")
    assert [field(screen, label).value for label in ("Name", "Price", "Currency")] == [
        "Inspection",
        "45.500",
        "kwd",
    ]
    field(screen, "Price").set_value("50")
    press(screen, "Save")
    assert told(screen) == "Saved: Inspection, KWD\u00a050.000, on sale."


def test_a_colleague_was_faster(world: World, screen: AppTest) -> None:
    """Told what it is now, with all that was typed still there; the next press saves."""
    choose(screen, "consultation")
    field(screen, "Name").set_value("Advice")
    change_product(world.desk, ADMIN, item(world), TypedProduct("Consultation", "130", "gbp"))
    press(screen, "Save")
    assert "It is now Consultation, £130.00, on sale. Your change was not saved." in told(screen)
    assert field(screen, "Name").value == "Advice"
    assert item(world).product.name == "Consultation"
    press(screen, "Save")
    assert item(world).product.name == "Advice"


def test_off_sale_and_back(world: World, screen: AppTest) -> None:
    """One button, by the product's state."""
    press(choose(screen, "seat"), "Archive")
    assert rows(screen)[1][2] == "– Archived"
    press(choose(screen, "seat"), "Restore")
    assert rows(screen)[1][2] == "✓ On sale"


def test_what_was_typed_outlives_another_page(screen: AppTest, page_of: Drawing) -> None:
    """The form waits where it was."""
    press(screen, "Add product")
    field(screen, "Name").set_value("Site visit")
    drawn(screen)
    later = page_of("products.py")  # widgets are gone, as after a page switch; the session is not
    later.session_state["cardpay.product_form"] = screen.session_state["cardpay.product_form"]
    assert field(drawn(later), "Name").value == "Site visit"


def empty(world: World) -> None:
    """Take everything off sale."""
    for one in catalogue(world.desk, ADMIN):
        withdraw_product(world.desk, ADMIN, one)


@pytest.mark.parametrize(
    ("roles", "words"),
    [({Role.AGENT}, "Ask an administrator"), ({Role.AGENT, Role.ADMIN}, "")],
    ids=["agent", "administrator too"],
)
def test_nothing_on_sale(
    world: World,
    page_of: Drawing,
    monkeypatch: pytest.MonkeyPatch,
    roles: set[Role],
    words: str,
) -> None:
    """Take payment says what to do instead of showing an empty list."""
    actor = Actor("person-1", frozenset(roles), "test")
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: actor)
    # A page by itself has no navigation, so that its links lead nowhere.
    links: list[str] = []
    monkeypatch.setattr("streamlit.page_link", lambda *_, label: links.append(label))
    empty(world)
    screen = drawn(page_of("take_payment.py"))
    assert "There are no products on sale yet" in told(screen)
    assert not screen.text_input
    assert words in "".join(one.value for one in screen.markdown)
    assert bool(links) == (Role.ADMIN in roles)


def filled_in(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """An order, ready for the button."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: AGENT)
    screen = drawn(page_of("take_payment.py"))
    field(screen, "Product").set_value("consultation")
    field(screen, "Customer name").set_value("Customer One")
    field(screen, "Order reference").set_value("SO-1")
    return drawn(screen)


def test_a_price_that_changed_under_the_form(
    world: World, page_of: Drawing, form: PressedForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said so with the new price, and what was typed stays; the next press takes the new one."""
    screen = filled_in(page_of, monkeypatch)
    assert form.told is not None
    assert form.told.amount_label == "£120.00"
    change_product(world.desk, ADMIN, item(world), TypedProduct("Consultation", "130", "gbp"))
    press(screen, "Pay")
    assert "The price of Consultation is now £130.00. It was £120.00." in told(screen)
    assert form.told.amount_label == "£130.00"
    assert field(screen, "Customer name").value == "Customer One"
    assert world.intents() == []
    press(screen, "Pay")
    assert [intent["amount"] for intent in world.intents()] == [13_000]


def test_a_product_that_went_off_sale_under_the_form(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another has to be chosen; the rest of the order stays."""
    screen = filled_in(page_of, monkeypatch)
    withdraw_product(world.desk, ADMIN, item(world))
    press(screen, "Pay")
    assert "Choose a product that is on sale" in told(screen)
    assert "no longer on sale" in told(screen)
    assert field(screen, "Product").value is None
    assert field(screen, "Order reference").value == "SO-1"
    assert world.intents() == []
