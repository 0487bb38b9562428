"""A payment's own page: its last steps, pressed and read without a browser."""

from streamlit.testing.v1 import AppTest

REFUND, CAPTURE, CANCEL = "Refund £120.00", "Capture £120.00", "Cancel payment"


def opened(screen: AppTest, payment_id: str) -> AppTest:
    """With a payment open."""
    screen.query_params["payment"] = payment_id
    screen.run()
    assert not screen.exception
    return screen


def buttons(screen: AppTest) -> set[str]:
    """The last steps that are offered: each in a dialog, which is open afterwards."""
    found: set[str] = set()
    for first in _firsts(screen):
        _click(screen, first)
        found |= {one.label for one in screen.button if one.label.startswith(f"{first} ")}
    return found


def press(screen: AppTest, label: str) -> AppTest:
    """Press a button by its label; where it is in a dialog, that is opened first."""
    first = label.partition(" ")[0]
    if first in _firsts(screen) and label not in {one.label for one in screen.button}:
        _click(screen, first)
    return _click(screen, label)


def typed(screen: AppTest, amount: str) -> AppTest:
    """Another amount than the one that is there."""
    for first in _firsts(screen):
        if first != "Cancel" and not any(
            one.label.startswith("Amount") for one in screen.text_input
        ):
            _click(screen, first)
    field = next(one for one in screen.text_input if one.label.startswith("Amount in"))
    field.set_value(amount).run()
    assert not screen.exception
    return screen


def _firsts(screen: AppTest) -> list[str]:
    """What opens a dialog."""
    first = {"Refund", "Capture", "Cancel"}
    return [one.label for one in screen.button if one.label in first and not one.disabled]


def _click(screen: AppTest, label: str) -> AppTest:
    next(one for one in screen.button if one.label == label).click().run()
    assert not screen.exception
    return screen


def told(screen: AppTest) -> str:
    """What the boxes say."""
    boxes = (*screen.success, *screen.warning, *screen.error, *screen.info)
    return "\n".join(box.value for box in boxes).replace("\\", "")


def written(screen: AppTest) -> str:
    """All that is written about the open payment, the styles left out."""
    bodies = [element.proto.body for element in screen.get("html")]
    return "\n".join(
        [element.value.replace("\\", "") for element in (*screen.subheader, *screen.markdown)]
        + [body for body in bodies if not body.endswith("</style>")]
    )
