"""The audit log in words."""

import pytest

from cardpay.exports.csv_cells import cell
from cardpay.reporting.audit.audit_words import act_words, change_words

CHANGES = [
    pytest.param({}, {}, "", id="nothing"),
    pytest.param({"status": "a"}, {"status": "b"}, "status: a → b", id="changed"),
    pytest.param({"status": None}, {"status": "b"}, "status: none → b", id="from nothing"),
    pytest.param({"status": "a"}, {}, "status: was a", id="gone"),
    pytest.param(
        {},
        {"amount_minor": 12_345, "currency": "gbp", "moto": False},
        "amount: £123.45 · moto: no",
        id="an amount",
    ),
    pytest.param({}, {"amount_minor": 12_345}, "amount: 12345", id="without a currency"),
    pytest.param(
        {"amount_refunded_minor": 0, "currency": "jpy"},
        {"amount_refunded_minor": 500, "currency": "jpy"},
        "amount refunded: JP¥0 → JP¥500",
        id="an amount that grew",
    ),
    pytest.param({}, {"currency": "gbp"}, "currency: gbp", id="a currency alone"),
]


@pytest.mark.parametrize(("before", "after", "words"), CHANGES)
def test_a_change(before: dict[str, object], after: dict[str, object], words: str) -> None:
    """Before, after, in amounts as people write them."""
    assert change_words(before, after) == words


def test_an_act_without_words_is_worded_by_rule() -> None:
    """A new one needs no table."""
    assert act_words("payment.refund") == "Refund requested"
    assert act_words("product.change_price") == "Product change price"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        *((text, f"'{text}") for text in ("=1+1", "+1", "-1", "@a", "  =1", "＝1", '"=1', "'=1")),
        *((f"{before}=1", f"'{before}'=1") for before in ("\t", "\r", "\n")),
        ("a;=1", "a;'=1"),
        (';"=1', ";'\"=1"),
    ],
)
def test_a_formula_becomes_a_text(text: str, shown: str) -> None:
    """A spreadsheet shows it, and does not run it, also where it parts cells by semicolons."""
    assert cell(text) == shown


@pytest.mark.parametrize("text", ["", "1", "a=b", "2024-02-29", "{}", "payment.status"])
def test_other_texts_stay(text: str) -> None:
    """The file can be read by programs."""
    assert cell(text) == text
