"""Take payment as AppTest draws it: its fields, its buttons, and a whole order typed."""

from typing import Any

from streamlit.testing.v1 import AppTest

from tests.support.screens.pressed_form import PAY

ORDER = {"Customer name": "Customer One", "Order reference": "SO-1"}


def drawn(screen: AppTest) -> AppTest:
    """Drawn (again), without a failure."""
    screen.run()
    assert not screen.exception
    return screen


def field(screen: AppTest, label: str) -> Any:
    """A field by its label."""
    fields = (*screen.text_input, *screen.text_area, *screen.selectbox, *screen.number_input)
    return next(one for one in fields if one.label == label)


def press(screen: AppTest, label: str = PAY) -> AppTest:
    """Press a button."""
    next(one for one in screen.button if one.label == label).click()
    return drawn(screen)


def fill(screen: AppTest, **changes: str) -> AppTest:
    """Type a whole order."""
    field(screen, "Product").set_value("consultation")
    for label, text in {**ORDER, **changes}.items():
        field(screen, label).set_value(text)
    return drawn(screen)


def at_fields(screen: AppTest) -> str:
    """What stands at the fields."""
    return "\n".join(element.proto.body for element in screen.get("html"))
