"""Nothing is on sale: the screen watches until something is."""

import pytest
import streamlit as st

from components.frame import session_state
from components.take_payment import auto_refresh
from tests.support.desks.worlds import AGENT, World


class Redrawn(BaseException):
    """The page is drawn anew, as Streamlit ends a script for it."""


def test_a_product_that_comes_on_sale_is_drawn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator adds it elsewhere, or another visitor begins the demo again."""
    monkeypatch.setattr(st, "session_state", {})

    def redraw() -> None:
        raise Redrawn

    monkeypatch.setattr(st, "rerun", redraw)
    on_sale: list[str] = []
    monkeypatch.setattr(auto_refresh, "products_on_sale", lambda _: on_sale)
    watched = session_state.watched()
    watched.payment_id = "a-draft"
    watched.has_no_products = True
    auto_refresh._refresh_taken(world.desk, AGENT)
    on_sale.append("Consultation")
    world.clock.advance(seconds=4)
    with pytest.raises(Redrawn):
        auto_refresh._refresh_taken(world.desk, AGENT)
