"""The Payments page with a payment open: its last steps, pressed and read without a browser."""

from streamlit.testing.v1 import AppTest

REFUND, CAPTURE, CANCEL = "Refund £120.00", "Capture £120.00", "Cancel payment"


def opened(screen: AppTest, payment_id: str) -> AppTest:
    """With a payment open."""
    screen.query_params["payment"] = payment_id
    screen.run()
    assert not screen.exception
    return screen


def buttons(screen: AppTest) -> set[str]:
    """The last steps that are offered."""
    firsts = ("Refund ", "Capture ", "Cancel ")
    return {button.label for button in screen.button if button.label.startswith(firsts)}


def press(screen: AppTest, label: str) -> AppTest:
    """Press a button by its label."""
    found = next(button for button in screen.button if button.label == label)
    found.click().run()
    assert not screen.exception
    return screen


def typed(screen: AppTest, amount: str) -> AppTest:
    """Another amount than the one that is there."""
    field = next(one for one in screen.text_input if one.label.startswith("Amount in"))
    field.set_value(amount).run()
    assert not screen.exception
    return screen


def told(screen: AppTest) -> str:
    """What the boxes say."""
    boxes = (*screen.success, *screen.warning, *screen.error, *screen.info)
    return "\n".join(box.value for box in boxes).replace("\\", "")
