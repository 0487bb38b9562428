"""What commands say of figures that are old."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine

from cardpay.commands.startup import tell_if_behind
from cardpay.storage.database.engine import Store


def test_beside_the_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The result itself is for a program; nothing where there is nothing to say."""
    store = Store(create_engine("sqlite://"))
    tell_if_behind(store)
    monkeypatch.setattr(store, "behind", lambda _: timedelta(minutes=7))
    tell_if_behind(store)
    assert capsys.readouterr() == ("", "These figures are 7 minutes behind.\n")
