"""The settings of the limits, what holds without them, and each start that they refuse."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from cardpay.domain.errors import StartRefused
from cardpay.domain.payment.limit_rules import Limits
from cardpay.settings import load

pytestmark = pytest.mark.usefixtures("no_environment")


@pytest.mark.parametrize(
    ("environment", "limits"),
    [
        pytest.param(
            {"CARDPAY_SIGN_IN": "oidc"},
            Limits(1_000, 120, 20, 15, timedelta(hours=1), ZoneInfo("UTC")),
            id="where people sign in",
        ),
        pytest.param(
            {},
            Limits(1_000, 0, 0, 15, timedelta(hours=1), ZoneInfo("UTC")),
            id="where all are one person",
        ),
        pytest.param(
            {
                "CARDPAY_LIMIT_PAYMENTS_PER_HOUR": "9",
                "CARDPAY_LIMIT_PAYMENTS_PER_PERSON_PER_HOUR": "8",
                "CARDPAY_LIMIT_DECLINES_PER_PERSON": "7",
                "CARDPAY_LIMIT_DECLINES_PER_CARD": "6",
                "CARDPAY_LIMIT_DECLINE_MINUTES": "5",
                "CARDPAY_TIME_ZONE": "Europe/London",
            },
            Limits(9, 8, 7, 6, timedelta(minutes=5), ZoneInfo("Europe/London")),
            id="all set",
        ),
        pytest.param(
            {
                "CARDPAY_SIGN_IN": "oidc",
                "CARDPAY_LIMIT_PAYMENTS_PER_HOUR": "0",
                "CARDPAY_LIMIT_PAYMENTS_PER_PERSON_PER_HOUR": "0",
                "CARDPAY_LIMIT_DECLINES_PER_PERSON": "0",
                "CARDPAY_LIMIT_DECLINES_PER_CARD": "0",
            },
            Limits(zone=ZoneInfo("UTC")),
            id="all off",
        ),
    ],
)
def test_the_limits_that_hold(
    environment: dict[str, str], limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not set is generous, and zero is off."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load().limits == limits


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param("CARDPAY_LIMIT_PAYMENTS_PER_HOUR", "-1", id="fewer than none"),
        pytest.param("CARDPAY_LIMIT_DECLINES_PER_PERSON", "many", id="no number"),
        pytest.param("CARDPAY_LIMIT_DECLINE_MINUTES", "0", id="no time"),
        pytest.param("CARDPAY_LIMIT_DECLINE_MINUTES", "1441", id="longer than a day"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the variable."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(StartRefused, match=f"^{variable} is not right"):
        load()
