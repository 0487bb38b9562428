"""Card numbers and security codes are kept out of free text, and order references pass."""

import random
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardpay.domain.card_number_guard import (
    CardDataRefused,
    has_known_issuer,
    mask_card_numbers,
    passes_luhn,
    refuse_card_data,
)

# Stripe docs, "Test cards": one of each scheme and length.
TEST_CARDS = (
    "4242424242424242",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3056930009020004",
    "36227206271667",
    "3566002020360505",
    "6200000000000005",
    "6205500000000000004",
)

CARD_DATA = [
    pytest.param("4242424242424242", "•••• 4242", id="bare"),
    pytest.param("4242 4242 4242 4242", "•••• 4242", id="spaces"),
    pytest.param("4242.4242.4242.4242", "•••• 4242", id="dots"),
    pytest.param("4242-4242-4242-4242", "•••• 4242", id="dashes"),
    pytest.param("4242 – 4242 – 4242 – 4242", "•••• 4242", id="spaced dashes"),
    pytest.param("4242/4242/4242/4242", "•••• 4242", id="slashes"),
    pytest.param("4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2", "•••• 4242", id="digit by digit"),
    pytest.param("4242\n4242\r\n4242\n4242", "•••• 4242", id="split over lines"),
    pytest.param("4242\u200b4242\u200d4242\ufeff4242", "•••• 4242", id="zero-width characters"),
    pytest.param("４２４２４２４２４２４２４２４２", "•••• 4242", id="full-width digits"),
    pytest.param("٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", "•••• 4242", id="Arabic digits"),
    pytest.param("3782 822463 10005", "•••• 0005", id="American Express"),
    pytest.param("caller said 4242424242424242, exp 12/30", "caller said •••• 4242, exp 12/30",
                 id="inside a sentence"),
    pytest.param("order 12 4242 4242 4242 4242 12/30", "order 12 •••• 4242 12/30",
                 id="between other numbers"),
    pytest.param("card4242424242424242x", "card•••• 4242x", id="between letters"),
    pytest.param("4242424242424242123", "•••• 4242", id="code glued to it"),
    pytest.param("4242424242424242 or 5555555555554444", "•••• 4242 or •••• 4444", id="two"),
    pytest.param("4242----4242....4242 -- 4242", "•••• 4242", id="repeated signs"),
    pytest.param("4242 - - 4242 - - 4242 - - 4242", "•••• 4242", id="signs with spaces"),
    pytest.param("5555555555554444  22 -6 95 -3947 20", "•••• •••• 3947 20",
                 id="a number that the last four begin"),
    pytest.param("cvv 123", "cvv •••", id="cvv"),
    pytest.param("cvv is the 123", "cvv is the •••", id="cvv in a sentence"),
    pytest.param("cvv 12 3", "cvv •••", id="code in two groups"),
    pytest.param("CVC: 123", "CVC: •••", id="cvc"),
    pytest.param("cvc123", "cvc•••", id="cvc without a gap"),
    pytest.param("Security code 1234", "Security code •••", id="security code"),
    pytest.param("the security code is 1 2 3", "the security code is •••", id="spoken code"),
    pytest.param("CVV２: １２３", "CVV２: •••", id="code in full-width digits"),
    pytest.param("ＣＶＶ 123", "ＣＶＶ •••", id="code's name in full-width letters"),
    pytest.param("c.v.v. 123", "c.v.v. •••", id="code's name in single letters"),
    pytest.param("4242424242424242, cvv 123", "•••• 4242, cvv •••", id="code behind the number"),
    pytest.param("cvv 123 4242424242424242", "cvv ••• •••• 4242", id="code before the number"),
    pytest.param("123 is the cvv", "••• is the cvv", id="code before its name"),
    pytest.param("on 5 May 30569309025904", "on 5 May •••• 5904", id="short, behind words"),
    pytest.param("5 30569309025904", "5 •••• 5904", id="short, behind a number"),
    pytest.param("5 3056 930902 5904", "5 •••• 5904", id="short, in a card's groups"),
]  # fmt: skip

HARMLESS = [
    pytest.param("", id="empty"),
    pytest.param("ORD-2026-001234", id="order"),
    pytest.param("4242424242424241", id="wrong check digit"),
    pytest.param("1234567890123452", id="no scheme begins with 1"),
    pytest.param("424242424242", id="too short"),
    pytest.param("+49 1511 2345678", id="phone"),
    pytest.param("+4444444444444", id="phone that passes Luhn"),
    pytest.param("paid with •••• 4242", id="last four"),
    pytest.param("pi_3MtwBwLkdIwHu7ix28a3tqPa", id="PaymentIntent id"),
    pytest.param("security code was read out twice", id="words without a code"),
    pytest.param("cvv 12345", id="too long for a code"),
]

