"""What stays of texts in other alphabets, and what goes wherever they come from."""

import pytest

from cardpay.domain.cleaned_text import tidy
from cardpay.domain.payment.order import order_claim
from cardpay.gateway.text_sanitizer import sanitize_text
from tests.support.desks.worlds import draft

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("name", [FAMILY, PERSIAN])
def test_joiners_stay(name: str) -> None:
    """Without them it is another word, or three faces for a family."""
    checked = draft(customer_name=name, order_reference=name, note=name).checked()
    assert {checked.customer_name, checked.order_reference, checked.note} == {name}
    assert sanitize_text(name) == name


@pytest.mark.parametrize("unseen", ["\u200c", "\u2060\u200c\u200d", " \u200d "])
def test_joiners_alone_are_no_text(unseen: str) -> None:
    """Nobody could see or name what is called so."""
    assert tidy(unseen) == ""


@pytest.mark.parametrize("override", OVERRIDES)
def test_overrides_go(override: str) -> None:
    """Nothing looks like something else than it is."""
    text = f"SHOP{override}-88"
    checked = draft(customer_name=text, order_reference=text, note=text).checked()
    assert {checked.customer_name, checked.order_reference, checked.note} == {"SHOP-88"}
    assert sanitize_text(text) == tidy(text) == "SHOP-88"


@pytest.mark.parametrize("unseen", ["\u200d", "\u200c", "\u200b", "\ufeff", "\u2060", "\u200e"])
def test_what_cannot_be_seen_makes_no_other_order(unseen: str) -> None:
    """Two references that look the same are of one order, which is paid once."""
    assert order_claim(f"SHOP{unseen}-88") == order_claim("shop-88")


def test_a_reference_that_an_index_holds() -> None:
    """Some characters stand for eighteen others."""
    assert len(order_claim("\ufdfa" * 200).encode()) < 2_000
