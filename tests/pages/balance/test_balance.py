"""The Balance page, drawn without a browser."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from cardpay.domain.business_days import Days
from cardpay.domain.payment.payout import PayoutStatus
from cardpay.exports.month_end.hand_out_month_end import hand_out_month_end
from components.balance.balance_links import PAYOUT_PARAMETER
from tests.pages.conftest import Drawing
from tests.support.desks.paid_out import change_payout, lose_a_cent, paid_out
from tests.support.desks.worlds import AGENT, SUPERVISOR, World
from tests.support.screens.table_rows import column, tables


@pytest.fixture
def screen(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """The page, drawn for a supervisor, from the books' first day on unless it says another."""

    def drawn(**parameters: str) -> AppTest:
        monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: SUPERVISOR)
        made = page_of("balance.py")
        for name, value in ({"from": "2024-02-01"} | parameters).items():
            made.query_params[name] = value
        made.run()
        assert not made.exception
        return made

    return drawn


def words(screen: AppTest) -> str:
    """All that is written in HTML on the screen, and in its messages."""
    shown = " ".join(one.proto.body for one in screen.get("html"))
    shown = re.sub(r"<style>.*?</style>|<[^>]+>", " ", shown, flags=re.DOTALL)
    told = " ".join(
        str(one.value)
        for kind in ("error", "warning", "info", "markdown")
        for one in getattr(screen, kind)
    )
    return re.sub(r"\s+", " ", f"{shown} {told}").replace("\\", "")  # of plain text in Markdown


def test_before_the_first_transaction(screen: Callable[..., AppTest]) -> None:
    """There is nothing to add up."""
    assert "Nothing had moved the Stripe balance" in words(screen())


def test_the_balance_and_its_payouts(world: World, screen: Callable[..., AppTest]) -> None:
    """What came in less fees is what was paid out, and both are rows that one can open."""
    payout_id = paid_out(world)
    (stripes,) = world.listed("/v1/payouts")
    shown = screen()
    paid = f"€{stripes['amount'] / 100:.2f}"
    told = words(shown)
    assert "Adds up , remainder €0.00" in told
    assert re.search(rf"Paid out −{re.escape(paid)} EUR by the day it left", told)
    assert "Arrives is the day the bank has them" in told
    assert re.search(r"Opening €0\.00 EUR", told)
    assert column(shown, "Amount") == [paid]
    assert column(shown, "Remainder") == ["✓ €0.00"]
    assert column(shown, "Status") == ["In transit"]
    (table,) = tables(shown)
    assert table["rows"][0]["href"].endswith(f"/balance?{PAYOUT_PARAMETER}={payout_id}")
    assert "2 transactions" in told


def test_a_payout_that_is_opened(world: World, screen: Callable[..., AppTest]) -> None:
    """It shows what is in it without itself, the sum and the remainder, and goes back."""
    payout_id = paid_out(world)
    (stripes,) = world.listed("/v1/payouts")
    paid = f"€{stripes['amount'] / 100:.2f}"
    shown = screen(**{PAYOUT_PARAMETER: payout_id})
    told = words(shown)
    assert "1 transaction " in told
    assert f"Remainder , payout {paid} − transactions {paid}" in told
    assert not tables(shown)
    next(one for one in shown.button if one.label == "All payouts").click().run()
    assert len(tables(shown)) == 1
    assert not shown.query_params.get(PAYOUT_PARAMETER)


