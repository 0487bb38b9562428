"""The Insights page, drawn without a browser."""

import json
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import pytest
from sqlalchemy import delete, update
from sqlmodel import col, select
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from cardpay.storage.schema.tables import BalanceTransaction, Payment, PaymentAttempt
from components.frame import desk_access
from components.frame.page_list import PAGES
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import ANALYST, DECLINED, World

EXPIRED = "4000000000000069"
LOST = "4000000000009987"


@pytest.fixture
def screen(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page for an analyst, not drawn yet."""
    monkeypatch.setattr(desk_access, "current_actor", lambda: ANALYST)
    return page_of("insights.py")


def html(screen: AppTest) -> str:
    """All that the page draws as HTML."""
    assert not screen.exception
    return "".join(one.proto.body for one in screen.get("html"))


def specs(screen: AppTest) -> list[dict[str, Any]]:
    """The charts, in order."""
    return [json.loads(one.proto.spec) for one in screen.get("vega_lite_chart")]


def paid(world: World, **order: Any) -> str:
    """A payment that was paid."""
    return world.pay(world.created(**order)).payment.payment_id


def test_nothing_is_said_in_the_place_of_the_charts(screen: AppTest) -> None:
    """On a desk without payments."""
    screen.run()
    assert "Nothing happened on these days" in html(screen)
    assert specs(screen) == []


def test_six_numbers_and_six_charts(world: World, screen: AppTest) -> None:
    """Of this month, in the currency with the most payments."""
    order = world.created(order_reference="SO-1")
    world.pay(order, DECLINED)
    world.pay(order)
    paid(world, order_reference="SO-2")
    screen.run()
    drawn = html(screen)
    with world.desk.store.reading() as session:
        volume = sum(one.amount_received_minor for one in session.exec(select(Payment)))
    assert f"£{volume / 100:,.2f}" in drawn
    for words in ("Volume was", "100.0% of payments succeed, 66.7% of attempts"):
        assert words in drawn
    assert "<dt>Net after fees, refunds and disputes</dt>" in drawn
    assert "The hour from 12:00 is the busiest" in drawn
    assert "Card declined is the top reason for declines" in drawn
    assert len(specs(screen)) == 6
    assert all(spec["background"] == "#ffffff" for spec in specs(screen))


def test_a_mark_is_a_link_to_its_payments(world: World, screen: AppTest) -> None:
    """The day's, in that currency, by the day of payment; the product's alone, too."""
    paid(world, order_reference="SO-1")
    screen.run()
    links = {link for chart in screen.get("vega_lite_chart") for link in _links(chart)}
    day = "from=2024-02-29&to=2024-02-29&currency=gbp"
    assert f"/payments?{day}&by=paid" in links
    assert f"/payments?{day}" in links
    assert any("&product=" in link for link in links)


def test_every_mark_that_opens_something_opens_a_page(world: World, screen: AppTest) -> None:
    """Of every chart, in a desk with two currencies.

    A mark without an address must neither be drawn as a link nor look like one.
    """
    order = world.created(order_reference="SO-1")
    for card in (DECLINED, EXPIRED, LOST):
        world.pay(order, card)
    world.pay(order)
    paid(world, order_reference="SO-2")
    paid(world, order_reference="SO-3", currency="eur")
    screen.run()
    drawn = screen.get("vega_lite_chart")
    paths = {page.path for page in PAGES}
    opened = set()
    for chart, spec in zip(drawn, specs(screen), strict=True):
        links = _links(chart)
        assert {urlsplit(link).path for link in links} <= paths
        opened |= {urlsplit(link).path for link in links}
        for layer in spec["layer"]:
            href = layer["encoding"].get("href")
            assert href in (None, {"condition": {"test": "isValid(datum.link)", "field": "link"}})
            assert ("cursor" in layer["mark"]) is (href is not None)
    assert opened == {"/payments", "/attempts", "/refunds"}


def test_several_codes_of_one_reason_open_one_list(world: World, screen: AppTest) -> None:
    """And a reason that no code tells from others says why it opens none."""
    order = world.created(order_reference="SO-1")
    for _ in range(3):
        world.pay(order, DECLINED)
    with world.desk.store.transaction() as session:
        first, second, third = session.exec(select(PaymentAttempt)).all()
        first.decline_code, second.decline_code = "lost_card", "stolen_card"
        third.decline_code, third.failure_code = None, "expired_card"
        session.add_all([first, second, third])
    screen.run()
    links = [link for chart in screen.get("vega_lite_chart") for link in _links(chart)]
    (opened,) = (link for link in links if link.startswith("/attempts"))
    assert opened.endswith("&decline_code=lost_card&decline_code=stolen_card")
    told = " ".join(one.value for one in screen.markdown).replace("\\", "")
    assert "No list opens for" in told
    assert "no decline code" in told
    with world.desk.store.transaction() as session:
        third.failure_code = "pickup_card"
        session.add(third)
    screen.run()
    links = [link for chart in screen.get("vega_lite_chart") for link in _links(chart)]
    assert not any(link.startswith("/attempts") for link in links)


def test_the_table_has_the_same_rows_and_links(world: World, screen: AppTest) -> None:
    """For a keyboard, a screen reader, and whoever wants the numbers."""
    paid(world, order_reference="SO-1")
    screen.run()
    screen.session_state["insights.volume.shown"] = "Table"
    screen.run()
    drawn = html(screen)
    assert "<th scope='col'>Volume</th>" in drawn
    assert "29 Feb 2024</a></th>" in drawn
    assert len(specs(screen)) == 4  # nothing was declined


def test_the_address_chooses(world: World, screen: AppTest) -> None:
    """Days, steps, comparison and currency, as a link was sent."""
    paid(world, order_reference="SO-1")
    for name, value in (
        ("from", "2024-02-01"),
        ("to", "2024-02-29"),
        ("step", "Month"),
        ("compare", "Nothing"),
        ("currency", "GBP"),
    ):
        screen.query_params[name] = value
    screen.run()
    drawn = html(screen)
    assert "Volume by month, GBP" in drawn
    assert drawn.count(" was £") == 1  # the title: "Volume was £120.00"


def test_all_currencies_in_one_say_what_is_left_out(world: World, screen: AppTest) -> None:
    """A payment in euros counts as it settled; one that did not yet is told, with its list."""
    ids = [paid(world, order_reference=f"SO-{number}") for number in range(3)]
    with world.desk.store.transaction() as session:
        session.execute(delete(BalanceTransaction))
        session.execute(update(Payment).where(col(Payment.id).in_(ids[1:])).values(currency="eur"))
        for payment_id, gross in zip(ids, (12_000, 10_321), strict=False):
            payment = session.get_one(Payment, payment_id)
            session.add(
                BalanceTransaction(
                    id=payment_id,
                    stripe_account_id=payment.stripe_account_id,
                    livemode=payment.livemode,
                    stripe_balance_transaction_id=f"txn_{payment_id}",
                    stripe_source_id=payment.latest_charge_id,
                    type="charge",
                    gross_minor=gross,
                    fee_minor=100,
                    net_minor=gross - 100,
                    currency="gbp",
                    exchange_rate=None if payment.currency == "gbp" else "0.860083",
                    created_at=payment.created_at,
                )
            )
    screen.query_params["currency"] = "All in GBP"
    screen.run()
    drawn = html(screen)
    assert "Volume was £223.21" in drawn
    assert "£221.21" in drawn  # net
    assert "Volume by day, GBP" in drawn
    left_out = "from=2024-02-29&amp;to=2024-02-29&amp;by=paid&amp;currency=eur&amp;settled=not-gbp"
    assert (
        f"<a href='/payments?{left_out}' target='_self'>1 payment of €120.00 in EUR</a>" in drawn
    )
    assert screen.get("button_group")
    screen.session_state["currency"] = "EUR"
    screen.run()
    drawn = html(screen)
    assert "Volume was €240.00" in drawn
    assert "Not included" not in drawn


def test_days_that_end_before_they_begin_are_said_at_the_field(screen: AppTest) -> None:
    """And nothing is drawn of them."""
    screen.query_params["from"], screen.query_params["to"] = "2024-02-10", "2024-02-01"
    screen.run()
    assert "To must be the same day as From, or later" in screen.error[0].value
    assert specs(screen) == []


def _links(chart: Any) -> list[str]:
    return [link for link in _frame(chart).get("link", ()) if isinstance(link, str)]


def _frame(chart: Any) -> pd.DataFrame:
    (dataset,) = chart.proto.datasets or [chart.proto]
    return convert_arrow_bytes_to_pandas_df(dataset.data.data)


@pytest.mark.parametrize("key", ["split", "step", "compare"])
@pytest.mark.parametrize("forged", ["nothing of ours", "hour"])
def test_a_forged_choice_is_the_first(
    world: World, screen: AppTest, monkeypatch: pytest.MonkeyPatch, key: str, forged: str
) -> None:
    """Streamlit takes any text for a choice, and totals are split by more than is offered."""
    paid(world, order_reference="SO-1")
    screen.run()
    as_it_is: Any = Selectbox._widget_state

    def state(field: Selectbox[str]) -> WidgetState:
        if field.key == key:
            return WidgetState(id=field.id, string_value=forged)
        found: WidgetState = as_it_is.fget(field)
        return found

    monkeypatch.setattr(Selectbox, "_widget_state", property(state))
    screen.run()
    assert not screen.exception
    assert specs(screen)
