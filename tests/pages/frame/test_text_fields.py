"""Every field that takes typed text, on every page: card data does not stay in it."""

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from cardpay.storage.schema.tables import Payment
from components.frame.page_list import PAGES
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import World
from tests.support.secrets.secret_scan import scan_bytes

ROOT = Path(__file__).resolve().parents[3]
NUMBER = "4242 4242 4242 4242"
TYPED = f"caller said {NUMBER}, cvv 123"
MASKED = "caller said •••• 4242, cvv •••"

# Each state of each page in which other fields are drawn, and the fields of all of them.
GUARDED = {
    "take_payment": {
        "Customer name",
        "Customer email",
        "Customer phone",
        "Order reference",
        "Note",
        "Reason to charge again",
    },
    "payments": {"Amount", "Last four digits", "Search", "View name"},
    "payment": {"Amount in GBP", "Note"},
    "products": {"Name", "Price"},
    "needs_review": set(),
    "operations": set(),
    "audit": {"Object ID"},
    "attempts": set(),
    "refunds": set(),
    "disputes": set(),
    "customers": {"Search"},
    "insights": set(),
    "balance": set(),
    "sessions": set(),
    "settings": set(),
}  # fmt: skip
# What Streamlit has that takes text from a keyboard; a file or a picture would be worse.
_TEXT_WIDGETS = {
    "audio_input",
    "camera_input",
    "chat_input",
    "data_editor",
    "file_uploader",
    "text_area",
    "text_input",
}

Step = Callable[[AppTest, World], object]


def _second_payment(screen: AppTest, world: World) -> None:
    """An order that has a payment is to be paid again."""
    world.created(order_reference="SO-7")
    field(screen, "Order reference").set_value("SO-7")
    field(screen, "Customer name").set_value("Customer One")
    screen.selectbox[0].set_value("consultation")
    screen.run()
    press(screen, "Charge again")


def _listed(screen: AppTest, world: World) -> None:
    """There is something to save a view of."""
    world.created()
    screen.run()


def _refundable(screen: AppTest, world: World) -> None:
    """A paid payment is open, and the dialog of its refund."""
    screen.query_params["payment"] = world.pay(world.created()).payment.payment_id
    screen.run()
    press(screen, "Refund")


def _new_product(screen: AppTest, world: World) -> None:
    """A product is being added."""
    press(screen, "Add product")


STATES: dict[str, tuple[Step, ...]] = {
    "take_payment": (_second_payment,),
    "payments": (_listed,),
    "payment": (_refundable,),
    "products": (_new_product,),
    "needs_review": (),
    "operations": (),
    "audit": (),
    "attempts": (),
    "refunds": (),
    "disputes": (),
    "customers": (),
    "insights": (),
    "balance": (),
    "sessions": (),
    "settings": (),
}


def fields(screen: AppTest) -> list[Any]:
    """The fields that take text."""
    return [*screen.text_input, *screen.text_area, *screen.chat_input]


def field(screen: AppTest, label: str) -> Any:
    """One of them."""
    return next(found for found in fields(screen) if found.label == label)


def press(screen: AppTest, label: str) -> AppTest:
    """Press a button."""
    return next(found for found in screen.button if found.label == label).click().run()


def held(screen: AppTest) -> bytes:
    """All that the session keeps, as far as it can be written down."""
    return repr(screen.session_state).encode()


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_no_text_field_is_unguarded(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A new one has to be in the list above, and keeps no card data; the URL holds none either."""
    monkeypatch.setattr("streamlit.page_link", lambda *_, **__: None)  # there are no other pages
    screen = page_of(f"{name}.py").run()
    for step in STATES[name]:
        step(screen, world)
    assert not screen.exception
    assert {found.label for found in fields(screen)} == GUARDED[name]
    # That one first: the next order reference is no longer charged again.
    for label in sorted(GUARDED[name], key=lambda one: one != "Reason to charge again"):
        field(screen, label).set_value(TYPED).run()
        assert not screen.exception
        assert field(screen, label).value == MASKED
        assert any("looked like a card number" in one.value for one in screen.error)
        assert b"caller said" in held(screen)
        assert not list(scan_bytes(held(screen)))
        assert not re.search(r"4242.4242", str(screen.query_params))
        field(screen, label).set_value("SO-8 of 4242").run()
        assert field(screen, label).value == "SO-8 of 4242"
        assert not [one for one in screen.error if "looked like" in one.value]
        field(screen, label).set_value("").run()  # what is no amount hides the list, and its form


def test_text_is_taken_in_one_place() -> None:
    """Only `text_fields` calls Streamlit's own; a select box takes no words of its own."""
    taken = {
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for folder in ("components", "pages")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (
            isinstance(node, ast.Attribute)
            and node.attr in _TEXT_WIDGETS
            and file.name != "text_fields.py"
        )
        or (isinstance(node, ast.keyword) and node.arg == "accept_new_options")
    }
    assert taken == set()


@pytest.mark.parametrize(
    "label", ["Customer name", "Customer email", "Customer phone", "Order reference", "Note"]
)
def test_one_click_cannot_send_what_was_blotted_out(
    world: World, page_of: Drawing, label: str
) -> None:
    """Leaving the field and pressing the button are one run: refused, again and again."""
    screen = page_of("take_payment.py").run()
    screen.selectbox[0].set_value("consultation")
    field(screen, "Customer name").set_value("Customer One")
    field(screen, "Order reference").set_value("SO-1")
    field(screen, label).set_value(f"{TYPED}@example.com")
    for _ in range(2):
        press(screen, "Pay")
        assert [one for one in screen.error if "looked like a card number" in one.value]
        assert world.intents() == []
    other = {"Customer name": "Customer One", "Order reference": "SO-1"}.get(label, "")
    field(screen, label).set_value(other)
    press(screen, "Pay")
    assert len(world.intents()) == 1
    with world.desk.store.reading() as session:
        assert session.exec(select(Payment.order_reference)).all() == ["SO-1"]