def test_what_does_not_add_up_is_told(world: World, screen: Callable[..., AppTest]) -> None:
    """Of the payout and of the balance, with the difference."""
    payout_id = paid_out(world)
    lose_a_cent(world)
    shown = screen()
    assert "Doesn't add up , difference −€0.01" in words(shown)
    assert column(shown, "Status") == ["In transit, doesn't add up"]
    assert column(shown, "Remainder") == ["✕ €0.01"]
    opened = screen(**{PAYOUT_PARAMETER: payout_id})
    assert "These transactions add up to" in words(opened)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        pytest.param({"is_automatic": False}, "Stripe doesn't say what's in", id="manual"),
        pytest.param({"is_itemised": False}, "Stripe hasn't said yet", id="not yet"),
        pytest.param(
            {"status": PayoutStatus.FAILED, "failure_message": "The account has been closed."},
            "The account has been closed. The money is back in the balance.",
            id="failed",
        ),
    ],
)
def test_a_payout_that_is_not_as_others(
    world: World, screen: Callable[..., AppTest], fields: dict[str, object], sentence: str
) -> None:
    """It says so, and makes up no sum."""
    payout_id = paid_out(world)
    change_payout(world, **fields)
    assert sentence in words(screen(**{PAYOUT_PARAMETER: payout_id}))


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        pytest.param("{amount}", "€{amount}, ", id="as it is"),
        pytest.param("€{amount}", "€{amount}, ", id="with a sign"),
        pytest.param("1.00", "Nearest: €{amount}, ", id="another amount"),
        pytest.param("twelve", "", id="no amount"),
    ],
)
def test_a_bank_line_is_found(
    world: World, screen: Callable[..., AppTest], typed: str, offered: str
) -> None:
    """By amount and date; a press opens its payout."""
    payout_id = paid_out(world)
    (stripes,) = world.listed("/v1/payouts")
    amount = f"{stripes['amount'] / 100:.2f}"
    shown = screen()
    shown.text_input(key="balance.bank.amount").set_value(typed.format(amount=amount))
    shown.date_input(key="balance.bank.day").set_value(world.desk.now().date()).run()
    found = [one for one in shown.button if (one.key or "").startswith("balance.found.")]
    if not offered:
        assert "Amount must be a number" in words(shown)
        assert found == []
        return
    (only,) = found
    assert only.label.replace("\\", "").startswith(offered.format(amount=amount))
    only.click().run()
    assert payout_id in shown.query_params[PAYOUT_PARAMETER]


def test_what_changed_since_the_file_is_told(
    world: World, screen: Callable[..., AppTest], tmp_path: Path
) -> None:
    """Of a month that is over; before its file was taken nothing is said."""
    paid_out(world)
    world.clock.advance(days=62)
    days = {"from": "2024-03-01", "to": "2024-03-31"}
    assert "exported" not in words(screen(**days))
    march = Days(date(2024, 3, 1), date(2024, 3, 31))
    hand_out_month_end(world.desk, SUPERVISOR, ZoneInfo("UTC"), march, tmp_path / "march.xlsx")
    assert "Nothing has changed since." in words(screen(**days))
    lose_a_cent(world)
    assert "the opening balance was €47.03 then" in words(screen(**days))


def test_days_of_another_month_are_chosen(world: World, screen: Callable[..., AppTest]) -> None:
    """By Month; From and To follow, and what moved later is not in it."""
    paid_out(world)
    world.clock.advance(days=62)
    shown = screen()
    month = shown.selectbox(key="balance.month")
    assert month.value is None
    assert month.options == ["May 2024", "April 2024", "March 2024", "February 2024"]
    month.set_value(date(2024, 2, 1)).run()
    assert shown.date_input(key="period.from").value == date(2024, 2, 1)
    assert shown.date_input(key="period.to").value == date(2024, 2, 29)
    assert "No payouts left the balance in these days." in words(shown)
    assert re.search(r"Closing €47\.03 EUR", words(shown))


@pytest.mark.parametrize("actor", [AGENT, SUPERVISOR], ids=["agent", "supervisor"])
def test_it_is_for_who_sees_the_books(
    page_of: Drawing, monkeypatch: pytest.MonkeyPatch, actor: Actor
) -> None:
    """An agent takes payments, and has no use for the balance."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: actor)
    shown = page_of("balance.py").run()
    refused = any("You don't have access to the page" in one.value for one in shown.error)
    assert refused is (actor is AGENT)
