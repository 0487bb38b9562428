"""The page Take payment, for an agent."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT
from tests.support.screens.typed_order import drawn


@pytest.fixture
def screen(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page of an agent with a new draft."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: AGENT)
    return drawn(page_of("take_payment.py"))
