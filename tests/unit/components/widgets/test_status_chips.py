"""A payment's chip: word, date to act by, colour and icon."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cardpay.domain.payment.display_status import DisplayStatus
from components.widgets.status_chips import status_chip

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
BY = datetime(2026, 12, 4, 23, 30, tzinfo=UTC)


def test_the_date_to_act_by_is_the_readers_day() -> None:
    """Of a dispute and of a hold; no other status has one."""
    assert status_chip("Disputed", BY, "UTC", NOW).words == "Disputed · respond by 4 Dec"
    assert (
        status_chip("Authorised", BY, "Europe/Paris", NOW).words == "Authorised · hold ends 5 Dec"
    )
    assert status_chip("Disputed", None, "UTC", NOW).words == "Disputed"


def test_what_came_before_a_status_changes_no_sign() -> None:
    """The status itself has it."""
    plain = status_chip("Cancelled", None, "UTC", NOW)
    assert status_chip("Cancelled · card declined", None, "UTC", NOW) == replace(
        plain, words="Cancelled · card declined"
    )


def test_a_hold_that_is_running_out_needs_a_person() -> None:
    """Until then it waits."""
    assert status_chip("Authorised", BY, "UTC", NOW).colour == "blue"
    assert status_chip("Authorised", BY, "UTC", BY).colour == "orange"


@pytest.mark.parametrize("display", DisplayStatus)
def test_every_status_has_an_icon(display: DisplayStatus) -> None:
    """Colour is never the only sign."""
    chip = status_chip(display.value, None, "UTC", NOW)
    assert chip.words == display.value
    assert chip.icon


def test_a_status_of_tomorrow_is_shown_by_stripes_word() -> None:
    """With the sign of what this version does not know."""
    chip = status_chip("requires_funding", None, "UTC", NOW)
    assert (chip.words, chip.colour, chip.icon) == ("requires_funding", "orange", "help")
