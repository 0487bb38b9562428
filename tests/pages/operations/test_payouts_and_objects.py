"""Payouts, and objects that could not be read, on Operations."""

from datetime import timedelta

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.payment.payout import PayoutStatus
from cardpay.domain.version import VERSION
from cardpay.services.history.begin_reconciliation import reconcile
from tests.pages.operations.test_operations import drawn, words
from tests.support.desks.paid_out import change_payout, lose_a_cent, paid_out
from tests.support.desks.unreadable_object import desk_with_unreadable
from tests.support.desks.worlds import SUPERVISOR, World


def table(screen: AppTest, alt: str) -> pd.DataFrame:
    """What a table says, drawn anew."""
    (found,) = [one for one in drawn(screen).dataframe if one.proto.alt.startswith(alt)]
    return found.value


def only_payout(screen: AppTest) -> dict[str, str]:
    """The one row of the payouts."""
    (row,) = table(screen, "Payouts").to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_before_the_first(operations: AppTest) -> None:
    """Nothing is wrong."""
    told = words(drawn(operations))
    assert "No payouts yet." in told
    assert "Every Stripe object could be read." in told


def test_a_payout_that_adds_up(world: World, operations: AppTest) -> None:
    """With its day, its amount, its status, and of how many transactions it is the sum."""
    payout_id = paid_out(world)
    row = only_payout(operations)
    assert (row["Stripe ID"], row["Status"]) == (payout_id, "In transit")
    assert row["Itemised"] == "✓ 1 transaction"
    (stripes,) = world.listed("/v1/payouts")
    assert row["Arrival"] == pd.Timestamp(stripes["arrival_date"], unit="s", tz="UTC")
    assert f"{stripes['amount'] / 100:.2f}" in row["Amount"]
    assert "not adding up" not in words(operations)


def test_a_payout_that_does_not(world: World, operations: AppTest) -> None:
    """It is an error, and says to what its transactions add up."""
    paid_out(world)
    lose_a_cent(world)
    (stripes,) = world.listed("/v1/payouts")
    assert only_payout(operations)["Itemised"] == "✕ 1 transaction"
    told = words(operations)
    assert "1 payout not adding up" in told
    assert f"{(stripes['amount'] - 1) / 100:.2f}, not €{stripes['amount'] / 100:.2f}." in told


@pytest.mark.parametrize(
    ("fields", "itemised"),
    [
        pytest.param({"is_automatic": False}, "Can't be itemised", id="manual"),
        pytest.param({"is_itemised": False}, "Not yet", id="automatic"),
    ],
)
def test_a_payout_of_which_nothing_is_known(
    world: World, operations: AppTest, fields: dict[str, bool], itemised: str
) -> None:
    """No sum is made up."""
    paid_out(world)
    change_payout(world, **fields)
    row = only_payout(operations)
    assert row["Itemised"] == itemised
    assert "not adding up" not in words(operations)


def test_a_payout_that_failed(world: World, operations: AppTest) -> None:
    """It says why; a status of tomorrow is Stripe's word."""
    paid_out(world)
    change_payout(
        world, status=PayoutStatus.FAILED, failure_message="The account has been closed."
    )
    assert only_payout(operations)["Status"] == "Failed: The account has been closed."
    change_payout(world, status="on_the_moon", failure_message=None)
    assert only_payout(operations)["Status"] == "on_the_moon"


def test_an_object_that_could_not_be_read(world: World, operations: AppTest) -> None:
    """Its id and what was unreadable; the others are here."""
    strange, other = world.elsewhere(), world.elsewhere()
    world.clock.advance(minutes=5)
    desk = desk_with_unreadable(world, strange)
    reconcile(desk, SUPERVISOR, since=world.desk.now() - timedelta(days=1))
    (row,) = table(operations, "Objects").to_dict("records")
    assert (row["Kind"], row["Stripe ID"], row["Version"]) == ("Payment intent", strange, VERSION)
    assert row["Reason"] == "It has no field 'status'."
    assert row["First seen"] == row["Last seen"]
    assert "1 set aside" in words(operations)
    assert other not in str(row)
