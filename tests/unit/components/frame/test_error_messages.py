"""What a person reads when something fails that nobody expected."""

import re

import pytest
from streamlit.testing.v1 import AppTest


def _failing() -> None:
    from components.frame.error_messages import show_error

    try:
        int("what somebody typed")
    except ValueError as error:
        show_error(error)


def test_an_unexpected_error_is_a_sentence_with_a_reference(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the screen nor the log repeats the error's words; the reference is in both."""
    screen = AppTest.from_function(_failing).run()
    (said,) = (one.value for one in screen.error)
    assert not screen.exception
    found = re.search(r"the reference ([0-9a-f]{8})\.", said)
    assert found is not None
    assert found[1] in caplog.text
    for text in (said, caplog.text):
        assert "typed" not in text
        assert "Traceback" not in text
