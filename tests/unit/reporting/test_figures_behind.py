"""How old figures are, in words."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine

from cardpay.domain.access.actor import SYSTEM
from cardpay.reporting.figures_behind import figures_behind
from cardpay.storage.database.engine import Store


@pytest.mark.parametrize(
    ("behind", "sentence"),
    [
        (timedelta(), ""),
        (timedelta(minutes=1), ""),
        (timedelta(seconds=61), "These figures are 1 minute behind."),
        (timedelta(minutes=7, seconds=50), "These figures are 7 minutes behind."),
        (timedelta(minutes=119), "These figures are 119 minutes behind."),
        (timedelta(hours=5, minutes=50), "These figures are 5 hours behind."),
        (timedelta(hours=49), "These figures are 2 days behind."),
    ],
)
def test_from_a_minute_on(
    behind: timedelta, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rounded down to one unit."""
    store = Store(create_engine("sqlite://"))
    monkeypatch.setattr(store, "behind", lambda _: behind)
    assert figures_behind(store, SYSTEM) == sentence
