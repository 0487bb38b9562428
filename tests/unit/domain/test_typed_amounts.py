"""What a person types is read exactly or refused, and so is what Stripe never takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardpay.domain.errors import InvalidInput
from cardpay.domain.money import CURRENCIES, Money, decimals, smallest_step
from cardpay.domain.typed_amounts import parse_major, parse_range, validate_for_charge
from tests.support.long_texts import costs_in_proportion


def test_one_of_each_main_unit_can_be_typed_and_charged() -> None:
    """Typing 7 in any currency gives 7 of its main unit."""
    for currency in CURRENCIES:
        money = parse_major("7", currency)
        assert money.amount_major == 7, currency
        assert money.amount_minor == 7 * 10 ** decimals(currency), currency


@pytest.mark.parametrize(
    ("money", "problem"),
    [
        pytest.param(Money(0, "gbp"), "more than zero", id="zero"),
        pytest.param(Money(-1, "gbp"), "more than zero", id="negative"),
        pytest.param(
            Money(1255, "kwd"), "Price must be a multiple of 0.01 KWD", id="last digit of three"
        ),
        pytest.param(
            Money(550, "isk"), "Price must be a multiple of 1 ISK", id="fraction of a krona"
        ),
        pytest.param(
            Money(550, "ugx"), "Price must be a multiple of 1 UGX", id="fraction of a shilling"
        ),
        pytest.param(Money(100, "xxx"), "Stripe doesn't charge in", id="unknown currency"),
        pytest.param(Money(100, "GBP"), "Stripe doesn't charge in", id="not as Stripe spells it"),
    ],
)
def test_what_stripe_never_takes_is_refused(money: Money, problem: str) -> None:
    """The refusal names the field and the reason."""
    with pytest.raises(InvalidInput, match=problem) as refusal:
        validate_for_charge(money, "Price")
    assert refusal.value.field == "Price"


@pytest.mark.parametrize("text", ["9" * 18, "1,000,000,000,000,000,000", "1" * 10_000])
def test_no_amount_is_too_large_for_a_row(text: str) -> None:
    """Somebody may paste a tracking number."""
    with pytest.raises(InvalidInput, match="too large"):
        parse_major(text, "gbp")
    assert parse_major("92233720368547758.07", "gbp").amount_minor == 2**63 - 1
    with pytest.raises(InvalidInput, match="too large"):
        parse_range(">92233720368547758.07", "gbp")


@pytest.mark.parametrize("money", [Money(1, "gbp"), Money(10**12, "usd")], ids=["1p", "huge"])
def test_minimum_and_maximum_are_left_to_stripe(money: Money) -> None:
    """They depend on the account, so an odd amount is not refused here."""
    validate_for_charge(money)


@pytest.mark.parametrize(
    ("text", "currency", "amount_minor"),
    [
        pytest.param("12", "gbp", 1200, id="whole"),
        pytest.param(" 12.5 ", "gbp", 1250, id="one decimal"),
        pytest.param("1,250.50", "gbp", 125050, id="grouped by commas"),
        pytest.param("1 250.50", "gbp", 125050, id="grouped by spaces"),
        pytest.param("1\u202f250", "jpy", 1250, id="grouped by narrow spaces"),
        pytest.param("1'250", "chf", 125000, id="grouped by apostrophes"),
        pytest.param("1.250", "kwd", 1250, id="three decimals"),
        pytest.param("1.00", "jpy", 1, id="decimals that say nothing"),
    ],
)
def test_a_typed_amount_is_read(text: str, currency: str, amount_minor: int) -> None:
    """A number in the main unit becomes the minor unit."""
    assert parse_major(text, currency) == Money(amount_minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        pytest.param("", "gbp", id="empty"),
        pytest.param("twelve", "gbp", id="words"),
        pytest.param("12,50", "gbp", id="decimal comma"),
        pytest.param("1,25,000", "gbp", id="uneven groups"),
        pytest.param("-5", "gbp", id="negative"),
        pytest.param("1e3", "gbp", id="exponent"),
        pytest.param("NaN", "gbp", id="not a number"),
        pytest.param("١٢", "gbp", id="other digits"),
        pytest.param("1.005", "gbp", id="too many decimals"),
        pytest.param("1.250", "gbp", id="thousands, perhaps"),
        pytest.param("1.000", "jpy", id="thousands, perhaps, without decimals"),
        pytest.param("1.5", "jpy", id="decimals where there are none"),
        pytest.param("1.255", "kwd", id="third decimal not zero"),
        pytest.param("0.5", "isk", id="half a krona"),
        pytest.param("0", "gbp", id="nothing"),
    ],
)
def test_an_amount_that_is_not_one_is_refused(text: str, currency: str) -> None:
    """Nothing is guessed or rounded."""
    with pytest.raises(InvalidInput):
        parse_major(text, currency)


@given(st.sampled_from(CURRENCIES), st.integers(min_value=1, max_value=10**9))
def test_what_is_written_out_is_read_back(currency: str, steps: int) -> None:
    """The main unit and the minor unit are two ways to write one amount."""
    money = Money(steps * smallest_step(currency), currency)
    assert parse_major(f"{money.amount_major:,f}", currency) == money


@pytest.mark.parametrize(
    ("typed", "least", "most"),
    [
        ("245", 24_500, 24_500),
        ("100-250.50", 10_000, 25_050),
        ("1,000 \u2013 2,000", 100_000, 200_000),
        ("100 to 250", 10_000, 25_000),
        ("100-", 10_000, None),
        ("-250", None, 25_000),
        (">200", 20_001, None),
        ("> 1,000.50", 100_051, None),
        (">=200", 20_000, None),
        ("≥ 200", 20_000, None),
        ("<200", None, 19_999),
        ("<= 200", None, 20_000),
        ("≤200", None, 20_000),
    ],
)
def test_a_range_of_amounts(typed: str, least: int | None, most: int | None) -> None:
    """One amount, or two with a sign between them; either may be left out."""
    assert parse_range(typed, "gbp") == (least, most)


@pytest.mark.parametrize(
    "typed", ["", "-", "250-100", "much", "1-2-3", "100-x", ">", ">x", ">1-2", "><1"]
)
def test_what_is_no_range_is_refused(typed: str) -> None:
    """It finds nothing rather than something else."""
    with pytest.raises(InvalidInput):
        parse_range(typed, "gbp")


@pytest.mark.parametrize("text", [" ", "1 ", "- ", "to ", ">", "1,111"])
def test_no_text_holds_it_up(text: str) -> None:
    """A link may bring one as long as an address."""

    def read(typed: str) -> None:
        with pytest.raises(InvalidInput):
            parse_range(f"1{typed}", "gbp")

    assert costs_in_proportion(read, text)