USUAL_REFERENCES: dict[str, Callable[[random.Random], str]] = {
    "prefixed": lambda r: f"ORD-2026-{r.randrange(10**6):06}",
    "ten digits": lambda r: f"{r.randrange(10**10):010}",
    "twelve digits": lambda r: f"{r.randrange(10**12):012}",
    "dated": lambda r: f"2026{r.randrange(101, 1229):04}-{r.randrange(10**6):06}",
    "three parts": lambda r: "-".join(f"{r.randrange(10**n):0{n}}" for n in (3, 7, 7)),
    "purchase order": lambda r: f"45{r.randrange(10**8):08}/{r.randrange(100) * 10:05}",
    "milliseconds": lambda r: f"17{r.randrange(10**11):011}",
    "uuid": lambda r: str(UUID(int=r.getrandbits(128))),
    "hexadecimal": lambda r: f"{r.getrandbits(64):016x}",
    "phone": lambda r: f"+49 15{r.randrange(10)} {r.randrange(10**8):08}",
}  # fmt: skip


@pytest.mark.parametrize(("text", "masked"), CARD_DATA)
def test_card_data_is_refused_without_an_echo(text: str, masked: str) -> None:
    """The refusal names the field and repeats no digit."""
    with pytest.raises(CardDataRefused) as refusal:
        refuse_card_data("Note", text)
    assert refusal.value.field == "Note"
    assert not any(character.isdigit() for character in refusal.value.sentence)


@pytest.mark.parametrize(("text", "masked"), CARD_DATA)
def test_card_data_from_elsewhere_is_masked(text: str, masked: str) -> None:
    """At most the last four digits stay, the words around them do, and twice is as once."""
    assert mask_card_numbers(text) == masked
    assert mask_card_numbers(masked) == masked


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_passes_unchanged(text: str) -> None:
    """What merely looks a little like card data is left alone."""
    refuse_card_data("Note", text)
    assert mask_card_numbers(text) == text


@pytest.mark.parametrize("number", TEST_CARDS)
def test_every_scheme_is_known(number: str) -> None:
    """Each scheme's test card is refused, bare and in groups of four."""
    assert has_known_issuer(number)
    assert passes_luhn(number)
    grouped = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    for text in (number, grouped):
        with pytest.raises(CardDataRefused):
            refuse_card_data("Note", text)


# What people put between the groups, or between all digits, of a number.
SEPARATORS = (
    "", " ", "  ", "\t", "\u00a0", "\u2009", ".", "-", "–", "—", "\u2011", "/", "\\", "_", ",",
    "|", "*", "·", "+", ":", ";", " - ", " / ", "\n", "\r\n", "\n    ", "\n\n", "\u200b", "\u200d",
    "\u2060", "\ufeff", "\u00ad", "--", "....", " -- ", " - - ", "\u202e", "\u3164", "\x00",
)  # fmt: skip
# Digits of other scripts, by their zero.
ZEROS = ("٠", "۰", "०", "০", "๐", "０", "𝟎", "𝟘")
AROUND = ("{}", "card {} exp 12/30", "note:{}.", "ref 7, then {}\nthanks", "<b>{}</b>", "a{}b")


def corpus() -> list[str]:
    """Each scheme's number in each form, on its own and inside longer text."""
    written = []
    for number in TEST_CARDS:
        groups = [number[at : at + 4] for at in range(0, len(number), 4)]
        written += [separator.join(groups) for separator in SEPARATORS]
        written += [separator.join(number) for separator in SEPARATORS]
        written += ["".join(chr(ord(zero) + int(digit)) for digit in number) for zero in ZEROS]
    return [text.format(each) for each in dict.fromkeys(written) for text in AROUND]


def test_a_corpus_of_written_numbers_is_refused() -> None:
    """Thousands of ways to write a card number, and not one gets by or leaves digits behind."""
    texts = corpus()
    assert len(texts) >= 500
    missed = [text for text in texts if mask_card_numbers(text) == text]
    assert missed == []
    shown = [
        text
        for text in texts
        if sum(character.isdigit() for character in mask_card_numbers(text))
        > 4 + sum(character.isdigit() for character in "ref 7 exp 12/30")
    ]
    assert shown == []


@given(
    number=st.sampled_from([card for card in TEST_CARDS if len(card) >= 15]),
    gaps=st.lists(st.sampled_from(["", " ", "-", ".", "/", "\n", "\u200b", " - "]), min_size=19),
    before=st.sampled_from(["", "card ", "x", "ref 7, then "]),
    after=st.sampled_from(["", " 12/30", "x", "\nthanks", ", cvv 123", " cvv"]),
)
def test_separators_hide_nothing(number: str, gaps: list[str], before: str, after: str) -> None:
    """Whatever stands between the digits and around the number, it is found."""
    written = number[0] + "".join(
        gap + digit for gap, digit in zip(gaps, number[1:], strict=False)
    )
    with pytest.raises(CardDataRefused):
        refuse_card_data("Note", before + written + after)
    masked = mask_card_numbers(before + written + after)
    assert written not in masked
    assert mask_card_numbers(masked) == masked


def test_order_references_of_usual_shapes_pass() -> None:
    """At most one in a thousand random references is taken for a card number."""
    chance = random.Random(20)
    shapes = list(USUAL_REFERENCES.values())
    references = [shapes[index % len(shapes)](chance) for index in range(10_000)]
    refused = [text for text in references if mask_card_numbers(text) != text]
    assert len(refused) <= 10
